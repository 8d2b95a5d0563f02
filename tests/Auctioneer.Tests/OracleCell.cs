using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The prices of all markets in one slot (-1: none), with the divisible fills that gain most at them.</summary>
/// <param name="Gain">Limits minus reserves over the divisible fills, per hour.</param>
/// <param name="Sales">By offer: GPUs for divisible bids.</param>
/// <param name="Gets">By divisible bid of the slot and by market: GPUs.</param>
sealed record OracleChoice(long[] Prices, long Gain, int[] Sales, int[][] Gets);

/// <summary>Every choice of prices that is valid in one slot by rules 3, 4 and 6, once the blocks have taken their GPUs.</summary>
sealed class OracleCell
{
    const long None = -1;

    readonly AuctionProblem _problem;
    readonly int _slot;
    readonly int[] _used;
    readonly List<AuctionBid> _bids;
    readonly long[] _prices;
    readonly int[][] _gets;
    readonly int[] _demand;
    readonly Supply[] _supply;
    OracleChoice? _found;

    public OracleCell(AuctionProblem problem, int slot, int[] used)
    {
        (_problem, _slot, _used) = (problem, slot, used);
        _bids = DivisibleBids(problem, slot);
        _prices = new long[problem.Markets.Count];
        _demand = new int[problem.Markets.Count];
        _gets = [.. _bids.Select(_ => new int[problem.Markets.Count])];
        Top = problem.Bids.Select(bid => bid.Limit).Concat(problem.Offers.SelectMany(offer => offer.Reserve)).DefaultIfEmpty().Max() + 1;
        _supply = new Supply[problem.Markets.Count];
        Try(0);

        foreach (var choice in Choices.OrderBy(choice => choice.Prices.Sum()).ThenByDescending(choice => choice.Gain))
            if (!Cheapest.Any(better => better.Gain >= choice.Gain && better.Prices.Zip(choice.Prices).All(pair => pair.First <= pair.Second)))
                Cheapest.Add(choice);
        Most = Choices.Select(choice => choice.Gain).DefaultIfEmpty().Max();
    }

    /// <summary>One more than every limit and reserve: a price of this and every higher one are valid alike.</summary>
    public long Top { get; }

    /// <summary>For each valid choice of prices up to <see cref="Top"/>, the fills that gain most.</summary>
    public List<OracleChoice> Choices { get; } = [];

    /// <summary>Those that no other one beats in price and in gain.</summary>
    public List<OracleChoice> Cheapest { get; } = [];

    /// <summary>The most that any choice gains.</summary>
    public long Most { get; }

    public static List<AuctionBid> DivisibleBids(AuctionProblem problem, int slot) =>
        [.. problem.Bids.Where(bid => bid.Kind == BidKind.Divisible && bid.From <= slot && slot < bid.To)];

    void Try(int market)
    {
        if (market == _prices.Length)
        {
            _found = null;
            Fill(0, 0);
            if (_found is not null) Choices.Add(_found);
            return;
        }

        for (_prices[market] = None; _prices[market] <= Top; _prices[market]++)
        {
            if (SupplyOf(market, _prices[market]) is not { } supply) continue;
            _supply[market] = supply;
            Try(market + 1);
        }
    }

