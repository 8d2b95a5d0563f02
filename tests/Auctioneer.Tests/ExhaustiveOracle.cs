using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The highest welfare of any valid solution of a tiny problem, by trying all there is.</summary>
/// <remarks>
/// Every block left out or at every start, out of every combination of offers; in every slot every price and every amount from
/// every offer. What is taken from the rules is only that the divisible bids share a slot's sales in the order of rule 3.
/// </remarks>
sealed class ExhaustiveOracle
{
    readonly AuctionProblem _problem;
    readonly long _highestPrice;
    readonly List<int> _blocks;
    readonly int[,] _used;
    readonly List<(int Bid, int Market, int Start, (int Offer, int Gpus)[] Fills)> _filled = [];
    readonly Dictionary<string, List<(long Price, long Gain)>> _cells = [];
    Int128 _best = -1;

    ExhaustiveOracle(AuctionProblem problem)
    {
        _problem = problem;
        _blocks = [.. Enumerable.Range(0, problem.Bids.Count).Where(b => problem.Bids[b].Kind == BidKind.Block)];
        _used = new int[problem.Offers.Count, problem.Slots];
        var shortest = Enumerable.Range(0, problem.Slots).Min(problem.MinutesOf);
        var dearestRun = _blocks.Select(b => problem.Bids[b].Limit * problem.Bids[b].Run * problem.SlotMinutes / shortest).DefaultIfEmpty().Max();
        _highestPrice = Math.Max(dearestRun, problem.Bids.Select(bid => bid.Limit).DefaultIfEmpty().Max()) + 1;
    }

    /// <summary>The welfare as the format states it.</summary>
    public static long BestWelfare(AuctionProblem problem)
    {
        var oracle = new ExhaustiveOracle(problem);
        oracle.DecideBlock(0, 0);
        return (long)(oracle._best / 60);
    }

    void DecideBlock(int next, Int128 worth)
    {
        if (next == _blocks.Count)
        {
            Close(worth);
            return;
        }

        DecideBlock(next + 1, worth);
        var bid = _problem.Bids[_blocks[next]];
        foreach (var market in bid.Markets)
            foreach (var start in bid.AllowedStarts())
            {
                var serving = Enumerable.Range(0, _problem.Offers.Count).Where(o => _problem.Offers[o] is var offer
                    && offer.Market == market && offer.From <= start && start + bid.Run <= offer.To && offer.MinRun <= bid.Run).ToList();
                Share(bid.Gpus, 0, []);

                void Share(int left, int at, List<(int Offer, int Gpus)> fills)
                {
                    if (left == 0)
                    {
                        _filled.Add((_blocks[next], market, start, [.. fills]));
                        var minutes = Enumerable.Range(start, bid.Run).Sum(slot => (long)_problem.MinutesOf(slot));
                        var reserves = fills.Sum(f => f.Gpus * Enumerable.Range(start, bid.Run)
                            .Sum(slot => _problem.Offers[f.Offer].ReserveAt(slot) * _problem.MinutesOf(slot)));
                        DecideBlock(next + 1, worth + bid.Gpus * bid.Limit * minutes - reserves);
                        _filled.RemoveAt(_filled.Count - 1);
                        return;
                    }

                    if (at == serving.Count) return;
                    Share(left, at + 1, fills);
                    var step = Math.Max(1, bid.Node);
                    for (var gpus = step; gpus <= left; gpus += step)
                    {
                        if (Enumerable.Range(start, bid.Run).Any(slot => _used[serving[at], slot] + gpus > _problem.Offers[serving[at]].Gpus)) return;
                        for (var slot = start; slot < start + bid.Run; slot++) _used[serving[at], slot] += gpus;
                        fills.Add((serving[at], gpus));
                        Share(left - gpus, at + 1, fills);
                        fills.RemoveAt(fills.Count - 1);
                        for (var slot = start; slot < start + bid.Run; slot++) _used[serving[at], slot] -= gpus;
                    }
                }
            }
    }

    /// <summary>The best prices and divisible fills for the blocks as they are.</summary>
    void Close(Int128 worth)
    {
        foreach (var (b, _, _, _) in _filled)
        {
            var bid = _problem.Bids[b];
            if (bid.Parent is not null && !_filled.Any(f => _problem.Bids[f.Bid].Id == bid.Parent)) return;
            if (bid.Group is not null && _filled.Count(f => _problem.Bids[f.Bid].Group == bid.Group) > 1) return;
        }

        for (var market = 0; market < _problem.Markets.Count; market++)
        {
            if (BestOf(market) is not { } gain) return;
            worth += gain;
        }

        _best = Int128.Max(_best, worth);
    }

