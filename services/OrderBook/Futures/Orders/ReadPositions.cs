using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures.Orders;

/// <summary>Positions with what they gained or lost: a trader's own; operators and auditors see everyone's.</summary>
public sealed class ReadPositions(OrderBookDb db)
{
    /// <summary>Positions by participant and instrument.</summary>
    public async Task<ListPositionsResponse> List(ListPositionsRequest request, Caller caller, CancellationToken cancel)
    {
        var positions =
            from position in db.Positions.AsNoTracking()
            join account in db.Accounts on position.AccountIndex equals account.AccountIndex
            join instrument in db.Instruments on position.InstrumentIndex equals instrument.InstrumentIndex
            select new { Position = position, account.ParticipantId, Instrument = instrument };
        if (!caller.SeesAll)
        {
            var own = caller.Participant;
            positions = positions.Where(row => row.ParticipantId == own);
        }
        if (request.Instrument.Length > 0) positions = positions.Where(row => row.Instrument.Name == request.Instrument);
        var rows = await positions.OrderBy(row => row.Position.AccountIndex).ThenBy(row => row.Position.InstrumentIndex).ToListAsync(cancel);
        return new ListPositionsResponse { Positions = { rows.Select(row => ToMessage(row.Position, row.ParticipantId, row.Instrument)) } };
    }

    private static FuturesPosition ToMessage(PositionRow position, Guid participant, InstrumentRow instrument)
    {
        var tick = instrument.TickValueMicros;
        var mark = instrument.LastPriceTicks == 0 ? instrument.ReferenceTicks : instrument.LastPriceTicks;
        return new FuturesPosition
        {
            ParticipantId = participant.ToString(),
            Instrument = instrument.Name,
            LotCount = position.LotCount,
            EntryPriceMicrosPerLot = position.LotCount == 0 ? 0 : Nearest((Int128)position.EntryTickLots * tick, position.LotCount),
            MarkPriceMicrosPerLot = mark * tick,
            OpenGainMicros = ((position.LotCount * mark) - position.EntryTickLots) * tick,
            ClosedGainMicros = position.ClosedGainTickLots * tick,
            BoughtLotCount = position.BoughtLotCount,
            SoldLotCount = position.SoldLotCount,
        };
    }

    /// <summary>A quotient above 0, rounded to the nearest; for people, no money is made from it.</summary>
    private static long Nearest(Int128 total, long count) => (long)((Int128.Abs(total) + (Math.Abs(count) / 2)) / Math.Abs(count));
}