    /// <summary>What the offers that serve divisible bids must and may sell at a price; null where the blocks' fills break a rule at it.</summary>
    Supply? SupplyOf(int market, long price)
    {
        var here = Enumerable.Range(0, _problem.Offers.Count)
            .Where(o => _problem.Offers[o] is var offer && offer.Market == market && offer.From <= _slot && _slot < offer.To).ToList();
        var taken = here.Where(o => _used[o] > 0).ToList();
        var open = here.Where(o => _problem.Offers[o].MinRun == 1).OrderBy(o => _problem.Offers[o].ReserveAt(_slot)).ToList();
        if (price == None)
            return taken.Count > 0 ? null : new Supply([], [], open.Count == 0 ? long.MaxValue : _problem.Offers[open[0]].ReserveAt(_slot), false);

        var dearest = taken.Select(o => _problem.Offers[o].ReserveAt(_slot)).DefaultIfEmpty(-1).Max();
        var (must, may) = (new List<(int, long)>(), new List<(int, long)>());
        foreach (var o in open)
        {
            var reserve = _problem.Offers[o].ReserveAt(_slot);
            if (reserve > price && _used[o] > 0) return null;
            if (reserve > price) continue;
            (reserve == price || reserve < dearest ? may : must).AddRange(Enumerable.Repeat((o, reserve), _problem.Offers[o].Gpus - _used[o]));
        }

        return new Supply(must, may, long.MaxValue, taken.Count > 0);
    }

    void Fill(int at, long value)
    {
        for (var market = 0; market < _prices.Length; market++)
            if (_demand[market] > _supply[market].Must.Count + _supply[market].May.Count) return;
        if (at == _bids.Count)
        {
            Note(value);
            return;
        }

        var bid = _bids[at];
        var lowest = bid.Markets.Select(market => _prices[market]).Where(price => price != None).DefaultIfEmpty(None).Min();
        var cheapest = lowest == None || bid.Limit < lowest ? [] : bid.Markets.Where(market => _prices[market] == lowest).ToList();
        Spread(bid.Gpus, 0);

        void Spread(int left, int next)
        {
            if (next < cheapest.Count)
            {
                for (var gpus = 0; gpus <= left; gpus++)
                {
                    _gets[at][cheapest[next]] = gpus;
                    _demand[cheapest[next]] += gpus;
                    Spread(left - gpus, next + 1);
                    _demand[cheapest[next]] -= gpus;
                }

                _gets[at][cheapest[next]] = 0;
                return;
            }

            // Rule 3: whole above the lowest price. Rule 6: what an offer without a price would have given for less.
            if (left > 0 && lowest != None && bid.Limit > lowest) return;
            if (left > 0 && bid.Markets.Any(market => _supply[market].Unpriced < bid.Limit)) return;
            if (left < bid.Gpus && bid.Markets.Any(market => _supply[market].Unpriced < lowest)) return;
            Fill(at + 1, value + (bid.Gpus - left) * bid.Limit);
        }
    }

    void Note(long value)
    {
        var sales = new int[_problem.Offers.Count];
        for (var market = 0; market < _prices.Length; market++)
        {
            var (must, may, _, isTaken) = _supply[market];
            if (_prices[market] == None) continue;
            if (_demand[market] < must.Count || (_demand[market] == 0 && !isTaken)) return;
            if (!IsInTurn(market)) return;
            foreach (var (offer, reserve) in must.Concat(may.Take(_demand[market] - must.Count)))
            {
                sales[offer]++;
                value -= reserve;
            }
        }

        if (_found is null || value > _found.Gain)
            _found = new OracleChoice([.. _prices], value, sales, [.. _gets.Select(row => row.ToArray())]);
    }

    /// <summary>Rule 3: among bids at the price, none is filled while an earlier one is not whole.</summary>
    bool IsInTurn(int market)
    {
        var waits = false;
        for (var k = 0; k < _bids.Count; k++)
        {
            if (_bids[k].Limit != _prices[market] || !_bids[k].Markets.Contains(market)) continue;
            if (waits && _gets[k][market] > 0) return false;
            waits |= _gets[k].Sum() < _bids[k].Gpus;
        }

        return true;
    }

    /// <param name="Must">Unit by unit, offer and reserve: what has to be sold.</param>
    /// <param name="May">What may be, the cheapest first.</param>
    /// <param name="Unpriced">Without a price, the lowest reserve that is there to be had.</param>
    readonly record struct Supply(List<(int Offer, long Reserve)> Must, List<(int Offer, long Reserve)> May, long Unpriced, bool IsTaken);
}
