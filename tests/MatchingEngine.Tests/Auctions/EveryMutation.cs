using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>Every small thing that can be done to an answer: each number, each fill, each list, each pair.</summary>
/// <remarks>
/// What is done to fills comes twice: as it is, and with all that follows from the fills (prices where something is filled, the
/// welfare, the lists) put in step, so that not the first figure that no longer fits is what gives it away.
/// </remarks>
sealed class EveryMutation(AuctionProblem problem, AuctionSolution good)
{
    /// <summary>One changed answer and the kind of its change.</summary>
    public sealed record Mutant(string Kind, AuctionSolution Solution);

    public static IEnumerable<Mutant> Of(AuctionProblem problem, AuctionSolution good)
    {
        var every = new EveryMutation(problem, good);
        return every.Figures().Concat(every.Prices()).Concat(every.Lists()).Concat(every.Fills().SelectMany(every.AlsoInStep));
    }

    IEnumerable<Mutant> Figures()
    {
        foreach (var by in new[] { -1, 1, 1_000 })
        {
            yield return new("welfare", good with { Welfare = good.Welfare + by });
            yield return new("welfare and bound", good with { Welfare = good.Welfare + by, Bound = good.Bound + by });
        }

        yield return new("bound below welfare", good with { Bound = good.Welfare - 1 });
        yield return new("bound far above welfare", good with { Bound = good.Welfare + (good.Welfare / 2) + 1 });
        foreach (var status in Enum.GetValues<AuctionStatus>().Where(status => status != good.Status))
            yield return new($"status", good with { Status = status });
    }

