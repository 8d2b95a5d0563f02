using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>A fill with its bid and offer by position.</summary>
readonly record struct Fill(int Bid, int Offer, int From, int To, int Gpus);

/// <summary>A problem and a well-formed solution, laid out for checking.</summary>
sealed class AuctionSheet
{
    /// <summary>Stands for a price or a reserve that is not there; above every one that may be.</summary>
    public const long None = long.MaxValue;

    readonly Int128[][] _prices;
    readonly int[][] _gaps;

    public AuctionSheet(
        AuctionProblem problem, AuctionSolution solution, Dictionary<string, int> bids, List<Fill> fills)
    {
        (Problem, Solution, BidOf, Fills) = (problem, solution, bids, fills);
        OfBid = new FillsBy(fills, problem.Bids.Count, fill => fill.Bid);
        OfOffer = new FillsBy(fills, problem.Offers.Count, fill => fill.Offer);

        Price = Rows<long>(0);
        Unsold = Rows<int>(0);
        UnsoldReserve = Rows<long>(0);
        _prices = Rows<Int128>(1);
        _gaps = Rows<int>(1);
        for (var market = 0; market < Price.Length; market++)
        {
            Array.Fill(UnsoldReserve[market], None);
            var (sums, gaps) = (_prices[market], _gaps[market]);
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                var price = solution.Prices[market][slot];
                Price[market][slot] = price ?? None;
                sums[slot + 1] = sums[slot] + ((Int128)(price ?? 0) * problem.MinutesOf(slot));
                gaps[slot + 1] = gaps[slot] + (price is null ? 1 : 0);
            }
        }
    }

    public AuctionProblem Problem { get; }

    public AuctionSolution Solution { get; }

    /// <summary>The position of the bid with an id.</summary>
    public Dictionary<string, int> BidOf { get; }

    public List<Fill> Fills { get; }

    public FillsBy OfBid { get; }

    public FillsBy OfOffer { get; }

    /// <summary>The bids that the solution lists as left out.</summary>
    public required HashSet<int> LeftOut { get; init; }

    /// <summary>The offers that the solution lists as left out.</summary>
    public required HashSet<int> LeftOutOffers { get; init; }

    /// <summary>By market and slot: the price, or <see cref="None"/>.</summary>
    public long[][] Price { get; }

    /// <summary>By market and slot without a price: the lowest reserve of an offer with GPUs left for all.</summary>
    public long[][] UnsoldReserve { get; }

    /// <summary>By market and slot: the offer behind <see cref="UnsoldReserve"/>.</summary>
    public int[][] Unsold { get; }

    /// <summary>Whether there is a price in every slot.</summary>
    public bool IsPriced(int market, int from, int to) => _gaps[market][to] == _gaps[market][from];

    /// <summary>The sum of price × minutes over slots that have a price.</summary>
    public Int128 PriceSum(int market, int from, int to) => _prices[market][to] - _prices[market][from];

    /// <summary>The minutes of these slots together.</summary>
    public long Minutes(int from, int to) =>
        ((long)(to - from) * Problem.SlotMinutes) - (from == 0 ? Problem.SlotMinutes - Problem.FirstSlotMinutes : 0);

    T[][] Rows<T>(int more)
    {
        var rows = new T[Problem.Markets.Count][];
        for (var market = 0; market < rows.Length; market++) rows[market] = new T[Problem.Slots + more];
        return rows;
    }
}

/// <summary>Fills grouped by bid or by offer, in the order of the file.</summary>
sealed class FillsBy
{
    readonly Fill[] _fills;
    readonly int[] _starts;

    public FillsBy(List<Fill> fills, int groups, Func<Fill, int> group)
    {
        _starts = new int[groups + 1];
        foreach (var fill in fills) _starts[group(fill) + 1]++;
        for (var i = 0; i < groups; i++) _starts[i + 1] += _starts[i];

        _fills = new Fill[fills.Count];
        var next = _starts[..groups];
        foreach (var fill in fills) _fills[next[group(fill)]++] = fill;
    }

    public ReadOnlySpan<Fill> this[int group] => _fills.AsSpan(_starts[group].._starts[group + 1]);
}
