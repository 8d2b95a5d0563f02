using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>A bid and what it bought so far.</summary>
public sealed class BidRow
{
    public long BidId { get; set; }

    public Guid BuyerId { get; set; }

    public BidKind Kind { get; set; }

    public required string[] Markets { get; set; }

    public int GpuCount { get; set; }

    public DateTimeOffset FromTime { get; set; }

    public DateTimeOffset ToTime { get; set; }

    public int RunSlotCount { get; set; }

    public long LimitMicros { get; set; }

    public long ReservedMicros { get; set; }

    public OrderState State { get; set; }

    /// <summary>GPUs bought in each slot of the window: what is still wanted is the rest.</summary>
    public required int[] FilledGpuCounts { get; set; }

    public long FilledGpuMinutes { get; set; }

    public long CostMicros { get; set; }

    public DateTimeOffset PlacedTime { get; set; }

    public DateTimeOffset? ClosedTime { get; set; }

    public CloseReason CloseReason { get; set; }
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
        bid.Property(b => b.LimitMicros).HasColumnName("limit_micros");
        bid.Property(b => b.ReservedMicros).HasColumnName("reserved_micros");
        bid.Property(b => b.State).HasColumnName("state");
        bid.Property(b => b.FilledGpuCounts).HasColumnName("filled_gpu_counts");
        bid.Property(b => b.FilledGpuMinutes).HasColumnName("filled_gpu_minutes");
        bid.Property(b => b.CostMicros).HasColumnName("cost_micros");
        bid.Property(b => b.PlacedTime).HasColumnName("placed_time");
        bid.Property(b => b.ClosedTime).HasColumnName("closed_time");
        bid.Property(b => b.CloseReason).HasColumnName("close_reason");

        // A buyer's list, and the open book.
        bid.HasIndex(b => new { b.BuyerId, b.BidId });
        bid.HasIndex(b => new { b.State, b.BidId });
    }
}
