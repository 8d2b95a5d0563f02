using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures.Instruments;

/// <summary>The futures contracts as they trade, as far as the feed was read.</summary>
public sealed class ReadInstruments(OrderBookDb db)
{
    /// <summary>Every contract, by index.</summary>
    public async Task<ListInstrumentsResponse> List(CancellationToken cancel)
    {
        var rows = await db.Instruments.AsNoTracking().OrderBy(row => row.InstrumentIndex).ToListAsync(cancel);
        var held = await db.Positions.Where(row => row.LotCount > 0).GroupBy(row => row.InstrumentIndex)
            .Select(rows => new { Instrument = rows.Key, Lots = rows.Sum(row => row.LotCount) }).ToDictionaryAsync(row => row.Instrument, row => row.Lots, cancel);
        return new ListInstrumentsResponse { Instruments = { rows.Select(row => row.ToMessage(held.GetValueOrDefault(row.InstrumentIndex))) } };
    }
}

/// <summary>Futures contracts as messages.</summary>
public static class InstrumentMessages
{
    /// <summary>The contract as everyone may see it.</summary>
    /// <param name="openInterest">Lots of all long positions.</param>
    public static Instrument ToMessage(this InstrumentRow row, long openInterest) => new()
    {
        InstrumentIndex = row.InstrumentIndex,
        Terms = InstrumentTerms.Parser.ParseJson(row.Terms),
        Phase = row.Phase,
        PhaseUntilTime = row.PhaseUntilTime?.ToTimestamp(),
        ReferenceTicks = row.ReferenceTicks,
        LastPriceTicks = row.LastPriceTicks,
        IndicativePriceTicks = row.IndicativePriceTicks,
        IndicativeLotCount = row.IndicativeLotCount,
        SurplusLotCount = row.SurplusLotCount,
        OpenInterestLotCount = openInterest,
    };
}