    IEnumerable<Mutant> Prices()
    {
        for (var market = 0; market < problem.Markets.Count; market++)
        {
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                var now = good.Prices[market][slot];
                foreach (var price in now is { } value ? new long?[] { null, value - 1, value + 1, value + 100, 0 } : [0, 1, 5])
                    if (price != now) yield return new(price is null ? "price taken away" : now is null ? "price put in" : "price moved", Priced((market, slot, price)));
                if (slot > 0 && good.Prices[market][slot - 1] != now)
                    yield return new("prices of two slots swapped", Priced((market, slot, good.Prices[market][slot - 1]), (market, slot - 1, now)));
                if (market > 0 && good.Prices[market - 1][slot] != now)
                    yield return new("prices of two markets swapped", Priced((market, slot, good.Prices[market - 1][slot]), (market - 1, slot, now)));
                if (slot > 0 && now is not null && good.Prices[market][slot - 1] is not null)
                    yield return new("price moved to the slot before", Priced((market, slot, now - 1), (market, slot - 1, good.Prices[market][slot - 1] + 1)));
            }
        }
    }

    IEnumerable<Mutant> Lists()
    {
        foreach (var id in problem.Bids.Select(bid => bid.Id))
        {
            if (good.LeftOut.Contains(id)) yield return new("bid taken off the list", good with { LeftOut = [.. good.LeftOut.Where(other => other != id)] });
            else yield return new("bid put on the list", good with { LeftOut = [.. good.LeftOut, id] });
        }

        foreach (var id in problem.Offers.Select(offer => offer.Id))
        {
            if (good.LeftOutOffers.Contains(id)) yield return new("offer taken off the list", good with { LeftOutOffers = [.. good.LeftOutOffers.Where(other => other != id)] });
            else yield return new("offer put on the list", good with { LeftOutOffers = [.. good.LeftOutOffers, id] });
        }

        foreach (var id in good.LeftOut) yield return new("bid twice on the list", good with { LeftOut = [.. good.LeftOut, id] });
        foreach (var id in good.LeftOutOffers) yield return new("offer twice on the list", good with { LeftOutOffers = [.. good.LeftOutOffers, id] });
    }

    IEnumerable<Mutant> Fills()
    {
        if (good.Fills.Count > 1) yield return new("fills in another order", good with { Fills = [.. good.Fills.Reverse()] });
        if (good.Fills.Count > 0) yield return new("all fills dropped", good with { Fills = [] });
        foreach (var bid in problem.Bids)
        {
            var own = good.Fills.Where(fill => fill.Bid == bid.Id).ToList();
            if (own.Count == 0) continue;
            var others = good.Fills.Except(own).ToList();
            yield return new("bid dropped", good with { Fills = others });
            foreach (var by in new[] { -1, 1 })
                yield return new("bid moved", good with { Fills = [.. others, .. own.Select(fill => fill with { From = fill.From + by, To = fill.To + by })] });
            foreach (var other in problem.Bids.Where(other => other.Id != bid.Id))
                yield return new("fills given to another bid", good with { Fills = [.. others, .. own.Select(fill => fill with { Bid = other.Id })] });
        }

        for (var at = 0; at < good.Fills.Count; at++)
        {
            var fill = good.Fills[at];
            yield return new("fill dropped", With(at));
            yield return new("fill twice", With(at, fill, fill));
            foreach (var gpus in new[] { fill.Gpus - 1, fill.Gpus + 1, fill.Gpus * 2, 1_000_000 })
                if (gpus != fill.Gpus) yield return new("GPUs changed", With(at, fill with { Gpus = gpus }));
            foreach (var (from, to) in new[] { (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1) })
                yield return new("slots changed", With(at, fill with { From = fill.From + from, To = fill.To + to }));
            foreach (var offer in problem.Offers.Where(offer => offer.Id != fill.Offer)) yield return new("offer changed", With(at, fill with { Offer = offer.Id }));
            foreach (var bid in problem.Bids.Where(bid => bid.Id != fill.Bid)) yield return new("bid changed", With(at, fill with { Bid = bid.Id }));
            if (fill.Gpus > 1) yield return new("fill split by GPUs", With(at, fill with { Gpus = 1 }, fill with { Gpus = fill.Gpus - 1 }));
            if (fill.To > fill.From + 1) yield return new("fill split by slots", With(at, fill with { To = fill.From + 1 }, fill with { From = fill.From + 1 }));
            foreach (var offer in problem.Offers.Where(offer => offer.Id != fill.Offer && fill.Gpus > 1))
                yield return new("fill shared with another offer", With(at, fill with { Gpus = fill.Gpus - 1 }, fill with { Offer = offer.Id, Gpus = 1 }));
            for (var next = at + 1; next < good.Fills.Count; next++)
            {
                var other = good.Fills[next];
                AuctionSolution Pair(AuctionFill first, AuctionFill second) => good with { Fills = [.. good.Fills.Where(f => f != fill && f != other), first, second] };
                if (fill.Bid != other.Bid) yield return new("bids of two fills swapped", Pair(fill with { Bid = other.Bid }, other with { Bid = fill.Bid }));
                if (fill.Offer != other.Offer) yield return new("offers of two fills swapped", Pair(fill with { Offer = other.Offer }, other with { Offer = fill.Offer }));
                if (fill.Bid != other.Bid && fill.Gpus > 1) yield return new("a GPU handed to another bid", Pair(fill with { Gpus = fill.Gpus - 1 }, other with { Gpus = other.Gpus + 1 }));
            }
        }

        foreach (var bid in problem.Bids)
            foreach (var offer in problem.Offers)
                foreach (var start in bid.Kind == BidKind.Block ? bid.AllowedStarts() : Enumerable.Range(bid.From, bid.To - bid.From))
                    yield return new("fill added", good with
                    {
                        Fills = [.. good.Fills, new(bid.Id, offer.Id, start, start + Math.Max(1, bid.Run), bid.Kind == BidKind.Block ? bid.Gpus : 1)],
                    });
    }

    IEnumerable<Mutant> AlsoInStep(Mutant mutant)
    {
        yield return mutant;
        if (IsWellFormed(problem, mutant.Solution)) yield return new($"{mutant.Kind}, in step", InStep(mutant.Solution));
    }

    /// <summary>Whether every fill has a size and lies in the slots; ids are always right here.</summary>
    public static bool IsWellFormed(AuctionProblem problem, AuctionSolution solution) =>
        solution.Fills.All(fill => fill.Gpus > 0 && fill.From >= 0 && fill.From < fill.To && fill.To <= problem.Slots)
        && solution.Prices.All(row => row.All(price => price is null or >= 0));

    AuctionSolution InStep(AuctionSolution changed)
    {
        var prices = problem.Markets.Select((_, market) => Enumerable.Range(0, problem.Slots).Select(slot =>
        {
            var here = changed.Fills.Where(fill => fill.From <= slot && slot < fill.To && OfferOf(fill).Market == market).ToList();
            return here.Count == 0 ? null : good.Prices[market][slot] ?? here.Max(fill => (long?)BidOf(fill).Limit);
        }).ToArray()).ToArray();
        var welfare = AuctionScenario.WelfareOf(problem, changed.Fills);
        return changed with
        {
            Prices = prices,
            Welfare = welfare,
            Bound = Math.Max(good.Bound, welfare),
            Status = changed.Fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Feasible,
            LeftOut = [.. problem.Bids.Where(bid => changed.Fills.All(fill => fill.Bid != bid.Id) && IsInTheMoney(bid, prices)).Select(bid => bid.Id)],
            LeftOutOffers = [.. problem.Offers.Where(offer => offer.MinRun == 1 && IsLeft(offer, prices, changed.Fills)).Select(offer => offer.Id)],
        };
    }

    bool IsInTheMoney(AuctionBid bid, long?[][] prices) => bid.AllowedStarts().Any(start => bid.Markets.Any(market =>
        Enumerable.Range(start, bid.Run).All(slot => prices[market][slot] is not null)
        && Enumerable.Range(start, bid.Run).Sum(slot => (bid.Limit - prices[market][slot]!.Value) * problem.MinutesOf(slot)) > 0));

    static bool IsLeft(AuctionOffer offer, long?[][] prices, IReadOnlyList<AuctionFill> fills) =>
        Enumerable.Range(offer.From, offer.To - offer.From).Any(slot => prices[offer.Market][slot] > offer.ReserveAt(slot)
            && fills.Where(fill => fill.Offer == offer.Id && fill.From <= slot && slot < fill.To).Sum(fill => fill.Gpus) < offer.Gpus);

    AuctionSolution Priced(params (int Market, int Slot, long? Price)[] cells)
    {
        var prices = good.Prices.Select(row => row.ToArray()).ToArray();
        foreach (var (market, slot, price) in cells) prices[market][slot] = price;
        return good with { Prices = prices };
    }

    AuctionSolution With(int at, params AuctionFill[] instead) => good with { Fills = [.. good.Fills.Take(at), .. instead, .. good.Fills.Skip(at + 1)] };

    AuctionOffer OfferOf(AuctionFill fill) => problem.Offers.Single(offer => offer.Id == fill.Offer);

    AuctionBid BidOf(AuctionFill fill) => problem.Bids.Single(bid => bid.Id == fill.Bid);
}
