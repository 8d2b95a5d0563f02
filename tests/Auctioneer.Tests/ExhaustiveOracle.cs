using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The best valid solution of a tiny problem in the whole language, by trying all there is.</summary>
/// <remarks>
/// Every block left out, or in every market at every start with every fill out of every combination of offers; for each of these,
/// in every slot, every price of every market (see <see cref="OracleCell"/>), put together so that the sums of rules 4 and 5 hold.
/// What is cut off is only what cannot be better: where no minimum run has to earn, a dearer price that gains no more; and
/// whatever, with all that the rest could gain at best, stays below what was found.
/// </remarks>
sealed class ExhaustiveOracle
{
    readonly AuctionProblem _problem;
    readonly long _cap;
    readonly List<int> _blocks;
    readonly List<Placed>[] _options;
    readonly long[] _most;
    readonly long _divisibleMost;
    readonly int[,] _used;
    readonly List<Placed> _filled = [];
    readonly Dictionary<(int Slot, long Used), OracleCell> _cells = [];
    readonly OracleCell[] _now;
    readonly OracleChoice[] _chosen;
    readonly long[,] _prices;
    List<(int Market, int From, int To, long Sum)> _ceilings = [], _floors = [];
    long _best = -1;

    ExhaustiveOracle(AuctionProblem problem)
    {
        _problem = problem;
        _blocks = [.. Enumerable.Range(0, problem.Bids.Count).Where(b => problem.Bids[b].Kind == BidKind.Block)];
        _used = new int[problem.Offers.Count, problem.Slots];
        _now = new OracleCell[problem.Slots];
        _chosen = new OracleChoice[problem.Slots];
        _prices = new long[problem.Markets.Count, problem.Slots];
        var shortest = Enumerable.Range(0, problem.Slots).Min(problem.MinutesOf);
        _cap = _blocks.Select(b => problem.Bids[b].Limit * problem.Bids[b].Run * problem.SlotMinutes / shortest).DefaultIfEmpty().Max() + 1;
        _options = [.. _blocks.Select(b => OptionsOf(b).OrderByDescending(option => option.Worth).ToList())];
        _most = new long[_blocks.Count + 1];
        for (var k = _blocks.Count - 1; k >= 0; k--) _most[k] = _most[k + 1] + Math.Max(0, _options[k].Select(option => option.Worth).DefaultIfEmpty().Max());
        _divisibleMost = Enumerable.Range(0, problem.Slots).Sum(slot => problem.MinutesOf(slot) * problem.Bids
            .Where(bid => bid.Kind == BidKind.Divisible && bid.From <= slot && slot < bid.To)
            .Sum(bid => bid.Gpus * bid.Limit));
    }

    /// <summary>A block where it may be filled; worth in micro-dollar-minutes.</summary>
    internal sealed record Placed(int Bid, int Market, int Start, (int Offer, int Gpus)[] Fills, long Worth);

    /// <summary>A solution of the highest welfare, with its bound at its welfare.</summary>
    public static AuctionSolution Best(AuctionProblem problem)
    {
        var oracle = new ExhaustiveOracle(problem);
        oracle.DecideBlock(0, 0);
        return oracle.Witness ?? throw new InvalidOperationException("There is always an answer, and none was found.");
    }

    AuctionSolution? Witness { get; set; }

    IEnumerable<Placed> OptionsOf(int b)
    {
        var bid = _problem.Bids[b];
        var (step, least) = (Math.Max(1, bid.Node), ((long)bid.Gpus * bid.MinFill + 999) / 1000);
        foreach (var market in bid.Markets)
            foreach (var start in bid.AllowedStarts())
            {
                var serving = Enumerable.Range(0, _problem.Offers.Count).Where(o => _problem.Offers[o] is var offer
                    && offer.Market == market && offer.From <= start && start + bid.Run <= offer.To && offer.MinRun <= bid.Run
                    && (bid.Offers is null || bid.Offers.Contains(offer.Id))).ToList();
                foreach (var fills in Shares(serving, 0, bid.Gpus, step))
                    if (fills.Sum(fill => fill.Gpus) is var gpus && gpus > 0 && gpus >= least)
                        yield return new Placed(b, market, start, fills, Enumerable.Range(start, bid.Run).Sum(slot =>
                            _problem.MinutesOf(slot) * fills.Sum(fill => fill.Gpus * (bid.Limit - _problem.Offers[fill.Offer].ReserveAt(slot)))));
            }
    }

    /// <summary>Every way to take at most so many GPUs, in steps, from these offers.</summary>
    IEnumerable<(int Offer, int Gpus)[]> Shares(List<int> serving, int at, int most, int step)
    {
        if (at == serving.Count) return [[]];
        return Enumerable.Range(0, Math.Min(most, _problem.Offers[serving[at]].Gpus) / step + 1).SelectMany(k =>
            Shares(serving, at + 1, most - k * step, step).Select(rest => k == 0 ? rest : [(serving[at], k * step), .. rest]));
    }

