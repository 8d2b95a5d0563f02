using ComputeExchange.OrderBook.Storage;

namespace ComputeExchange.OrderBook.Futures.Feed;

/// <summary>What trades make of a position.</summary>
public static class PositionLife
{
    /// <summary>Buys, or with lots below 0 sells: first closes what is held the other way, at its mean entry, and then opens.</summary>
    public static void Trade(PositionRow position, int priceTicks, long lots)
    {
        Move(position, priceTicks, lots);
        if (lots > 0) position.BoughtLotCount += lots;
        else position.SoldLotCount -= lots;
    }

    /// <summary>Undoes a purchase, or with lots below 0 a sale: as the opposite trade at its price, that was never counted.</summary>
    public static void Undo(PositionRow position, int priceTicks, long lots)
    {
        Move(position, priceTicks, -lots);
        if (lots > 0) position.BoughtLotCount -= lots;
        else position.SoldLotCount += lots;
    }

    private static void Move(PositionRow position, int priceTicks, long lots)
    {
        var closing = Math.Sign(lots) == -Math.Sign(position.LotCount) ? Math.Sign(lots) * Math.Min(Math.Abs(lots), Math.Abs(position.LotCount)) : 0;
        if (closing != 0)
        {
            var entry = (long)((Int128)position.EntryTickLots * Math.Abs(closing) / Math.Abs(position.LotCount));
            position.ClosedGainTickLots -= (closing * priceTicks) + entry;
            position.EntryTickLots -= entry;
        }
        position.EntryTickLots += (lots - closing) * priceTicks;
        position.LotCount += lots;
    }
}
