using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Clears an auction: the most welfare that the rules of the format "auction problem", version 1, allow.</summary>
/// <remarks>
/// Every answer keeps all of the format's rules exactly, whatever the budget, and its bound is proven. Same problem, nodes and
/// seed, same answer, unless a deadline cuts it short. Method: docs/decisions/0012-the-auction-solver.md.
/// </remarks>
public static class AuctionSolver
{
    /// <summary>Solves a problem within a budget.</summary>
    public static AuctionSolution Solve(AuctionProblem problem, SolverBudget budget)
    {
        var clock = budget.Clock ?? (budget.Deadline is null ? null : TimeProvider.System);
        var began = clock?.GetTimestamp() ?? 0;
        var until = budget.Deadline is { } deadline ? began + (long)(deadline.TotalSeconds * clock!.TimestampFrequency) : long.MaxValue;
        var allowance = new Allowance(budget.MaxNodes, clock, until);

        var searches = new List<ComponentSearch>();
        foreach (var component in Component.Of(problem))
        {
            var start = budget.StartPrices is { } known ? component.Markets.Select(market => known[market].ToArray()).ToArray() : null;
            searches.Add(new ComponentSearch(new Model(problem, component), budget.Seed + (ulong)searches.Count, Tell, start));
        }

        Tell();
        Search(searches, allowance, Tell);
        return Answer(problem, searches, allowance) with
        {
            Seconds = clock is null ? 0 : Math.Round((decimal)clock.GetElapsedTime(began).TotalSeconds, 3),
        };

        void Tell()
        {
            if (budget.Progress is not { } progress) return;
            Int128 welfare = 0, bound = 0;
            foreach (var search in searches) (welfare, bound) = (welfare + search.Incumbent.Welfare, bound + search.Bound);
            progress(new SolverProgress((long)(welfare / 60), (long)(bound / 60)));
        }
    }

    /// <summary>Every component gets its part of half of the budget, the smallest first; then the rest goes where something is open.</summary>
    static void Search(List<ComponentSearch> searches, Allowance allowance, Action tell)
    {
        for (var pass = 0; pass < 3 && !allowance.Exhausted; pass++)
        {
            var open = searches.Where(search => !search.IsFinished).ToList();
            for (var k = 0; k < open.Count; k++)
            {
                long own = open[k].Size, ahead = open.Skip(k).Sum(search => (long)search.Size) * (pass == 0 && open.Count > 1 ? 2 : 1);
                var given = (long)((Int128)allowance.Left * own / ahead);
                var share = allowance.Share(own, ahead);
                open[k].Run(share, tell);
                allowance.Settle(share, given);
            }
        }
    }

    static AuctionSolution Answer(AuctionProblem problem, List<ComponentSearch> searches, Allowance allowance)
    {
        var prices = problem.Markets.Select(_ => (IReadOnlyList<long?>)new long?[problem.Slots]).ToArray();
        var fills = new List<(int Bid, int Offer, int From, int To, int Gpus)>();
        var leftOutOffers = new SortedSet<int>();
        Int128 bound = 0;
        foreach (var search in searches)
        {
            var outcome = new Outcome(search.Model, search.Incumbent);
            for (var k = 0; k < search.Model.Markets.Length; k++) prices[search.Model.Markets[k]] = outcome.Prices[k];
            fills.AddRange(outcome.Fills);
            leftOutOffers.UnionWith(outcome.LeftOutOffers);
            bound += Int128.Max(search.Bound, search.Incumbent.Welfare);
        }

        Int128 welfare = 0;
        foreach (var fill in fills)
        {
            var (limit, offer) = (problem.Bids[fill.Bid].Limit, problem.Offers[fill.Offer]);
            for (var slot = fill.From; slot < fill.To; slot++) welfare += (Int128)fill.Gpus * (limit - offer.ReserveAt(slot)) * problem.MinutesOf(slot);
        }

        var (whole, most) = ((long)(welfare / 60), (long)(bound / 60));
        return new AuctionSolution
        {
            Status = fills.Count == 0 ? AuctionStatus.Empty
                : (Int128)(most - whole) * 10_000 <= Math.Max(1, most) ? AuctionStatus.Optimal : AuctionStatus.Feasible,
            Stopped = searches.TrueForAll(search => search.IsFinished) ? "done" : allowance.IsLate ? "clock" : "nodes",
            Welfare = whole,
            Bound = most,
            Prices = prices,
            Fills = [.. fills.Order().Select(fill =>
                new AuctionFill(problem.Bids[fill.Bid].Id, problem.Offers[fill.Offer].Id, fill.From, fill.To, fill.Gpus))],
            LeftOut = LeftOut(problem, prices, [.. fills.Select(fill => fill.Bid)]),
            LeftOutOffers = [.. leftOutOffers.Select(o => problem.Offers[o].Id)],
        };
    }

    /// <summary>Blocks not filled although some start in some market of theirs has prices with a mean below the limit.</summary>
    static List<string> LeftOut(AuctionProblem problem, IReadOnlyList<long?>[] prices, HashSet<int> filled)
    {
        bool IsBelow(AuctionBid bid, IReadOnlyList<long?> of, int start)
        {
            Int128 surplus = 0;
            for (var slot = start; slot < start + bid.Run; slot++)
            {
                if (slot >= problem.Slots || of[slot] is not { } price) return false;
                surplus += (Int128)(bid.Limit - price) * problem.MinutesOf(slot);
            }

            return surplus > 0;
        }

        return [.. Enumerable.Range(0, problem.Bids.Count)
            .Where(b => problem.Bids[b] is { Kind: BidKind.Block } bid && !filled.Contains(b)
                && bid.AllowedStarts().Any(start => bid.Markets.Any(market => IsBelow(bid, prices[market], start))))
            .Select(b => problem.Bids[b].Id)];
    }
}
