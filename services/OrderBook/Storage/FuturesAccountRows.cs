using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>An account of the futures market: which index a participant's orders bear.</summary>
public sealed class FuturesAccountRow
{
    public int AccountIndex { get; set; }

    public Guid ParticipantId { get; set; }
}

/// <summary>What an account holds of an instrument.</summary>
public sealed class PositionRow
{
    public int AccountIndex { get; set; }

    public int InstrumentIndex { get; set; }

    /// <summary>Above 0 long, below 0 short.</summary>
    public long LotCount { get; set; }

    /// <summary>What the lots held were entered at, in ticks × lots; below 0 for a short position.</summary>
    public long EntryTickLots { get; set; }

    /// <summary>Gain of lots that were closed, in ticks × lots.</summary>
    public long ClosedGainTickLots { get; set; }

    public long BoughtLotCount { get; set; }

    public long SoldLotCount { get; set; }
}

internal sealed class FuturesAccountConfiguration : IEntityTypeConfiguration<FuturesAccountRow>
{
    public void Configure(EntityTypeBuilder<FuturesAccountRow> account)
    {
        account.ToTable("futures_accounts");
        account.HasKey(x => x.AccountIndex);
        account.Property(x => x.AccountIndex).HasColumnName("account_index").ValueGeneratedNever();
        account.Property(x => x.ParticipantId).HasColumnName("participant_id");

        account.HasIndex(x => x.ParticipantId).IsUnique();
    }
}

internal sealed class PositionConfiguration : IEntityTypeConfiguration<PositionRow>
{
    public void Configure(EntityTypeBuilder<PositionRow> position)
    {
        position.ToTable("futures_positions");
        position.HasKey(x => new { x.AccountIndex, x.InstrumentIndex });
        position.Property(x => x.AccountIndex).HasColumnName("account_index");
        position.Property(x => x.InstrumentIndex).HasColumnName("instrument_index");
        position.Property(x => x.LotCount).HasColumnName("lot_count");
        position.Property(x => x.EntryTickLots).HasColumnName("entry_tick_lots");
        position.Property(x => x.ClosedGainTickLots).HasColumnName("closed_gain_tick_lots");
        position.Property(x => x.BoughtLotCount).HasColumnName("bought_lot_count");
        position.Property(x => x.SoldLotCount).HasColumnName("sold_lot_count");
    }
}
