using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Solver;

/// <summary>Clears an auction: the most welfare that the rules of the format "auction problem", version 1, allow.</summary>
/// <remarks>
/// Every answer keeps all of the format's rules exactly, whatever the budget, and its bound is proven. Same problem, nodes and
/// seed, same answer, unless a deadline cuts it short. Method: README.md beside this file.
/// </remarks>
public static class AuctionSolver
{
    /// <summary>What this version cannot solve, as "bid ID: FIELD: REASON"; empty when it can solve the problem.</summary>
    public static IReadOnlyList<string> Unsupported(AuctionProblem problem)
    {
        var reasons = new List<string>();
        foreach (var bid in problem.Bids)
        {
            if (bid.Kind == BidKind.Divisible && bid.Markets.Count != 1)
                reasons.Add($"bid {bid.Id}: markets: a divisible bid is solved in one market only");
            if (bid.Kind == BidKind.Block && bid.MinFill != 1000)
                reasons.Add($"bid {bid.Id}: min_fill: a block is solved whole (1000) only");
        }

        return reasons;
    }

    /// <summary>Solves a problem within a budget.</summary>
    /// <exception cref="ArgumentException">The problem has something that <see cref="Unsupported"/> names.</exception>
    public static AuctionSolution Solve(AuctionProblem problem, SolverBudget budget)
    {
        if (Unsupported(problem) is { Count: > 0 } reasons) throw new ArgumentException(string.Join("; ", reasons), nameof(problem));
        var clock = budget.Clock ?? (budget.Deadline is null ? null : TimeProvider.System);
        var began = clock?.GetTimestamp() ?? 0;
        var until = budget.Deadline is { } deadline ? began + (long)(deadline.TotalSeconds * clock!.TimestampFrequency) : long.MaxValue;
        var allowance = new Allowance(budget.MaxNodes, clock, until);

        var prices = problem.Markets.Select(_ => (IReadOnlyList<long?>)new long?[problem.Slots]).ToArray();
        var fills = new List<(int Bid, int Offer, int From, int To, int Gpus)>();
        var leftOutOffers = new SortedSet<int>();
        Int128 welfare = 0, bound = 0;
        var components = Component.Of(problem);
        for (var c = 0; c < components.Count; c++)
        {
            // By the blocks in it; what a component leaves goes to the next.
            long own = components[c].Bids.Length + 1, ahead = components.Skip(c).Sum(component => component.Bids.Length + 1L);
            var given = allowance.Left * own / ahead;
            var share = allowance.Share(own, ahead);
            var model = new Model(problem, components[c]);
            var search = new ComponentSearch(model, share, budget.Seed + (ulong)c);
            search.Run();
            allowance.Settle(share, given);

            var outcome = new Outcome(model, search.Incumbent);
            for (var k = 0; k < model.Markets.Length; k++) prices[model.Markets[k]] = outcome.Prices[k];
            fills.AddRange(outcome.Fills);
            leftOutOffers.UnionWith(outcome.LeftOutOffers);
            welfare += search.Incumbent.Welfare;
            bound += search.Bound;
        }

        var (whole, most) = ((long)(welfare / 60), (long)(bound / 60));
        return new AuctionSolution
        {
            Status = fills.Count == 0 ? AuctionStatus.Empty
                : (Int128)(most - whole) * 10_000 <= Math.Max(1, most) ? AuctionStatus.Optimal : AuctionStatus.Feasible,
            Welfare = whole,
            Bound = most,
            Seconds = clock is null ? 0 : Math.Round((decimal)clock.GetElapsedTime(began).TotalSeconds, 3),
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
