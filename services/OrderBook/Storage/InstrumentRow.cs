using ComputeExchange.MatchingEngine.V1;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>A futures contract as it trades.</summary>
public sealed class InstrumentRow
{
    public int InstrumentIndex { get; set; }

    public required string Name { get; set; }

    /// <summary>What one tick of one lot is worth.</summary>
    public long TickValueMicros { get; set; }

    /// <summary>An <c>InstrumentTerms</c> message, in protobuf's JSON.</summary>
    public required string Terms { get; set; }

    public int ReferenceTicks { get; set; }

    public InstrumentPhase Phase { get; set; }

    /// <summary>When the phase ends by itself.</summary>
    public DateTimeOffset? PhaseUntilTime { get; set; }

    /// <summary>0 before the first trade.</summary>
    public int LastPriceTicks { get; set; }

    /// <summary>In a call auction: the price if it ended now; 0 when nothing would trade.</summary>
    public int IndicativePriceTicks { get; set; }

    public long IndicativeLotCount { get; set; }

    /// <summary>Above 0 on the buy side, below 0 on the sell side.</summary>
    public long SurplusLotCount { get; set; }
}

internal sealed class InstrumentConfiguration : IEntityTypeConfiguration<InstrumentRow>
{
    public void Configure(EntityTypeBuilder<InstrumentRow> instrument)
    {
        instrument.ToTable("instruments");
        instrument.HasKey(x => x.InstrumentIndex);
        instrument.Property(x => x.InstrumentIndex).HasColumnName("instrument_index").ValueGeneratedNever();
        instrument.Property(x => x.Name).HasColumnName("name");
        instrument.Property(x => x.TickValueMicros).HasColumnName("tick_value_micros");
        instrument.Property(x => x.Terms).HasColumnName("terms").HasColumnType("jsonb");
        instrument.Property(x => x.ReferenceTicks).HasColumnName("reference_ticks");
        instrument.Property(x => x.Phase).HasColumnName("phase");
        instrument.Property(x => x.PhaseUntilTime).HasColumnName("phase_until_time");
        instrument.Property(x => x.LastPriceTicks).HasColumnName("last_price_ticks");
        instrument.Property(x => x.IndicativePriceTicks).HasColumnName("indicative_price_ticks");
        instrument.Property(x => x.IndicativeLotCount).HasColumnName("indicative_lot_count");
        instrument.Property(x => x.SurplusLotCount).HasColumnName("surplus_lot_count");

        instrument.HasIndex(x => x.Name).IsUnique();
    }
}
