using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.OrderBook.Tests.Domain;

/// <summary>What is said of every bid of many random runs, held against the run's problem and solution.</summary>
public class RunVerdictProperties
{
    private const int Runs = 600;

    [Fact]
    public void Every_bid_of_every_run_is_told_what_problem_and_solution_say()
    {
        var seen = new Dictionary<BidOutcome, int>();
        for (var seed = 1; seed <= Runs; seed++)
        {
            var problem = Problem(new Random(seed));
            var solution = AuctionSolver.Solve(problem, new SolverBudget(5_000));
            var run = new RunSheet(seed, default, problem, solution);
            foreach (var bid in problem.Bids)
            {
                var verdict = RunVerdict.Of(run, long.Parse(bid.Id[1..])).ShouldNotBeNull();
                seen[verdict.Outcome] = seen.GetValueOrDefault(verdict.Outcome) + 1;
                Check(problem, solution, bid, verdict, $"seed {seed}, bid {bid.Id}: {verdict}");
            }
            RunVerdict.Of(run, 999).ShouldBeNull();
        }

        // All the words are met, or the test says nothing about them.
        seen.Keys.Order().ShouldBe(
        [
            BidOutcome.Filled, BidOutcome.Outbid, BidOutcome.AtLimit, BidOutcome.BelowReserve, BidOutcome.NoSupply, BidOutcome.Indivisible, BidOutcome.NodeGroups,
            BidOutcome.Parent, BidOutcome.Group,
        ]);
    }

    private static void Check(AuctionProblem problem, AuctionSolution solution, AuctionBid bid, RunVerdict verdict, string which)
    {
        verdict.OutbidByMicros.ShouldBe(Math.Max(0, verdict.NeededMicros - bid.Limit), which);
        (verdict.Outcome is BidOutcome.Outbid or BidOutcome.BelowReserve).ShouldBe(verdict.OutbidByMicros > 0 && verdict.Outcome != BidOutcome.Parent, which);
        if (bid.Kind == BidKind.Divisible) CheckDivisible(problem, solution, bid, verdict, which);
        else CheckBlock(problem, solution, bid, verdict, which);
    }

    private static void CheckDivisible(AuctionProblem problem, AuctionSolution solution, AuctionBid bid, RunVerdict verdict, string which)
    {
        var missed = Enumerable.Range(bid.From, bid.To - bid.From).Where(slot => Bought(solution, bid, slot) < bid.Gpus).ToList();
        (verdict.Outcome == BidOutcome.Filled).ShouldBe(missed.Count == 0, which);
        if (missed.Count == 0) return;

        var offered = missed.Where(slot => bid.Markets.Any(market => Offers(problem, market, slot, slot + 1, 1).Any())).ToList();
        (verdict.Outcome == BidOutcome.NoSupply).ShouldBe(offered.Count == 0, which);
        if (offered.Count == 0) return;

        // One micro-dollar above what it is told, and in every slot that it did not get something was sold or offered below its limit.
        bool InTheMoney(int slot, long limit) => bid.Markets.Any(market => solution.Prices[market][slot] is { } price
            ? price < limit
            : Offers(problem, market, slot, slot + 1, 1).Any(offer => offer.ReserveAt(slot) < limit));
        offered.All(slot => InTheMoney(slot, verdict.NeededMicros + 1)).ShouldBeTrue(which);
        offered.All(slot => InTheMoney(slot, verdict.NeededMicros)).ShouldBeFalse(which);
    }

