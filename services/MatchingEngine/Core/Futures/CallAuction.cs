namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>Lots wanted or offered at one price.</summary>
/// <param name="Price">Ticks; for market orders the end of the range that trades with everything (highest for buys, lowest for sells).</param>
/// <param name="Lots">Above 0.</param>
public readonly record struct AuctionLevel(int Price, long Lots);

/// <summary>The outcome of a call auction.</summary>
/// <param name="Price">The one price, in ticks.</param>
/// <param name="Volume">Lots that trade.</param>
/// <param name="Surplus">Lots left over at the price: above 0 on the buy side, below 0 on the sell side.</param>
public readonly record struct AuctionPrice(int Price, long Volume, long Surplus);

/// <summary>
/// The price of a call auction: the largest volume, then the smallest surplus, then the side under pressure, then the price nearest the
/// reference (the Xetra ladder, rulebook section 2).
/// </summary>
public static class CallAuction
{
    /// <summary>The price of buy orders at market.</summary>
    public const int MarketBuy = int.MaxValue;

    /// <summary>The price of sell orders at market.</summary>
    public const int MarketSell = int.MinValue;

    /// <summary>The auction's outcome; null when nothing trades.</summary>
    /// <param name="buys">In any order; prices may repeat.</param>
    /// <param name="sells">In any order; prices may repeat.</param>
    /// <param name="reference">The reference price in ticks; it is a candidate beside all limits.</param>
    public static AuctionPrice? Of(IReadOnlyCollection<AuctionLevel> buys, IReadOnlyCollection<AuctionLevel> sells, int reference)
    {
        var limits = buys.Concat(sells).Select(level => level.Price).Where(price => price is not (MarketBuy or MarketSell));
        var candidates = new SortedSet<int>(limits) { reference };
        var best = new List<AuctionPrice>();
        foreach (var candidate in Outcomes(buys, sells, candidates))
        {
            var better = best.Count == 0 ? 1 : Compare(candidate, best[0]);
            if (better > 0) best.Clear();
            if (better >= 0) best.Add(candidate);
        }
        if (best[0].Volume == 0) return null;

        // All the pressure on one side: the price goes as far as that side lets it. Else it goes as near the reference as it can.
        if (best.TrueForAll(outcome => outcome.Surplus > 0)) return best[^1];
        if (best.TrueForAll(outcome => outcome.Surplus < 0)) return best[0];
        var lowest = best[0];
        var highest = best[^1];
        if (best[0].Surplus > 0)
        {
            lowest = best.Last(outcome => outcome.Surplus > 0);
            highest = best.First(outcome => outcome.Surplus < 0);
        }
        var price = Math.Clamp(reference, lowest.Price, highest.Price);
        return Outcomes(buys, sells, [price]).Single();
    }

    private static int Compare(AuctionPrice one, AuctionPrice other) =>
        one.Volume != other.Volume ? one.Volume.CompareTo(other.Volume) : Math.Abs(other.Surplus).CompareTo(Math.Abs(one.Surplus));

    /// <summary>What would trade at each price, in rising order.</summary>
    private static IEnumerable<AuctionPrice> Outcomes(IReadOnlyCollection<AuctionLevel> buys, IReadOnlyCollection<AuctionLevel> sells, SortedSet<int> prices)
    {
        var rising = sells.OrderBy(level => level.Price).ToList();
        var leaving = buys.OrderBy(level => level.Price).ToList();
        var wanted = buys.Sum(level => level.Lots);
        var offered = 0L;
        var (nextSell, nextBuy) = (0, 0);
        foreach (var price in prices)
        {
            while (nextSell < rising.Count && rising[nextSell].Price <= price) offered += rising[nextSell++].Lots;
            while (nextBuy < leaving.Count && leaving[nextBuy].Price < price) wanted -= leaving[nextBuy++].Lots;
            yield return new AuctionPrice(price, Math.Min(wanted, offered), wanted - offered);
        }
    }
}
