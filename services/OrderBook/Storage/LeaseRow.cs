using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>Capacity that was sold: one trade.</summary>
public sealed class LeaseRow
{
    public long LeaseId { get; set; }

    public long RunId { get; set; }

    public long BidId { get; set; }

    public long OfferId { get; set; }

    public Guid BuyerId { get; set; }

    /// <summary>Its buyer bought of itself.</summary>
    public bool IsOwn { get; set; }

    public required string Market { get; set; }

    public int GpuCount { get; set; }

    public DateTimeOffset FromTime { get; set; }

    public DateTimeOffset ToTime { get; set; }

    public long GpuMinutes { get; set; }

    public long CostMicros { get; set; }

    public DateTimeOffset HappenedTime { get; set; }
}

internal sealed class LeaseConfiguration : IEntityTypeConfiguration<LeaseRow>
{
    public void Configure(EntityTypeBuilder<LeaseRow> lease)
    {
        lease.ToTable("leases");
        lease.HasKey(l => l.LeaseId);
        lease.Property(l => l.LeaseId).HasColumnName("lease_id").ValueGeneratedNever();
        lease.Property(l => l.RunId).HasColumnName("run_id");
        lease.Property(l => l.BidId).HasColumnName("bid_id");
        lease.Property(l => l.OfferId).HasColumnName("offer_id");
        lease.Property(l => l.BuyerId).HasColumnName("buyer_id");
        lease.Property(l => l.IsOwn).HasColumnName("is_own");
        lease.Property(l => l.Market).HasColumnName("market");
        lease.Property(l => l.GpuCount).HasColumnName("gpu_count");
        lease.Property(l => l.FromTime).HasColumnName("from_time");
        lease.Property(l => l.ToTime).HasColumnName("to_time");
        lease.Property(l => l.GpuMinutes).HasColumnName("gpu_minutes");
        lease.Property(l => l.CostMicros).HasColumnName("cost_micros");
        lease.Property(l => l.HappenedTime).HasColumnName("happened_time");

        // The trades of a bid, of a buyer, and of a market.
        lease.HasIndex(l => l.BidId);
        lease.HasIndex(l => new { l.BuyerId, l.LeaseId });
        lease.HasIndex(l => new { l.Market, l.LeaseId });
    }
}