    private static void CheckBlock(AuctionProblem problem, AuctionSolution solution, AuctionBid block, RunVerdict verdict, string which)
    {
        (verdict.Outcome == BidOutcome.Filled).ShouldBe(solution.Fills.Any(fill => fill.Bid == block.Id), which);
        if (verdict.Outcome == BidOutcome.Filled) return;
        (verdict.Outcome == BidOutcome.Group).ShouldBe(
            block.Group is not null && problem.Bids.Any(other => other.Group == block.Group && solution.Fills.Any(fill => fill.Bid == other.Id)), which);
        if (verdict.Outcome == BidOutcome.Group) return;

        // Whoever was left out although in the money is never told that it was outbid.
        if (solution.LeftOut.Contains(block.Id))
            new[] { BidOutcome.Indivisible, BidOutcome.NodeGroups, BidOutcome.NoSupply, BidOutcome.Parent }.ShouldContain(verdict.Outcome, which);
        if (verdict.Outcome == BidOutcome.Parent) solution.Fills.ShouldNotContain(fill => fill.Bid == block.Parent, which);

        var least = Enumerable.Range(1, block.Gpus).First(gpus => gpus * 1000L >= (long)block.Gpus * block.MinFill && gpus % Math.Max(1, block.Node) == 0);
        var places = block.Markets.SelectMany(market => block.AllowedStarts().Select(start => (market, start))).ToList();
        int Most(Func<AuctionOffer, int> gpus) => places.Max(place => Offers(problem, place.market, place.start, place.start + block.Run, block.Run).Sum(gpus));
        (verdict.Outcome == BidOutcome.NoSupply).ShouldBe(Most(offer => offer.Gpus) < least, which);
        if (verdict.Outcome == BidOutcome.NoSupply) verdict.OfferedGpus.ShouldBe(Most(offer => offer.Gpus), which);
        if (block.Node > 0 && verdict.Outcome != BidOutcome.NoSupply && Most(offer => offer.Gpus / block.Node * block.Node) < least)
            verdict.Outcome.ShouldBe(BidOutcome.NodeGroups, which);

        // Enough was left unsold, but nowhere in whole groups: then it is the nodes; else it is that the block cannot be split.
        if (block.Node > 0 && verdict.Outcome is BidOutcome.NodeGroups or BidOutcome.Indivisible && Most(offer => offer.Gpus / block.Node * block.Node) >= least)
        {
            int Left(AuctionOffer offer, int start) => offer.Gpus - Enumerable.Range(start, block.Run).Max(slot =>
                solution.Fills.Where(fill => fill.Offer == offer.Id && fill.From <= slot && slot < fill.To).Sum(fill => fill.Gpus));
            var roomy = places.Select(place => (place.start, Offers: Offers(problem, place.market, place.start, place.start + block.Run, block.Run).ToList()))
                .Where(place => place.Offers.Sum(offer => offer.Gpus / block.Node * block.Node) >= least).ToList();
            (verdict.Outcome == BidOutcome.NodeGroups).ShouldBe(
                roomy.Any(place => place.Offers.Sum(offer => Left(offer, place.start)) >= least)
                && roomy.TrueForAll(place => place.Offers.Sum(offer => Left(offer, place.start) / block.Node * block.Node) < least), which);
        }

        // Where every slot of a run of slots has a price, that run costs its mean: nobody is told that less was needed than any such place with room enough cost,
        // and who is told that it was outbid is out of the money in all of them.
        foreach (var (market, start) in places)
        {
            var slots = Enumerable.Range(start, block.Run).ToList();
            if (slots.Any(slot => solution.Prices[market][slot] is null)) continue;
            if (Offers(problem, market, start, start + block.Run, block.Run).Sum(offer => offer.Gpus / Math.Max(1, block.Node) * Math.Max(1, block.Node)) < least) continue;
            var (cost, minutes) = (slots.Sum(slot => solution.Prices[market][slot]!.Value * problem.MinutesOf(slot)), slots.Sum(problem.MinutesOf));
            if (verdict.Outcome == BidOutcome.Outbid) cost.ShouldBeGreaterThan(block.Limit * minutes, which);
            if (verdict.Outcome is BidOutcome.Outbid or BidOutcome.AtLimit) ((verdict.NeededMicros - 1) * minutes).ShouldBeLessThan(cost, which);
        }
    }

    private static int Bought(AuctionSolution solution, AuctionBid bid, int slot) =>
        solution.Fills.Where(fill => fill.Bid == bid.Id && fill.From <= slot && slot < fill.To).Sum(fill => fill.Gpus);

    private static IEnumerable<AuctionOffer> Offers(AuctionProblem problem, int market, int from, int to, int run) =>
        problem.Offers.Where(offer => offer.Market == market && offer.From <= from && offer.To >= to && offer.MinRun <= run);

    /// <summary>A few offers and bids of every kind in two markets over six slots, the first of which is half over.</summary>
    private static AuctionProblem Problem(Random random)
    {
        const int slots = 6;
        (int From, int To) Window(int least)
        {
            var length = random.Next(least, slots + 1);
            var from = random.Next(0, slots - length + 1);
            return (from, from + length);
        }
        long Price() => random.Next(1, 9) * 250_000L;
        IReadOnlyList<int> Markets() => random.Next(3) == 0 ? [0, 1] : [random.Next(2)];

        var offers = Enumerable.Range(1, random.Next(2, 7)).Select(number =>
        {
            var (from, to) = Window(1);
            return new AuctionOffer
            {
                Id = $"o{number}", Market = random.Next(2), Gpus = random.Next(1, 9), From = from, To = to, Reserve = [Price()], MinRun = random.Next(6) == 0 ? 2 : 1,
            };
        }).ToList();
        var bids = new List<AuctionBid>();
        for (var number = 1; number <= random.Next(4, 11); number++)
        {
            var isBlock = random.Next(5) < 3;
            var run = random.Next(1, 4);
            var (from, to) = Window(isBlock ? run : 1);
            var node = isBlock && random.Next(3) == 0 ? random.Next(2, 5) : 0;
            var bid = new AuctionBid
            {
                Id = $"b{number}", Kind = isBlock ? BidKind.Block : BidKind.Divisible, Markets = Markets(), From = from, To = to, Limit = Price(),
                Gpus = node > 0 ? node * random.Next(1, 3) : random.Next(1, 9), Run = isBlock ? run : 0, Node = node,
                MinFill = isBlock && random.Next(4) == 0 ? 500 : 1000,
            };
            var blocks = bids.Where(other => other.Kind == BidKind.Block && other.Parent is null).ToList();
            if (isBlock && random.Next(3) == 0) bid = bid with { Group = "g1" };
            else if (isBlock && blocks.Find(other => other.Group is null) is { } parent && random.Next(3) == 0) bid = bid with { Parent = parent.Id };
            bids.Add(bid);
        }
        return new AuctionProblem { SlotMinutes = 60, FirstSlotMinutes = 30, Slots = slots, Markets = ["H100.us", "H200.us"], Offers = offers, Bids = bids };
    }
}
