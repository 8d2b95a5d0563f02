using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Pricing.Storage;

/// <summary>A market.</summary>
public sealed class MarketRow
{
    public required string Market { get; set; }
}

/// <summary>The uniform price of one market and slot in one run.</summary>
public sealed class SpotPriceRow
{
    public required string Market { get; set; }

    public DateTimeOffset SlotTime { get; set; }

    public long RunId { get; set; }

    public DateTimeOffset ClearedTime { get; set; }

    public long PriceMicros { get; set; }

    /// <summary>GPUs sold in this run.</summary>
    public int GpuCount { get; set; }

    /// <summary>The minutes of the slot that were sold.</summary>
    public int MinuteCount { get; set; }
}

internal sealed class MarketConfiguration : IEntityTypeConfiguration<MarketRow>
{
    public void Configure(EntityTypeBuilder<MarketRow> market)
    {
        market.ToTable("markets");
        market.HasKey(m => m.Market);
        market.Property(m => m.Market).HasColumnName("market");
    }
}

internal sealed class SpotPriceConfiguration : IEntityTypeConfiguration<SpotPriceRow>
{
    public void Configure(EntityTypeBuilder<SpotPriceRow> price)
    {
        price.ToTable("spot_prices");

        // Also the order in which they are listed.
        price.HasKey(p => new { p.Market, p.SlotTime, p.RunId });
        price.Property(p => p.Market).HasColumnName("market");
        price.Property(p => p.SlotTime).HasColumnName("slot_time");
        price.Property(p => p.RunId).HasColumnName("run_id");
        price.Property(p => p.ClearedTime).HasColumnName("cleared_time");
        price.Property(p => p.PriceMicros).HasColumnName("price_micros");
        price.Property(p => p.GpuCount).HasColumnName("gpu_count");
        price.Property(p => p.MinuteCount).HasColumnName("minute_count");

        // The last auction of a day.
        price.HasIndex(p => new { p.Market, p.ClearedTime });
    }
}
