using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>A futures order and what became of it.</summary>
public sealed class FuturesOrderRow
{
    public long OrderId { get; set; }

    public int AccountIndex { get; set; }

    public int InstrumentIndex { get; set; }

    public long ClientOrderId { get; set; }

    public OrderSide Side { get; set; }

    public OrderType Type { get; set; }

    public TimeInForce TimeInForce { get; set; }

    /// <summary>The records' flags: post-only 1, reduce-only 2, cancel on disconnect 4.</summary>
    public short Flags { get; set; }

    public SelfTradeRule SelfTradeRule { get; set; }

    /// <summary>The worst price as it is now.</summary>
    public int PriceTicks { get; set; }

    /// <summary>0 for none.</summary>
    public int StopPriceTicks { get; set; }

    /// <summary>Lots that an iceberg shows; 0 for all.</summary>
    public long PeakLotCount { get; set; }

    /// <summary>Seconds since 1970; 0 for none.</summary>
    public long ExpirySeconds { get; set; }

    /// <summary>Lots as they were first asked for.</summary>
    public long PlacedLotCount { get; set; }

    /// <summary>Whether price or quantity were ever changed by its owner.</summary>
    public bool Replaced { get; set; }

    public long OpenLotCount { get; set; }

    /// <summary>What of the open lots the book shows; 0 while a stop order waits.</summary>
    public long ShownLotCount { get; set; }

    public long FilledLotCount { get; set; }

    /// <summary>What was filled, in ticks × lots.</summary>
    public long FilledTickLots { get; set; }

    public FuturesOrderState State { get; set; }

    public OrderCancelReason CancelReason { get; set; }

    public DateTimeOffset PlacedTime { get; set; }

    public DateTimeOffset ChangedTime { get; set; }
}

internal sealed class FuturesOrderConfiguration : IEntityTypeConfiguration<FuturesOrderRow>
{
    public void Configure(EntityTypeBuilder<FuturesOrderRow> order)
    {
        order.ToTable("futures_orders");
        order.HasKey(x => x.OrderId);
        order.Property(x => x.OrderId).HasColumnName("order_id").ValueGeneratedNever();
        order.Property(x => x.AccountIndex).HasColumnName("account_index");
        order.Property(x => x.InstrumentIndex).HasColumnName("instrument_index");
        order.Property(x => x.ClientOrderId).HasColumnName("client_order_id");
        order.Property(x => x.Side).HasColumnName("side");
        order.Property(x => x.Type).HasColumnName("type");
        order.Property(x => x.TimeInForce).HasColumnName("time_in_force");
        order.Property(x => x.Flags).HasColumnName("flags");
        order.Property(x => x.SelfTradeRule).HasColumnName("self_trade_rule");
        order.Property(x => x.PriceTicks).HasColumnName("price_ticks");
        order.Property(x => x.StopPriceTicks).HasColumnName("stop_price_ticks");
        order.Property(x => x.PeakLotCount).HasColumnName("peak_lot_count");
        order.Property(x => x.ExpirySeconds).HasColumnName("expiry_seconds");
        order.Property(x => x.PlacedLotCount).HasColumnName("placed_lot_count");
        order.Property(x => x.Replaced).HasColumnName("replaced");
        order.Property(x => x.OpenLotCount).HasColumnName("open_lot_count");
        order.Property(x => x.ShownLotCount).HasColumnName("shown_lot_count");
        order.Property(x => x.FilledLotCount).HasColumnName("filled_lot_count");
        order.Property(x => x.FilledTickLots).HasColumnName("filled_tick_lots");
        order.Property(x => x.State).HasColumnName("state");
        order.Property(x => x.CancelReason).HasColumnName("cancel_reason");
        order.Property(x => x.PlacedTime).HasColumnName("placed_time");
        order.Property(x => x.ChangedTime).HasColumnName("changed_time");

        // An account's list; its own numbers; and the open book.
        order.HasIndex(x => new { x.AccountIndex, x.OrderId });
        order.HasIndex(x => new { x.AccountIndex, x.ClientOrderId }).IsUnique();
        order.HasIndex(x => new { x.InstrumentIndex, x.Side, x.PriceTicks }).HasFilter("state = 1").HasDatabaseName("futures_orders_book");
        order.HasIndex(x => new { x.AccountIndex, x.State }).HasFilter("state IN (1, 2)").HasDatabaseName("futures_orders_open");
    }
}
