using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>The parameters of the market rules as the feed told them last.</summary>
public sealed class SettingsRow
{
    /// <summary>There is one row.</summary>
    public const int OnlyId = 1;

    /// <summary>What holds before an operator set anything, which the feed does not tell: the rulebook's defaults, section 8.1.</summary>
    public static readonly ChangeSettings Untold = new()
    {
        SlotMinutes = 60,
        HorizonSlotCount = 72,
        GateMinutes = 10,
        RunIntervalSeconds = 60,
        BuyerFeePpm = 1_500,
        SellerFeePpm = 1_500,
        BondPpm = 200_000,
        LeastBondMicrosPerGpuHour = 50_000,
        TickMicros = 1_000,
        HighestPriceMicrosPerGpuHour = 50_000_000,
        BidGpuCountMax = 4_096,
        OpenBidCountMax = 1_000,
        PromptMinutesMin = 5,
        SolverNodeCountMax = 20_000,
        SolveAgainSeconds = 20,
        SolveAttemptCountMax = 5,
        OpenBlockCountMax = 50,
        ClusterGateMinutes = 30,
        StandingSlotCount = 2,
    };

    public int Id { get; set; } = OnlyId;

    /// <summary>A <c>ChangeSettings</c> message, in protobuf's JSON.</summary>
    public required string Body { get; set; }

    /// <summary>All of them, as they are told.</summary>
    public ChangeSettings ToMessage() => Whole(ChangeSettings.Parser.ParseJson(Body));

    /// <summary>Settings that are told only where they differ from their default, said.</summary>
    public static ChangeSettings Whole(ChangeSettings told)
    {
        told = told.Clone();
        if (told.OpenBlockCountMax == 0) told.OpenBlockCountMax = Untold.OpenBlockCountMax;
        if (told.ClusterGateMinutes == 0) told.ClusterGateMinutes = Untold.ClusterGateMinutes;
        if (told.StandingSlotCount == 0) told.StandingSlotCount = Untold.StandingSlotCount;
        return told;
    }

    /// <summary>Those that the edge decides with.</summary>
    public static MarketSettings ToDomain(ChangeSettings all) => new(
        new SlotGrid(all.SlotMinutes),
        all.GateMinutes,
        all.PromptMinutesMin,
        all.BuyerFeePpm,
        new PriceRange(all.TickMicros, all.HighestPriceMicrosPerGpuHour),
        all.BidGpuCountMax,
        all.StandingSlotCount == 0 ? Untold.StandingSlotCount : all.StandingSlotCount,
        all.ClusterGateMinutes == 0 ? Untold.ClusterGateMinutes : all.ClusterGateMinutes);

    /// <summary>The message as the row keeps it.</summary>
    public static string Format(ChangeSettings settings) => JsonFormatter.Default.Format(settings);
}

/// <summary>A market.</summary>
public sealed class MarketRow
{
    public required string Market { get; set; }

    public MarketState State { get; set; }
}

internal sealed class SettingsConfiguration : IEntityTypeConfiguration<SettingsRow>
{
    public void Configure(EntityTypeBuilder<SettingsRow> settings)
    {
        settings.ToTable("settings");
        settings.HasKey(s => s.Id);
        settings.Property(s => s.Id).HasColumnName("id").ValueGeneratedNever();
        settings.Property(s => s.Body).HasColumnName("body").HasColumnType("jsonb");
    }
}

internal sealed class MarketConfiguration : IEntityTypeConfiguration<MarketRow>
{
    public void Configure(EntityTypeBuilder<MarketRow> market)
    {
        market.ToTable("markets");
        market.HasKey(m => m.Market);
        market.Property(m => m.Market).HasColumnName("market");
        market.Property(m => m.State).HasColumnName("state");
    }
}
