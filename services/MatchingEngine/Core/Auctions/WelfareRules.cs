using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>Rule 7, and the status that belongs to it.</summary>
static class WelfareRules
{
    public static void Check(AuctionSheet sheet, BreachList breaches)
    {
        var (welfare, bound, status) = (sheet.Solution.Welfare, sheet.Solution.Bound, sheet.Solution.Status);
        if (Sum(sheet) is { } sum && sum != welfare)
            Add(7, $"The welfare is stated as {welfare}; the fills come to {sum}.");
        if (welfare > bound) Add(7, $"The welfare {welfare} is above the bound {bound}.");

        var isEmpty = sheet.Fills.Count == 0;
        if (isEmpty && status != AuctionStatus.Empty) Add(0, $"The status is {status} though nothing is filled.");
        if (!isEmpty && status == AuctionStatus.Empty)
            Add(0, $"The status is empty though there are {sheet.Fills.Count} fills.");
        if (!Enum.IsDefined(status)) Add(0, $"The status {status} is unknown.");

        // The gap, (bound − welfare) / max(1, bound), without the division.
        if (status == AuctionStatus.Optimal && ((Int128)bound - welfare) * 10_000 > Math.Max(1, bound))
            Add(0, $"The status is optimal though the gap from {welfare} to {bound} is above 0.01%.");

        void Add(int rule, string sentence)
        {
            if (breaches.Takes(rule)) breaches.Add(rule, null, null, null, null, sentence);
        }
    }

    /// <summary>The welfare of all fills, in micro-dollars; null when a fill is where its offer is not.</summary>
    static Int128? Sum(AuctionSheet sheet)
    {
        Int128 sum = 0;
        foreach (var fill in sheet.Fills)
        {
            var (bid, offer) = (sheet.Problem.Bids[fill.Bid], sheet.Problem.Offers[fill.Offer]);
            if (fill.From < offer.From || fill.To > offer.To) return null;
            var surplus = bid.Limit * sheet.Minutes(fill.From, fill.To);
            for (var slot = fill.From; slot < fill.To; slot++)
                surplus -= offer.ReserveAt(slot) * sheet.Problem.MinutesOf(slot);
            sum += (Int128)surplus * fill.Gpus;
        }

        // Division rounds towards zero; below zero that is up.
        return sum >= 0 ? sum / 60 : -((-sum + 59) / 60);
    }
}