    Int128? BestOf(int market)
    {
        var earnFloors = _filled.Where(f => f.Market == market).SelectMany(f => f.Fills.Where(fill => _problem.Offers[fill.Offer].MinRun > 1)
            .Select(fill => (From: f.Start, To: f.Start + _problem.Bids[f.Bid].Run,
                Least: Enumerable.Range(f.Start, _problem.Bids[f.Bid].Run).Sum(s => _problem.Offers[fill.Offer].ReserveAt(s) * _problem.MinutesOf(s))))).ToList();
        var payCeilings = _filled.Where(f => f.Market == market).Select(f => (From: f.Start, To: f.Start + _problem.Bids[f.Bid].Run,
            Most: Enumerable.Range(f.Start, _problem.Bids[f.Bid].Run).Sum(s => _problem.Bids[f.Bid].Limit * _problem.MinutesOf(s)))).ToList();
        var choices = new List<(long Price, long Gain)>[_problem.Slots];
        for (var slot = 0; slot < _problem.Slots; slot++)
        {
            choices[slot] = ChoicesOf(market, slot);

            // A dearer price that gains no more is of use only to an offer that has to earn.
            if (!earnFloors.Any(run => run.From <= slot && slot < run.To))
            {
                var most = -1L;
                choices[slot] = [.. choices[slot].Where(choice => { var better = choice.Gain > most; most = Math.Max(most, choice.Gain); return better; })];
            }

            if (choices[slot].Count == 0) return null;
        }

        Int128? best = null;
        var prices = new long[_problem.Slots];
        Walk(0, 0);
        return best;

        void Walk(int slot, Int128 gain)
        {
            if (slot == _problem.Slots)
            {
                if (best is null || gain > best) best = gain;
                return;
            }

            foreach (var (price, more) in choices[slot])
            {
                prices[slot] = price;
                long Sum(int from, int to) => Enumerable.Range(from, to - from).Sum(s => prices[s] * _problem.MinutesOf(s));
                if (payCeilings.Any(run => run.From <= slot && Sum(run.From, Math.Min(run.To, slot + 1)) > run.Most)) continue;
                if (earnFloors.Any(run => run.To == slot + 1 && Sum(run.From, run.To) < run.Least)) continue;
                Walk(slot + 1, gain + (Int128)more * _problem.MinutesOf(slot));
            }
        }
    }

    /// <summary>Every price at which the slot can be valid, lowest first, with the most that its divisible bids can then gain.</summary>
    List<(long Price, long Gain)> ChoicesOf(int market, int slot)
    {
        var here = Enumerable.Range(0, _problem.Offers.Count)
            .Where(o => _problem.Offers[o] is var offer && offer.Market == market && offer.From <= slot && slot < offer.To).ToList();
        var blockFills = _filled.Where(f => f.Market == market && f.Start <= slot && slot < f.Start + _problem.Bids[f.Bid].Run).SelectMany(f => f.Fills).ToList();
        var key = $"{market} {slot} {string.Join(',', here.Select(o => _used[o, slot]))}";
        if (_cells.TryGetValue(key, out var known)) return known;

        var dearest = blockFills.Select(fill => _problem.Offers[fill.Offer].ReserveAt(slot)).DefaultIfEmpty(-1).Max();
        var open = here.Where(o => _problem.Offers[o].MinRun <= 1).ToList();
        var bids = _problem.Bids.Where(bid => bid.Kind == BidKind.Divisible && bid.Markets[0] == market && bid.From <= slot && slot < bid.To)
            .OrderByDescending(bid => bid.Limit).ToList();
        var choices = new SortedDictionary<long, long>();
        var sales = new int[open.Count];
        Sell(0);
        return _cells[key] = [.. choices.Select(choice => (choice.Key, choice.Value))];

        void Sell(int at)
        {
            if (at < open.Count)
            {
                for (sales[at] = 0; sales[at] <= _problem.Offers[open[at]].Gpus - _used[open[at], slot]; sales[at]++) Sell(at + 1);
                sales[at] = 0;
                return;
            }

            long sold = sales.Sum();
            if (sold > bids.Sum(bid => (long)bid.Gpus)) return;
            var filled = new long[bids.Count];
            var left = sold;
            for (var k = 0; k < bids.Count; k++) left -= filled[k] = Math.Min(left, bids[k].Gpus);
            var gain = Enumerable.Range(0, bids.Count).Sum(k => filled[k] * bids[k].Limit)
                - Enumerable.Range(0, open.Count).Sum(k => sales[k] * _problem.Offers[open[k]].ReserveAt(slot));
            if (sold == 0 && blockFills.Count == 0)
            {
                // No price: valid when nobody could trade. It stands first, as free for everybody else.
                if (!bids.Any(bid => open.Any(o => _problem.Offers[o].ReserveAt(slot) < bid.Limit))) Note(0, 0);
                return;
            }

            for (long price = 0; price <= _highestPrice; price++)
            {
                var valid = true;
                for (var k = 0; k < bids.Count; k++)
                    valid &= bids[k].Limit > price ? filled[k] == bids[k].Gpus : bids[k].Limit == price || filled[k] == 0;
                for (var k = 0; k < open.Count; k++)
                {
                    var (offer, all) = (_problem.Offers[open[k]], sales[k] + _used[open[k], slot]);
                    var reserve = offer.ReserveAt(slot);
                    valid &= reserve > price ? all == 0 : reserve == price || all == offer.Gpus || reserve < dearest;
                }

                if (valid) Note(price, gain);
            }
        }

        void Note(long price, long gain) => choices[price] = Math.Max(gain, choices.GetValueOrDefault(price, long.MinValue));
    }
}
