using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Markets that some block, group or parent couples, with the offers and bids in them: solved apart from all others.</summary>
/// <param name="Markets">Positions in the problem, ascending; so are the offers and bids.</param>
internal sealed record Component(int[] Markets, int[] Offers, int[] Bids)
{
    /// <summary>Splits a problem; the smallest component comes first, so that what it leaves of the budget serves the others.</summary>
    public static List<Component> Of(AuctionProblem problem)
    {
        var parent = Enumerable.Range(0, problem.Markets.Count).ToArray();
        int Root(int market)
        {
            while (parent[market] != market) market = parent[market] = parent[parent[market]];
            return market;
        }

        void Join(int left, int right) => parent[Math.Max(Root(left), Root(right))] = Math.Min(Root(left), Root(right));

        var marketOf = new Dictionary<string, int>(StringComparer.Ordinal);
        var marketOfGroup = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var bid in problem.Bids)
        {
            marketOf[bid.Id] = bid.Markets[0];
            foreach (var market in bid.Markets) Join(bid.Markets[0], market);
            if (bid.Group is null) continue;
            if (!marketOfGroup.TryAdd(bid.Group, bid.Markets[0])) Join(marketOfGroup[bid.Group], bid.Markets[0]);
        }

        foreach (var bid in problem.Bids)
            if (bid.Parent is not null && marketOf.TryGetValue(bid.Parent, out var market)) Join(market, bid.Markets[0]);

        var offers = Enumerable.Range(0, problem.Offers.Count).ToLookup(o => Root(problem.Offers[o].Market));
        var bids = Enumerable.Range(0, problem.Bids.Count).ToLookup(b => Root(problem.Bids[b].Markets[0]));
        return [.. Enumerable.Range(0, problem.Markets.Count).GroupBy(Root)
            .Select(markets => new Component([.. markets], [.. offers[markets.Key]], [.. bids[markets.Key]]))
            .OrderBy(component => component.Bids.Count(b => problem.Bids[b].Kind == BidKind.Block))
            .ThenBy(component => component.Markets[0])];
    }
}
