using System.Diagnostics;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Runs: closed, verified, applied. No solver can move a GPU or a dollar that the bids do not allow.</summary>
public sealed partial class Exchange
{
    private void CloseRun()
    {
        if (_clearing is not null)
        {
            Refuse("RUN_IS_CLEARING", "run_id", $"run {_clearing.Id} waits for its solution.");
            return;
        }
        PassTime();
        var run = new RunBuilder(this).Build(_lastRun + 1);
        _lastRun = run.Id;
        if (run.BidCount == 0 || run.OfferCount == 0)
        {
            // Nothing can trade: the run is cleared as it is closed.
            _events.Add(new Event.RunCleared(
                run.Id, StartOf(run.FirstSlot), Money.Zero, Money.Zero, [], [], run.BidCount, run.OfferCount, default));
            TellStanding(run.ClosedAt);
            return;
        }
        _clearing = run;
        _events.Add(new Event.RunClosed(run.Id, StartOf(run.FirstSlot), run.Problem));
    }

    /// <summary>The last prices of the closed run's markets and slots, null where there were none: a place for a solver to start from, nothing more.</summary>
    public IReadOnlyList<IReadOnlyList<long?>>? PricesToStartFrom() => _clearing is not { } run ? null
        : [.. run.Problem.Markets.Select(market => (IReadOnlyList<long?>)[.. Enumerable.Range(0, run.Problem.Slots).Select(slot =>
            _lastPrices.TryGetValue(run.FirstSlot + slot, out var prices) && prices.TryGetValue(market, out var price) ? price.MicrosPerGpuHour : (long?)null)])];

    private void Reopen(Command.ReopenRun command)
    {
        if (_clearing is null || _clearing.Id != command.Run)
        {
            Refuse("RUN_NOT_CLEARING", "run_id", $"run {command.Run} does not wait for a solution.");
            return;
        }
        _clearing = null;
        _events.Add(new Event.RunReopened(command.Run));
        PassTime();
    }

    private void Clear(Command.ClearRun command)
    {
        if (_clearing is not { } run || run.Id != command.Run)
        {
            Refuse("RUN_NOT_CLEARING", "run_id", $"run {command.Run} does not wait for a solution.");
            return;
        }
        AuctionSolution solution;
        try
        {
            solution = AuctionJson.ReadSolution(command.SolutionJson);
        }
        catch (AuctionFormatException malformed)
        {
            Refuse("SOLUTION_MALFORMED", "solution_json", malformed.Message);
            return;
        }
        if (AuctionVerifier.Verify(run.Problem, solution) is { Count: > 0 } breaches)
        {
            Refuse("SOLUTION_INVALID", "solution_json", $"rule {breaches[0].Rule}: {breaches[0].Sentence}");
            return;
        }

        // From here on the solution must apply: every rule is checked above this line.
        _clearing = null;
        var sold = new SortedDictionary<(int Market, int Slot), int>();
        foreach (var fill in solution.Fills)
            for (var slot = fill.From; slot < fill.To; slot++)
            {
                var key = (run.Problem.Offers[IndexOf(run, fill.Offer)].Market, slot);
                sold[key] = sold.GetValueOrDefault(key) + fill.Gpus;
            }
        List<SpotPrice> prices =
        [
            .. sold.Select(cell => new SpotPrice(
                run.Problem.Markets[cell.Key.Market],
                StartOf(run.FirstSlot + cell.Key.Slot),
                new Price(solution.Prices[cell.Key.Market][cell.Key.Slot] ?? throw new UnreachableException("Sold without a price.")),
                cell.Value,
                run.Problem.MinutesOf(cell.Key.Slot))),
        ];
        KeepPrices(prices);
        _events.Add(new Event.RunCleared(
            run.Id, StartOf(run.FirstSlot), new Money(solution.Welfare), new Money(solution.Bound),
            prices,
            [.. solution.LeftOut.Select(id => run.Bids[id].Id).Distinct()],
            run.BidCount, run.OfferCount, command.SolutionJson));

        var touched = new SortedDictionary<long, Bid>();
        foreach (var fill in solution.Fills)
        {
            Sell(run, solution, fill);
            touched[run.Bids[fill.Bid].Id] = run.Bids[fill.Bid];
        }
        foreach (var bid in touched.Values)
            if (bid.IsBlock || (!bid.IsStanding && bid.IsFilledFrom(SlotOf(Now)))) Close(bid, CloseReason.Filled);
        TellStanding(run.ClosedAt);
        PassTime();
    }

    private static int IndexOf(ClearingRun run, string offer) => run.OfferIndex[offer];

    private void Sell(ClearingRun run, AuctionSolution solution, AuctionFill fill)
    {
        var (bid, offer) = (run.Bids[fill.Bid], run.Offers[fill.Offer]);
        var market = run.Problem.Offers[IndexOf(run, fill.Offer)].Market;
        var slots = new List<LeaseSlot>();
        var paid = Money.Zero;
        for (var slot = fill.From; slot < fill.To; slot++)
        {
            var minutes = run.Problem.MinutesOf(slot);
            var price = new Price(solution.Prices[market][slot] ?? throw new UnreachableException("Sold without a price."));
            var cost = price.CostOf((long)fill.Gpus * minutes);
            var end = StartOf(run.FirstSlot + slot + 1);
            slots.Add(new LeaseSlot(
                end.AddMinutes(-minutes), end, price, cost, cost.Share(bid.FeePpm), cost.Share(offer.FeePpm),
                new Money(offer.BondMicrosPerGpuSlot * fill.Gpus)));
            paid += cost + slots[^1].BuyerFee;

            offer.Sold.Add(run.FirstSlot + slot, fill.Gpus);
            if (offer.IsResale) _leases[offer.Terms.Lease].Resold.Add(run.FirstSlot + slot, fill.Gpus);
            else offer.Node.Sold.Add(run.FirstSlot + slot, fill.Gpus);
            bid.Filled.Add(run.FirstSlot + slot, fill.Gpus);
        }

        // The buyer pays out of what was reserved, and what a better price saves is free at once.
        // The provider's bond moves from the offer to the lease.
        var buyer = ParticipantOf(bid.Terms.Buyer);
        var reserve = bid.IsBlock || bid.IsStanding ? Remaining(bid, paid) : bid.ReserveFrom(run.FirstSlot, Settings.SlotMinutes);
        buyer.Pay(paid, bid.Reserved, reserve);
        bid.Reserved = reserve;
        foreach (var slot in slots) offer.Bond -= slot.Bond;

        var lease = new OpenLease(
            ++_lastLease, offer.Seller, [.. slots.Select(slot => slot.Bond.Micros)], bid.Terms.Buyer, offer.Node, fill.Gpus, run.FirstSlot + fill.From)
        {
            ResoldFrom = offer.Terms.Lease,
            Needs = bid.Terms.Needs,
        };
        _leases.Add(lease.Id, lease);
        _events.Add(new Event.LeaseSold(
            lease.Id, run.Id, bid.Id, offer.Id, bid.Terms.Buyer, offer.Seller, offer.Node.Id, offer.Node.Market, fill.Gpus, slots)
        {
            ResoldFrom = offer.Terms.Lease,
        });
    }

    /// <summary>
    /// What stays reserved of a block or a standing bid while its fills are applied one by one. A block's limit is on the mean of its run,
    /// so one slot may cost more than the limit; only the whole is covered, and the whole is what was reserved.
    /// </summary>
    private static Money Remaining(Bid bid, Money paid) => bid.Reserved - paid;
}
