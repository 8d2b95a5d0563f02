using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>What became of a request that placed no order: a replace, or a place that was refused. Those that placed one are in its row.</summary>
public sealed class OrderOutcomeRow
{
    public int AccountIndex { get; set; }

    public long ClientOrderId { get; set; }

    /// <summary>A replace; else a place that was refused.</summary>
    public bool IsReplace { get; set; }

    /// <summary>The order meant; 0 for a place.</summary>
    public long OrderId { get; set; }

    public long LotCount { get; set; }

    public int PriceTicks { get; set; }

    /// <summary>Unspecified when it was done.</summary>
    public OrderRejectReason RejectReason { get; set; }

    public long OffendingValue { get; set; }

    public bool KeptPlace { get; set; }
}

/// <summary>How far the futures market was read.</summary>
public sealed class OrdersReadRow
{
    /// <summary>There is one row.</summary>
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    /// <summary>The journal's number of the last command whose orders are in these tables.</summary>
    public long Sequence { get; set; }
}

internal sealed class OrderOutcomeConfiguration : IEntityTypeConfiguration<OrderOutcomeRow>
{
    public void Configure(EntityTypeBuilder<OrderOutcomeRow> outcome)
    {
        outcome.ToTable("order_outcomes");
        outcome.HasKey(x => new { x.AccountIndex, x.ClientOrderId });
        outcome.Property(x => x.AccountIndex).HasColumnName("account_index");
        outcome.Property(x => x.ClientOrderId).HasColumnName("client_order_id");
        outcome.Property(x => x.IsReplace).HasColumnName("is_replace");
        outcome.Property(x => x.OrderId).HasColumnName("order_id");
        outcome.Property(x => x.LotCount).HasColumnName("lot_count");
        outcome.Property(x => x.PriceTicks).HasColumnName("price_ticks");
        outcome.Property(x => x.RejectReason).HasColumnName("reject_reason");
        outcome.Property(x => x.OffendingValue).HasColumnName("offending_value");
        outcome.Property(x => x.KeptPlace).HasColumnName("kept_place");
    }
}

internal sealed class OrdersReadConfiguration : IEntityTypeConfiguration<OrdersReadRow>
{
    public void Configure(EntityTypeBuilder<OrdersReadRow> read)
    {
        read.ToTable("orders_read");
        read.HasKey(x => x.Id);
        read.Property(x => x.Id).HasColumnName("id").ValueGeneratedNever();
        read.Property(x => x.Sequence).HasColumnName("sequence");
    }
}
