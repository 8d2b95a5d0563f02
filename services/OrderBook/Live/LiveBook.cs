using ComputeExchange.OrderBook.Domain;

namespace ComputeExchange.OrderBook.Live;

/// <summary>The open bids and offers in memory, added up by market, slot and price, so that depth is read without a database.</summary>
/// <remarks>
/// A block counts in every slot that it may use; a standing bid, which has no end, in none. It says at every number of the feed what <see cref="MarketData.ReadDepth"/> says of the tables at that number.
/// </remarks>
public sealed class LiveBook(SlotGrid slots)
{
    private readonly Dictionary<long, OpenOrder> _bids = [];
    private readonly Dictionary<long, OpenOrder> _offers = [];
    private readonly Dictionary<(string Market, DateTimeOffset Slot), SlotBook> _books = [];

    /// <summary>How time is cut.</summary>
    public SlotGrid Slots => slots;

    /// <summary>A bid that wants so many GPUs in each slot of its window.</summary>
    public void AddBid(long id, Guid owner, IReadOnlyList<string> markets, DateTimeOffset from, int[] gpuCounts, long limitMicros, ISet<(string, DateTimeOffset)> touched) =>
        Add(_bids, id, new OpenOrder(owner, markets, from, gpuCounts, new OfferReserves(limitMicros, limitMicros, [])), isBid: true, touched);

    /// <summary>An offer of so many GPUs in each slot of its window.</summary>
    public void AddOffer(long id, Guid owner, string market, DateTimeOffset from, int[] gpuCounts, OfferReserves reserves, ISet<(string, DateTimeOffset)> touched) =>
        Add(_offers, id, new OpenOrder(owner, [market], from, gpuCounts, reserves), isBid: false, touched);

    /// <summary>A bid came to its end.</summary>
    public void CloseBid(long id, ISet<(string, DateTimeOffset)> touched) => Close(_bids, id, isBid: true, touched);

    /// <summary>An offer came to its end; says whose it was, if it was open.</summary>
    public Guid? CloseOffer(long id, ISet<(string, DateTimeOffset)> touched) => Close(_offers, id, isBid: false, touched);

    /// <summary>GPUs of an offer went to a bid in the slots that begin at these times.</summary>
    public void Sell(long bidId, long offerId, int gpuCount, IEnumerable<DateTimeOffset> starts, ISet<(string, DateTimeOffset)> touched)
    {
        foreach (var start in starts)
        {
            if (_bids.TryGetValue(bidId, out var bid)) Change(bid, start, -gpuCount, isBid: true, touched);
            if (_offers.TryGetValue(offerId, out var offer)) Change(offer, start, -gpuCount, isBid: false, touched);
        }
    }

    /// <summary>The depth of a slot: bids dearest first, offers cheapest first.</summary>
    /// <param name="market">The market.</param>
    /// <param name="slot">The slot's start.</param>
    /// <param name="prompt">Whether the slot is in progress, and its offers stand at their prompt reserves.</param>
    public (IReadOnlyList<Level> Bids, IReadOnlyList<Level> Offers) Depth(string market, DateTimeOffset slot, bool prompt)
    {
        if (!_books.TryGetValue((market, slot), out var book)) return ([], []);
        var offers = prompt ? book.PromptOffers : book.Offers;
        return (
            [.. book.Bids.Select(level => level.Value with { PriceMicros = level.Key }).OrderByDescending(level => level.PriceMicros)],
            [.. offers.Select(level => level.Value with { PriceMicros = level.Key }).OrderBy(level => level.PriceMicros)]);
    }

    /// <summary>Forgets the slots that have passed.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var key in _books.Keys.Where(key => key.Slot + slots.Length <= now).ToList()) _books.Remove(key);
    }

    private void Add(Dictionary<long, OpenOrder> orders, long id, OpenOrder order, bool isBid, ISet<(string, DateTimeOffset)> touched)
    {
        if (!orders.TryAdd(id, order)) return;
        for (var i = 0; i < order.GpuCounts.Length; i++) Count(order, i, order.GpuCounts[i], isBid, touched);
    }

    private Guid? Close(Dictionary<long, OpenOrder> orders, long id, bool isBid, ISet<(string, DateTimeOffset)> touched)
    {
        if (!orders.Remove(id, out var order)) return null;
        for (var i = 0; i < order.GpuCounts.Length; i++) Count(order, i, -order.GpuCounts[i], isBid, touched);
        return order.Owner;
    }

    private void Change(OpenOrder order, DateTimeOffset start, int gpus, bool isBid, ISet<(string, DateTimeOffset)> touched)
    {
        // A lease of a slot in progress begins inside it.
        var position = slots.PositionOf(slots.StartOf(start), order.From);
        if (position < 0 || position >= order.GpuCounts.Length) return;
        Count(order, position, -order.GpuCounts[position], isBid, touched);
        order.GpuCounts[position] += gpus;
        Count(order, position, order.GpuCounts[position], isBid, touched);
    }

    /// <summary>Adds an order's GPUs in one slot to the levels, or with a minus takes them away.</summary>
    private void Count(OpenOrder order, int position, int gpus, bool isBid, ISet<(string, DateTimeOffset)> touched)
    {
        if (gpus == 0) return;
        var slot = order.From + (position * slots.Length);
        foreach (var market in order.Markets)
        {
            if (!_books.TryGetValue((market, slot), out var book))
            {
                if (gpus < 0) continue;
                _books[(market, slot)] = book = new SlotBook();
            }
            touched.Add((market, slot));
            if (isBid)
            {
                SlotBook.Count(book.Bids, order.Prices.ReserveMicros, gpus);
                continue;
            }
            SlotBook.Count(book.Offers, order.Prices.Of(position, perishes: false), gpus);
            SlotBook.Count(book.PromptOffers, order.Prices.Of(position, perishes: true), gpus);
        }
    }

    /// <summary>One price of the depth.</summary>
    public readonly record struct Level(long PriceMicros, long GpuCount, int OrderCount);

    private sealed record OpenOrder(Guid Owner, IReadOnlyList<string> Markets, DateTimeOffset From, int[] GpuCounts, OfferReserves Prices);

    private sealed class SlotBook
    {
        public Dictionary<long, Level> Bids { get; } = [];

        public Dictionary<long, Level> Offers { get; } = [];

        public Dictionary<long, Level> PromptOffers { get; } = [];

        public static void Count(Dictionary<long, Level> side, long price, int gpus)
        {
            var level = side.GetValueOrDefault(price);
            level = level with { GpuCount = level.GpuCount + gpus, OrderCount = level.OrderCount + Math.Sign(gpus) };
            if (level.OrderCount == 0) side.Remove(price);
            else side[price] = level;
        }
    }
}
