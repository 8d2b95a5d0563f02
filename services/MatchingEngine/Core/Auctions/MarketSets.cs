using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>By slot, the lowest price and unsold reserve over a bid's markets; found once for each set.</summary>
sealed class MarketSets(AuctionSheet sheet)
{
    /// <summary>Sets are kept as the bits of 64 markets, and only so many numbers of them.</summary>
    const long MostKept = 4_000_000;

    readonly Dictionary<ulong, (long[] Lowest, long[] Unsold)> _kept = [];
    readonly long[] _lowest = new long[sheet.Problem.Slots];
    readonly long[] _unsold = new long[sheet.Problem.Slots];

    /// <summary>The two rows, good until the next call.</summary>
    public (long[] Lowest, long[] Unsold) Of(AuctionBid bid)
    {
        if (bid.Markets.Count == 1) return (sheet.Price[bid.Markets[0]], sheet.UnsoldReserve[bid.Markets[0]]);
        if (sheet.Problem.Markets.Count <= 64)
        {
            ulong set = 0;
            foreach (var market in bid.Markets) set |= 1UL << market;
            if (_kept.TryGetValue(set, out var kept)) return kept;
            if ((_kept.Count + 1L) * 2 * sheet.Problem.Slots <= MostKept)
            {
                var rows = (new long[_lowest.Length], new long[_unsold.Length]);
                Fill(bid, rows.Item1, rows.Item2);
                _kept.Add(set, rows);
                return rows;
            }
        }

        Fill(bid, _lowest, _unsold);
        return (_lowest, _unsold);
    }

    void Fill(AuctionBid bid, long[] lowest, long[] unsold)
    {
        Array.Fill(lowest, AuctionSheet.None);
        Array.Fill(unsold, AuctionSheet.None);
        foreach (var market in bid.Markets)
        {
            var (prices, reserves) = (sheet.Price[market], sheet.UnsoldReserve[market]);
            for (var slot = 0; slot < lowest.Length; slot++)
            {
                lowest[slot] = Math.Min(lowest[slot], prices[slot]);
                unsold[slot] = Math.Min(unsold[slot], reserves[slot]);
            }
        }
    }
}
