using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>A book as anyone would write it first: a sorted dictionary of lists on each side.</summary>
internal sealed class PlainBook
{
    private readonly SortedDictionary<int, List<Order>> _buys = [];
    private readonly SortedDictionary<int, List<Order>> _sells = [];
    private readonly Dictionary<ulong, Order> _byId = [];

    public int Count => _byId.Count;

    public IEnumerable<ulong> Ids => _byId.Keys;

    public Order? Find(ulong id) => _byId.GetValueOrDefault(id);

    public void Add(RestingOrder order)
    {
        var added = new Order
        {
            Id = order.Id, Owner = order.Owner, Side = order.Side, Price = order.Price, Quantity = order.Quantity, Hidden = order.Hidden,
            Peak = order.Peak, IsGuarded = order.Flags >= LimitBook.Guarded,
        };
        var levels = Levels(order.Side);
        if (!levels.TryGetValue(order.Price, out var level)) levels.Add(order.Price, level = []);
        level.Add(added);
        _byId.Add(order.Id, added);
    }

    public void Remove(ulong id)
    {
        _byId.Remove(id, out var order);
        var level = Levels(order!.Side)[order.Price];
        level.Remove(order);
        if (level.Count == 0) Levels(order.Side).Remove(order.Price);
    }

    /// <summary>A side's orders, best price and earliest first.</summary>
    public IEnumerable<Order> Orders(Side side) => (side == Side.Buy ? _buys.Reverse() : _sells).SelectMany(level => level.Value);

    public uint Match(Side taker, int limit, uint quantity, uint owner, ulong pass, List<string> told, out ulong stopped)
    {
        var other = taker == Side.Buy ? Side.Sell : Side.Buy;
        stopped = 0;
        while (quantity > 0)
        {
            var levels = Levels(other);
            if (levels.Count == 0) break;
            var (price, level) = other == Side.Sell ? levels.First() : levels.Last();
            if (taker == Side.Buy ? price > limit : price < limit) break;
            var maker = level[0];
            if (maker.Owner == owner || (maker.IsGuarded && maker.Id != pass))
            {
                stopped = maker.Id;
                break;
            }
            var traded = Math.Min(quantity, maker.Quantity);
            quantity -= traded;
            maker.Quantity -= traded;
            told.Add($"{maker.Id} {traded} at {maker.Price} leaves {maker.Quantity}+{maker.Hidden}");
            if (maker.Quantity > 0) break;
            if (maker.Hidden == 0)
            {
                Remove(maker.Id);
                continue;
            }
            maker.Quantity = Math.Min(maker.Peak, maker.Hidden);
            maker.Hidden -= maker.Quantity;
            level.RemoveAt(0);
            level.Add(maker);
            told.Add($"{maker.Id} shows {maker.Quantity}+{maker.Hidden}");
            if (maker.Id == pass) pass = 0;
        }
        return quantity;
    }

    private SortedDictionary<int, List<Order>> Levels(Side side) => side == Side.Buy ? _buys : _sells;

    internal sealed class Order
    {
        public required ulong Id { get; init; }

        public required uint Owner { get; init; }

        public required Side Side { get; init; }

        public required int Price { get; init; }

        public required uint Quantity { get; set; }

        public required uint Hidden { get; set; }

        public required uint Peak { get; init; }

        public required bool IsGuarded { get; init; }
    }
}
