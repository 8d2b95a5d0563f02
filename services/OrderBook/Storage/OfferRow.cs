using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>An offer and what it sold so far.</summary>
public sealed class OfferRow
{
    public long OfferId { get; set; }

    public Guid ProviderId { get; set; }

    public Guid NodeId { get; set; }

    public required string Market { get; set; }

    public int GpuCount { get; set; }

    public DateTimeOffset FromTime { get; set; }

    public DateTimeOffset ToTime { get; set; }

    public long ReserveMicros { get; set; }

    public long PromptReserveMicros { get; set; }

    /// <summary>The reserve of each slot of the window, where they differ; empty: <see cref="ReserveMicros"/> for all.</summary>
    public long[] SlotReserveMicros { get; set; } = [];

    public int RunSlotCountMin { get; set; }

    /// <summary>Above 0: the lease of which the rest is offered, by its buyer.</summary>
    public long LeaseId { get; set; }

    /// <summary>It was listed by the provider's policy.</summary>
    public bool ByPolicy { get; set; }

    public OrderState State { get; set; }

    /// <summary>GPUs sold in each slot of the window: what is still for sale is the rest.</summary>
    public required int[] SoldGpuCounts { get; set; }

    public long SoldGpuMinutes { get; set; }

    public long ProceedsMicros { get; set; }

    public DateTimeOffset PlacedTime { get; set; }

    public DateTimeOffset? ClosedTime { get; set; }

    public CloseReason CloseReason { get; set; }
}

internal sealed class OfferConfiguration : IEntityTypeConfiguration<OfferRow>
{
    public void Configure(EntityTypeBuilder<OfferRow> offer)
    {
        offer.ToTable("offers");
        offer.HasKey(o => o.OfferId);
        offer.Property(o => o.OfferId).HasColumnName("offer_id").ValueGeneratedNever();
        offer.Property(o => o.ProviderId).HasColumnName("provider_id");
        offer.Property(o => o.NodeId).HasColumnName("node_id");
        offer.Property(o => o.Market).HasColumnName("market");
        offer.Property(o => o.GpuCount).HasColumnName("gpu_count");
        offer.Property(o => o.FromTime).HasColumnName("from_time");
        offer.Property(o => o.ToTime).HasColumnName("to_time");
        offer.Property(o => o.ReserveMicros).HasColumnName("reserve_micros");
        offer.Property(o => o.PromptReserveMicros).HasColumnName("prompt_reserve_micros");
        offer.Property(o => o.SlotReserveMicros).HasColumnName("slot_reserve_micros").HasDefaultValueSql("'{}'");
        offer.Property(o => o.LeaseId).HasColumnName("lease_id");
        offer.Property(o => o.ByPolicy).HasColumnName("by_policy").HasDefaultValue(false);
        offer.Property(o => o.RunSlotCountMin).HasColumnName("run_slot_count_min");
        offer.Property(o => o.State).HasColumnName("state");
        offer.Property(o => o.SoldGpuCounts).HasColumnName("sold_gpu_counts");
        offer.Property(o => o.SoldGpuMinutes).HasColumnName("sold_gpu_minutes");
        offer.Property(o => o.ProceedsMicros).HasColumnName("proceeds_micros");
        offer.Property(o => o.PlacedTime).HasColumnName("placed_time");
        offer.Property(o => o.ClosedTime).HasColumnName("closed_time");
        offer.Property(o => o.CloseReason).HasColumnName("close_reason");

        // A provider's list, and the open book.
        offer.HasIndex(o => new { o.ProviderId, o.OfferId });
        offer.HasIndex(o => new { o.State, o.OfferId });
    }
}
