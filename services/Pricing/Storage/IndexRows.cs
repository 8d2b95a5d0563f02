using ComputeExchange.Pricing.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Pricing.Storage;

/// <summary>A bid that is a block: a lease it buys counts as one trade at the average of its slots.</summary>
public sealed class BlockBidRow
{
    public long BidId { get; set; }
}

/// <summary>A slot of a lease, as it was sold.</summary>
public sealed class TradeRow
{
    public long LeaseId { get; set; }

    /// <summary>The slot's position in the lease.</summary>
    public int Part { get; set; }

    public long BidId { get; set; }

    public required string Market { get; set; }

    public Guid BuyerId { get; set; }

    public Guid ProviderId { get; set; }

    public long PriceMicros { get; set; }

    public long GpuMinutes { get; set; }

    /// <summary>When its delivery begins.</summary>
    public DateTimeOffset DeliveryTime { get; set; }

    /// <summary>When it was sold.</summary>
    public DateTimeOffset HappenedTime { get; set; }
}

/// <summary>The value of an index for one UTC day, as it was published.</summary>
public sealed class IndexValueRow
{
    public required string Index { get; set; }

    public DateOnly Day { get; set; }

    public bool Final { get; set; }

    public long ValueMicros { get; set; }

    public IndexGrade Grade { get; set; }

    public int TradeCount { get; set; }

    public long GpuMinutes { get; set; }

    /// <summary>The prices of the twelve partitions; null where nothing traded.</summary>
    public required long?[] PartitionPrices { get; set; }

    /// <summary>The leases with a price that was dropped as an outlier.</summary>
    public required long[] DroppedLeaseIds { get; set; }

    /// <summary>The version of the method.</summary>
    public int MethodVersion { get; set; }

    /// <summary>SHA-256 of all that the value was computed from.</summary>
    public required byte[] InputsHash { get; set; }

    public DateTimeOffset PublishedTime { get; set; }
}

internal sealed class BlockBidConfiguration : IEntityTypeConfiguration<BlockBidRow>
{
    public void Configure(EntityTypeBuilder<BlockBidRow> bid)
    {
        bid.ToTable("block_bids");
        bid.HasKey(b => b.BidId);
        bid.Property(b => b.BidId).HasColumnName("bid_id").ValueGeneratedNever();
    }
}

internal sealed class TradeConfiguration : IEntityTypeConfiguration<TradeRow>
{
    public void Configure(EntityTypeBuilder<TradeRow> trade)
    {
        trade.ToTable("trades");
        trade.HasKey(t => new { t.LeaseId, t.Part });
        trade.Property(t => t.LeaseId).HasColumnName("lease_id");
        trade.Property(t => t.Part).HasColumnName("part");
        trade.Property(t => t.BidId).HasColumnName("bid_id");
        trade.Property(t => t.Market).HasColumnName("market");
        trade.Property(t => t.BuyerId).HasColumnName("buyer_id");
        trade.Property(t => t.ProviderId).HasColumnName("provider_id");
        trade.Property(t => t.PriceMicros).HasColumnName("price_micros");
        trade.Property(t => t.GpuMinutes).HasColumnName("gpu_minutes");
        trade.Property(t => t.DeliveryTime).HasColumnName("delivery_time");
        trade.Property(t => t.HappenedTime).HasColumnName("happened_time");
        trade.HasIndex(t => new { t.Market, t.HappenedTime });
    }
}

internal sealed class IndexValueConfiguration : IEntityTypeConfiguration<IndexValueRow>
{
    public void Configure(EntityTypeBuilder<IndexValueRow> value)
    {
        value.ToTable("index_values");

        // A day is published once provisionally and once for good, whoever tries again.
        value.HasKey(v => new { v.Index, v.Day, v.Final });
        value.Property(v => v.Index).HasColumnName("index_name");
        value.Property(v => v.Day).HasColumnName("day");
        value.Property(v => v.Final).HasColumnName("final");
        value.Property(v => v.ValueMicros).HasColumnName("value_micros");
        value.Property(v => v.Grade).HasColumnName("grade");
        value.Property(v => v.TradeCount).HasColumnName("trade_count");
        value.Property(v => v.GpuMinutes).HasColumnName("gpu_minutes");
        value.Property(v => v.PartitionPrices).HasColumnName("partition_prices_micros");
        value.Property(v => v.DroppedLeaseIds).HasColumnName("dropped_lease_ids");
        value.Property(v => v.MethodVersion).HasColumnName("method_version");
        value.Property(v => v.InputsHash).HasColumnName("inputs_hash");
        value.Property(v => v.PublishedTime).HasColumnName("published_time");
        value.HasIndex(v => v.Day);
    }
}
