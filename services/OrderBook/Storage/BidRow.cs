using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>A bid and what it bought so far.</summary>
public sealed class BidRow
{
    /// <summary>The end of a window that has none.</summary>
    public static readonly DateTimeOffset NoEnd = DateTimeOffset.MaxValue;

    public long BidId { get; set; }

    public Guid BuyerId { get; set; }

    public BidKind Kind { get; set; }

    public required string[] Markets { get; set; }

    public int GpuCount { get; set; }

    public DateTimeOffset FromTime { get; set; }

    /// <summary>The end of the window; <see cref="NoEnd"/> for a standing bid without one.</summary>
    public DateTimeOffset ToTime { get; set; }

    public int RunSlotCount { get; set; }

    /// <summary>The slots a block may start with, where they are named; empty: all that fit.</summary>
    public DateTimeOffset[] StartTimes { get; set; } = [];

    /// <summary>The least share of a block that may be filled, per mille; 0 for any other bid.</summary>
    public int MinFillPerMille { get; set; }

    public int NodeGpuCount { get; set; }

    public long ParentBidId { get; set; }

    public string GroupName { get; set; } = "";

    /// <summary>What every node that serves a block must be, as a filter; empty: any node.</summary>
    public string Where { get; set; } = "";

    public long LimitMicros { get; set; }

    public long ReservedMicros { get; set; }

    public OrderState State { get; set; }

    /// <summary>GPUs bought in each slot of the window: what is still wanted is the rest. Empty for a standing bid, which has no such window.</summary>
    public required int[] FilledGpuCounts { get; set; }

    public long FilledGpuMinutes { get; set; }

    public long CostMicros { get; set; }

    public DateTimeOffset PlacedTime { get; set; }

    public DateTimeOffset? ClosedTime { get; set; }

    public CloseReason CloseReason { get; set; }

    /// <summary>Where a standing bid is on its way; unspecified for any other.</summary>
    public StandingState StandingState { get; set; }

    /// <summary>The end of the last slot that a standing bid bought.</summary>
    public DateTimeOffset? HeldUntilTime { get; set; }

    public int HeldGpuCount { get; set; }

    public InterruptionReason InterruptionReason { get; set; }

    public long? InterruptionPriceMicros { get; set; }

    /// <summary>A standing bid bought GPUs in a slot that ends then.</summary>
    public void Hold(int gpus, DateTimeOffset until)
    {
        if (HeldUntilTime is { } held && until < held) return;
        HeldGpuCount = until == HeldUntilTime ? HeldGpuCount + gpus : gpus;
        HeldUntilTime = until;
        if (StandingState == StandingState.Waiting) StandingState = StandingState.Running;
    }

    /// <summary>The minimum fill that a bid means.</summary>
    public static int MinFillOf(PlaceBid bid) => bid.Kind != BidKind.Block ? 0 : bid.MinFillPerMille == 0 ? 1_000 : bid.MinFillPerMille;
}

internal sealed class BidConfiguration : IEntityTypeConfiguration<BidRow>
{
    public void Configure(EntityTypeBuilder<BidRow> bid)
    {
        bid.ToTable("bids");
        bid.HasKey(b => b.BidId);
        bid.Property(b => b.BidId).HasColumnName("bid_id").ValueGeneratedNever();
        bid.Property(b => b.BuyerId).HasColumnName("buyer_id");
        bid.Property(b => b.Kind).HasColumnName("kind");
        bid.Property(b => b.Markets).HasColumnName("markets");
        bid.Property(b => b.GpuCount).HasColumnName("gpu_count");
        bid.Property(b => b.FromTime).HasColumnName("from_time");
        bid.Property(b => b.ToTime).HasColumnName("to_time");
        bid.Property(b => b.RunSlotCount).HasColumnName("run_slot_count");
        bid.Property(b => b.StartTimes).HasColumnName("start_times").HasDefaultValueSql("'{}'");
        bid.Property(b => b.MinFillPerMille).HasColumnName("min_fill_per_mille");
        bid.Property(b => b.NodeGpuCount).HasColumnName("node_gpu_count");
        bid.Property(b => b.ParentBidId).HasColumnName("parent_bid_id");
        bid.Property(b => b.GroupName).HasColumnName("group_name").HasDefaultValue("");
        bid.Property(b => b.Where).HasColumnName("where_filter").HasDefaultValue("");
        bid.Property(b => b.LimitMicros).HasColumnName("limit_micros");
        bid.Property(b => b.ReservedMicros).HasColumnName("reserved_micros");
        bid.Property(b => b.State).HasColumnName("state");
        bid.Property(b => b.FilledGpuCounts).HasColumnName("filled_gpu_counts");
        bid.Property(b => b.FilledGpuMinutes).HasColumnName("filled_gpu_minutes");
        bid.Property(b => b.CostMicros).HasColumnName("cost_micros");
        bid.Property(b => b.PlacedTime).HasColumnName("placed_time");
        bid.Property(b => b.ClosedTime).HasColumnName("closed_time");
        bid.Property(b => b.CloseReason).HasColumnName("close_reason");
        bid.Property(b => b.StandingState).HasColumnName("standing_state");
        bid.Property(b => b.HeldUntilTime).HasColumnName("held_until_time");
        bid.Property(b => b.HeldGpuCount).HasColumnName("held_gpu_count");
        bid.Property(b => b.InterruptionReason).HasColumnName("interruption_reason");
        bid.Property(b => b.InterruptionPriceMicros).HasColumnName("interruption_price_micros");

        // A buyer's list, and the open book.
        bid.HasIndex(b => new { b.BuyerId, b.BidId });
        bid.HasIndex(b => new { b.State, b.BidId });
    }
}