    void DecideBlock(int next, long worth)
    {
        if (worth + _most[next] + _divisibleMost <= _best) return;
        if (next == _blocks.Count)
        {
            Close(worth);
            return;
        }

        var run = _problem.Bids[_blocks[next]].Run;
        foreach (var option in _options[next])
        {
            if (option.Fills.Any(fill => Enumerable.Range(option.Start, run).Any(slot => _used[fill.Offer, slot] + fill.Gpus > _problem.Offers[fill.Offer].Gpus))) continue;
            foreach (var (offer, gpus) in option.Fills)
                for (var slot = option.Start; slot < option.Start + run; slot++) _used[offer, slot] += gpus;
            _filled.Add(option);
            DecideBlock(next + 1, worth + option.Worth);
            _filled.RemoveAt(_filled.Count - 1);
            foreach (var (offer, gpus) in option.Fills)
                for (var slot = option.Start; slot < option.Start + run; slot++) _used[offer, slot] -= gpus;
        }

        DecideBlock(next + 1, worth);
    }

    /// <summary>The best prices and divisible fills for the blocks as they are.</summary>
    void Close(long worth)
    {
        foreach (var placed in _filled)
        {
            var bid = _problem.Bids[placed.Bid];
            if (bid.Parent is not null && !_filled.Any(f => _problem.Bids[f.Bid].Id == bid.Parent)) return;
            if (bid.Group is not null && _filled.Count(f => _problem.Bids[f.Bid].Group == bid.Group) > 1) return;
        }

        var gain = 0L;
        for (var slot = 0; slot < _problem.Slots; slot++)
        {
            _now[slot] = CellOf(slot);
            if (_now[slot].Choices.Count == 0) return;
            gain += _now[slot].Most * _problem.MinutesOf(slot);
        }

        if (worth + gain <= _best) return;
        _ceilings = [.. _filled.Select(f => (f.Market, f.Start, f.Start + _problem.Bids[f.Bid].Run,
            _problem.Bids[f.Bid].Limit * MinutesOf(f.Start, f.Start + _problem.Bids[f.Bid].Run)))];
        _floors = [.. _filled.SelectMany(f => f.Fills.Where(fill => _problem.Offers[fill.Offer].MinRun > 1).Select(fill =>
            (f.Market, f.Start, f.Start + _problem.Bids[f.Bid].Run, Enumerable.Range(f.Start, _problem.Bids[f.Bid].Run)
                .Sum(slot => _problem.Offers[fill.Offer].ReserveAt(slot) * _problem.MinutesOf(slot)))))];
        Walk(0, worth, gain);
    }

    OracleCell CellOf(int slot)
    {
        var code = 0L;
        for (var o = 0; o < _problem.Offers.Count; o++) code = checked(code * (_problem.Offers[o].Gpus + 1) + _used[o, slot]);
        if (_cells.TryGetValue((slot, code), out var known)) return known;
        return _cells[(slot, code)] = new OracleCell(_problem, slot, [.. Enumerable.Range(0, _problem.Offers.Count).Select(o => _used[o, slot])]);
    }

    /// <param name="ahead">The most that this slot and those after it can gain.</param>
    void Walk(int slot, long worth, long ahead)
    {
        if (worth + ahead <= _best) return;
        if (slot == _problem.Slots)
        {
            _best = worth;
            Witness = OracleWitness.Of(_problem, _filled, _chosen, _prices, worth / 60);
            return;
        }

        var earning = _floors.Where(run => run.From <= slot && slot < run.To).Select(run => run.Market).ToHashSet();
        foreach (var choice in earning.Count > 0 ? _now[slot].Choices : _now[slot].Cheapest)
        {
            _chosen[slot] = choice;
            Price(0, choice, earning, slot, () =>
                Walk(slot + 1, worth + choice.Gain * _problem.MinutesOf(slot), ahead - _now[slot].Most * _problem.MinutesOf(slot)));
        }
    }

    /// <summary>Sets the slot's prices market by market; above all limits and reserves one price is as another, but not to who must earn.</summary>
    void Price(int market, OracleChoice choice, HashSet<int> earning, int slot, Action then)
    {
        if (market == _problem.Markets.Count)
        {
            if (_ceilings.Any(run => run.From <= slot && slot < run.To && SumOf(run.Market, run.From, slot + 1) > run.Sum)) return;
            if (_floors.Any(run => run.To == slot + 1 && SumOf(run.Market, run.From, run.To) < run.Sum)) return;
            then();
            return;
        }

        var last = choice.Prices[market] == _now[slot].Top && earning.Contains(market) ? Math.Max(_cap, _now[slot].Top) : choice.Prices[market];
        for (var price = choice.Prices[market]; price <= last; price++)
        {
            _prices[market, slot] = price;
            Price(market + 1, choice, earning, slot, then);
        }
    }

    long SumOf(int market, int from, int to) => Enumerable.Range(from, to - from).Sum(slot => _prices[market, slot] * _problem.MinutesOf(slot));

    long MinutesOf(int from, int to) => Enumerable.Range(from, to - from).Sum(slot => (long)_problem.MinutesOf(slot));
}
