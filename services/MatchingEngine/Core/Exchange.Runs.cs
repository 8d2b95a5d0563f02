using System.Diagnostics;
using System.Globalization;
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
            return;
        }
        _clearing = run;
        _events.Add(new Event.RunClosed(run.Id, StartOf(run.FirstSlot), run.Problem));
    }

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
        _events.Add(new Event.RunCleared(
            run.Id, StartOf(run.FirstSlot), new Money(solution.Welfare), new Money(solution.Bound),
            [.. sold.Select(cell => new SpotPrice(
                run.Problem.Markets[cell.Key.Market],
                StartOf(run.FirstSlot + cell.Key.Slot),
                new Price(solution.Prices[cell.Key.Market][cell.Key.Slot] ?? throw new UnreachableException("Sold without a price.")),
                cell.Value,
                run.Problem.MinutesOf(cell.Key.Slot)))],
            [.. solution.LeftOut.Select(id => run.Bids[id].Id).Distinct()],
            run.BidCount, run.OfferCount, command.SolutionJson));

        var touched = new SortedDictionary<long, Bid>();
        foreach (var fill in solution.Fills)
        {
            Sell(run, solution, fill);
            touched[run.Bids[fill.Bid].Id] = run.Bids[fill.Bid];
        }
        foreach (var bid in touched.Values)
            if (bid.IsBlock || bid.IsFilledFrom(SlotOf(Now))) Close(bid, CloseReason.Filled);
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
            offer.Node.Sold.Add(run.FirstSlot + slot, fill.Gpus);
            bid.Filled.Add(run.FirstSlot + slot, fill.Gpus);
        }

        // The buyer pays out of what was reserved, and what a better price saves is free at once.
        // The provider's bond moves from the offer to the lease.
        var buyer = ParticipantOf(bid.Terms.Buyer);
        var reserve = bid.IsBlock ? Remaining(bid, paid) : bid.ReserveFrom(run.FirstSlot, Settings.SlotMinutes);
        buyer.Pay(paid, bid.Reserved, reserve);
        bid.Reserved = reserve;
        foreach (var slot in slots) offer.Bond -= slot.Bond;

        var lease = new OpenLease(++_lastLease, offer.Node.Provider, [.. slots.Select(slot => slot.Bond.Micros)]);
        _leases.Add(lease.Id, lease);
        _events.Add(new Event.LeaseSold(
            lease.Id, run.Id, bid.Id, offer.Id, bid.Terms.Buyer, offer.Node.Provider, offer.Node.Id, offer.Node.Market, fill.Gpus, slots));
    }

    /// <summary>
    /// What stays reserved of a block while its fills are applied one by one. Its limit is on the mean of its run, so one
    /// slot may cost more than the limit; only the whole is covered, and the whole is what was reserved.
    /// </summary>
    private static Money Remaining(Bid block, Money paid) => block.Reserved - paid;

    /// <summary>Makes the problem of a run out of what is open.</summary>
    private sealed class RunBuilder(Exchange exchange)
    {
        private readonly long _first = exchange.SlotOf(exchange.Now);
        private readonly int _slots = exchange.Settings.HorizonSlots;
        private readonly List<AuctionOffer> _offers = [];
        private readonly List<AuctionBid> _bids = [];
        private readonly Dictionary<string, Offer> _offerOf = [];
        private readonly Dictionary<string, Bid> _bidOf = [];

        public ClearingRun Build(long run)
        {
            var markets = exchange._markets.Where(market => market.Value).Select(market => market.Key).ToList();
            var indexOf = markets.Select((name, index) => (name, index)).ToDictionary(m => m.name, m => m.index);

            var unsold = new Dictionary<Node, int[]>();
            var offers = 0;
            foreach (var offer in exchange._offers.Values)
                if (indexOf.TryGetValue(offer.Node.Market, out var market) && Add(offer, market, unsold)) offers++;
            var bids = 0;
            foreach (var bid in exchange._bids.Values)
                if (indexOf.TryGetValue(bid.Terms.Markets[0], out var market) && Add(bid, market)) bids++;

            return new ClearingRun(
                run, _first,
                new AuctionProblem
                {
                    SlotMinutes = exchange.Settings.SlotMinutes,
                    FirstSlotMinutes = Math.Max(1, exchange.MinutesLeft(_first, exchange.Now)),
                    Slots = _slots,
                    Markets = markets,
                    Offers = _offers,
                    Bids = _bids,
                },
                _offerOf, _bidOf, offers, bids);
        }

        /// <summary>An offer as pieces of constant size: layer upon layer, each as long as it can be, so that a block finds its whole run in one.</summary>
        private bool Add(Offer offer, int market, Dictionary<Node, int[]> unsold)
        {
            if (!unsold.TryGetValue(offer.Node, out var left))
                unsold[offer.Node] = left = [.. Enumerable.Range(0, _slots).Select(s => Math.Max(0, offer.Node.Gpus - offer.Node.Sold[_first + s]))];

            var free = new int[_slots];
            for (var s = 0; s < _slots; s++)
            {
                if (!exchange.IsTradable(_first + s, exchange.Now)) continue;
                free[s] = Math.Min(offer.Unsold(_first + s), left[s]);
                left[s] -= free[s];
            }
            var before = _offers.Count;
            Layer(offer, market, free, 0, _slots, 0);
            return _offers.Count > before;
        }

        private void Layer(Offer offer, int market, int[] free, int from, int to, int below)
        {
            for (var start = from; start < to; start++)
            {
                if (free[start] <= below) continue;
                var end = start;
                var least = int.MaxValue;
                while (end < to && free[end] > below) least = Math.Min(least, free[end++]);
                if (end - start >= offer.Terms.LeastRun)
                {
                    Emit(offer, market, start, end, least - below);
                    Layer(offer, market, free, start, end, least);
                }
                start = end;
            }
        }

        private void Emit(Offer offer, int market, int from, int to, int gpus)
        {
            var id = Name("o", offer.Id, _offerOf.ContainsKey);
            var reserves = Enumerable.Range(from, to - from).Select(slot => ReserveOf(offer, slot)).ToList();
            _offers.Add(new AuctionOffer
            {
                Id = id,
                Market = market,
                Gpus = gpus,
                From = from,
                To = to,
                Reserve = reserves.All(reserve => reserve == reserves[0]) ? [reserves[0]] : reserves,
                MinRun = offer.Terms.LeastRun,
            });
            _offerOf.Add(id, offer);
        }

        /// <summary>
        /// The reserve, or the prompt reserve where capacity would otherwise perish: in the slot in progress, and in the
        /// last run before a slot's gate.
        /// </summary>
        private long ReserveOf(Offer offer, int slot)
        {
            var nextRun = exchange.Now.AddSeconds(exchange.Settings.RunIntervalSeconds);
            var perishes = slot == 0 || !exchange.IsTradable(_first + slot, nextRun);
            return (perishes ? offer.Terms.PromptReserve : offer.Terms.Reserve).MicrosPerGpuHour;
        }

        private bool Add(Bid bid, int market)
        {
            var before = _bids.Count;
            if (bid.IsBlock)
            {
                var start = bid.From - _first;
                if (start >= 0 && bid.To - _first <= _slots && exchange.IsTradable(bid.From, exchange.Now))
                    Emit(bid, market, (int)start, (int)(bid.To - _first), bid.Terms.Gpus);
                return _bids.Count > before;
            }
            var slot = (int)Math.Max(0, bid.From - _first);
            var last = (int)Math.Min(_slots, bid.To - _first);
            while (slot < last)
            {
                var wanted = bid.Wanted(_first + slot);
                var end = slot + 1;
                while (end < last && bid.Wanted(_first + end) == wanted) end++;
                if (wanted > 0) Emit(bid, market, slot, end, wanted);
                slot = end;
            }
            return _bids.Count > before;
        }

        private void Emit(Bid bid, int market, int from, int to, int gpus)
        {
            var id = Name("b", bid.Id, _bidOf.ContainsKey);
            _bids.Add(new AuctionBid
            {
                Id = id,
                Kind = bid.IsBlock ? Values.Auctions.BidKind.Block : Values.Auctions.BidKind.Divisible,
                Markets = [market],
                Gpus = gpus,
                From = from,
                To = to,
                Run = bid.IsBlock ? to - from : 0,
                Limit = bid.Terms.Limit.MicrosPerGpuHour,
            });
            _bidOf.Add(id, bid);
        }

        /// <summary>The first piece bears the number alone, further ones a suffix.</summary>
        private static string Name(string letter, long number, Func<string, bool> isTaken)
        {
            var name = letter + number.ToString(CultureInfo.InvariantCulture);
            if (!isTaken(name)) return name;
            for (var piece = 2; ; piece++)
                if ($"{name}.{piece.ToString(CultureInfo.InvariantCulture)}" is var next && !isTaken(next)) return next;
        }
    }
}
