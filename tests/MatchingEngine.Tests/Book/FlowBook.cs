using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>The simplest price-time book: sorted lists of queues. It knows of no owners, icebergs or rules.</summary>
internal sealed class FlowBook
{
    private readonly SortedList<int, LinkedList<Order>> _buys = [];
    private readonly SortedList<int, LinkedList<Order>> _sells = [];
    private readonly Dictionary<ulong, LinkedListNode<Order>> _orders = [];

    public event Action<ulong>? Came;

    public event Action<ulong>? Went;

    public FlowFigures Figures { get; } = new();

    public int Resting => _orders.Count;

    public Order? Find(ulong id) => _orders.TryGetValue(id, out var node) ? node.Value : null;

    /// <summary>Trades an order and rests what is left if it is to rest; says whether something rests.</summary>
    public bool Place(Side side, ulong id, int price, uint quantity, bool rests)
    {
        var others = side == Side.Buy ? _sells : _buys;
        while (quantity > 0 && others.Count > 0)
        {
            var best = side == Side.Buy ? 0 : others.Count - 1;
            var (level, queue) = (others.Keys[best], others.Values[best]);
            if (side == Side.Buy ? level > price : level < price) break;
            var maker = queue.First!.Value;
            var traded = Math.Min(quantity, maker.Quantity);
            Figures.Add(id, maker.Id, level, traded);
            maker.Quantity -= traded;
            quantity -= traded;
            if (maker.Quantity == 0) Cancel(maker.Id);
        }
        if (quantity == 0 || !rests) return false;
        var own = side == Side.Buy ? _buys : _sells;
        if (!own.TryGetValue(price, out var resting)) own.Add(price, resting = new LinkedList<Order>());
        _orders.Add(id, resting.AddLast(new Order(id, side, price) { Quantity = quantity }));
        Came?.Invoke(id);
        return true;
    }

    public void Cancel(ulong id)
    {
        if (!_orders.Remove(id, out var node)) return;
        var levels = node.Value.Side == Side.Buy ? _buys : _sells;
        var queue = levels[node.Value.Price];
        queue.Remove(node);
        if (queue.Count == 0) levels.Remove(node.Value.Price);
        Went?.Invoke(id);
    }

    internal sealed record Order(ulong Id, Side Side, int Price)
    {
        public uint Quantity { get; set; }
    }
}
