using System.Runtime.CompilerServices;

namespace ComputeExchange.MatchingEngine.Core.Book;

/// <summary>Hears of every fill while a book matches.</summary>
public interface IFills
{
    /// <summary>A resting order traded; its quantity is already reduced.</summary>
    /// <param name="maker">The resting order; with nothing left and nothing hidden it leaves the book when this returns.</param>
    /// <param name="quantity">Lots traded, at the maker's price.</param>
    void Fill(ref RestingOrder maker, uint quantity);

    /// <summary>An iceberg showed its next part, which went to the back of its level.</summary>
    void Refill(ref RestingOrder maker);
}

/// <summary>The resting orders of one instrument, in price-time order. It knows prices, queues and owners, and no other rule.</summary>
/// <remarks>
/// Every operation is a fixed number of steps however many orders rest, apart from the fills themselves. In an auction the two sides may cross.
/// Not for several threads.
/// </remarks>
public sealed unsafe class LimitBook
{
    /// <summary>Set in <see cref="RestingOrder.Flags"/>: matching stops before this order, so that the caller can look at it first.</summary>
    public const byte Guarded = 0x80;

    private readonly OrderPool _pool;
    private readonly Ladder _buys;
    private readonly Ladder _sells;

    /// <summary>An empty book in a pool.</summary>
    public LimitBook(OrderPool pool)
    {
        _pool = pool;
        _buys = new Ladder(pool, Side.Buy);
        _sells = new Ladder(pool, Side.Sell);
    }

    /// <summary>Whether a side has orders.</summary>
    public bool Has(Side side) => LadderOf(side).Best != Ladder.None;

    /// <summary>The best price of a side that has orders, in ticks.</summary>
    public int BestPrice(Side side) => PriceOf(side, LadderOf(side).Best);

    /// <summary>Whether an incoming order at a limit would trade.</summary>
    public bool Crosses(Side taker, int limit)
    {
        var best = LadderOf(Opposite(taker)).Best;
        return best != Ladder.None && best <= KeyOf(Opposite(taker), limit);
    }

    /// <summary>Puts an order at the back of its price level. Its id must not rest already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in RestingOrder order)
    {
        unchecked
        {
            var position = _pool.Take();
            var anchor = LadderOf(order.Side).Fill(KeyOf(order.Side, order.Price));
            _pool.Orders[position] = order;
            Append(anchor, position);
            _pool.SetIndex(order.Id, position);
            _pool.Resting++;
        }
    }

    /// <summary>Takes an order out; <paramref name="position"/> is what <see cref="OrderPool.Find"/> told and must be of this book.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(uint position)
    {
        unchecked
        {
            _pool.ClearIndex(_pool.Orders[position].Id);
            Unlink(position);
            _pool.Free(position);
            _pool.Resting--;
        }
    }

    /// <summary>Trades an incoming order against the other side at the resting orders' prices, best price and earliest first.</summary>
    /// <param name="taker">The incoming order's side.</param>
    /// <param name="limit">The worst price, in ticks.</param>
    /// <param name="quantity">Lots wanted.</param>
    /// <param name="owner">Whose it is; matching stops before a resting order of the same owner, and before a guarded one.</param>
    /// <param name="pass">The position of a guarded order that may trade; 0 for none.</param>
    /// <param name="fills">Hears of every fill.</param>
    /// <param name="stopped">The position of the order that matching stopped at; 0 when it did not.</param>
    /// <returns>Lots left.</returns>
    public uint Match<TFills>(Side taker, int limit, uint quantity, uint owner, uint pass, ref TFills fills, out uint stopped)
        where TFills : struct, IFills, allows ref struct
    {
        unchecked
        {
            var other = LadderOf(Opposite(taker));
            var worst = KeyOf(Opposite(taker), limit);
            stopped = 0;
            while (other.Best <= worst && other.Best != Ladder.None)
            {
                var key = other.Best;
                var anchor = other.Anchor(key);
                var position = _pool.Links[anchor].Next;
                do
                {
                    ref var maker = ref _pool.Orders[position];
                    if ((maker.Owner == owner || maker.Flags >= Guarded) && (maker.Owner == owner || position != pass))
                    {
                        stopped = position;
                        return quantity;
                    }
                    if (maker.Quantity > quantity)
                    {
                        maker.Quantity -= quantity;
                        fills.Fill(ref maker, quantity);
                        return 0;
                    }
                    var traded = maker.Quantity;
                    quantity -= traded;
                    maker.Quantity = 0;
                    fills.Fill(ref maker, traded);
                    var next = _pool.Links[position].Next;
                    _pool.Links[anchor].Next = next;
                    _pool.Links[next].Previous = anchor;
                    if (maker.Hidden != 0)
                    {
                        // At the back it may stand behind others of its owner: the caller looks at it again.
                        if (position == pass) pass = 0;
                        Refill(ref maker, anchor, position);
                        fills.Refill(ref maker);
                        next = _pool.Links[anchor].Next;
                    }
                    else
                    {
                        _pool.ClearIndex(maker.Id);
                        _pool.Free(position);
                        _pool.Resting--;
                    }
                    position = next;
                    if (position == anchor) break;
                }
                while (quantity != 0);
                if (position == anchor) other.Empty(key);
                if (quantity == 0) return 0;
            }
            return quantity;
        }
    }

    /// <summary>Lots that an incoming order is sure to find at a limit, hidden ones included and guarded orders left out; stops counting at what is enough.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="passOwn">Whether it passes by orders of the same owner; else it comes no farther than the first of them.</param>
    public ulong Available(Side taker, int limit, ulong enough, uint owner, bool passOwn)
    {
        var (sum, hidden, price) = (0UL, 0UL, 0);
        foreach (var position in Positions(Opposite(taker)))
        {
            ref var order = ref _pool.At(position);
            if (order.Price != price) (sum, hidden, price) = (sum + hidden, 0, order.Price);
            if (sum >= enough || KeyOf(order.Side, order.Price) > KeyOf(order.Side, limit)) break;

            // What icebergs of this price hide comes only behind the own order.
            if (order.Owner == owner && !passOwn) return sum;
            if (order.Owner == owner || order.Flags >= Guarded) continue;
            sum += order.Quantity;
            hidden += order.Hidden;
        }
        return sum + hidden;
    }

    /// <summary>The positions of a side's orders, best price and earliest first. The book must not change meanwhile.</summary>
    public IEnumerable<uint> Positions(Side side)
    {
        var ladder = LadderOf(side);
        for (var key = ladder.Best; key != Ladder.None; key = ladder.After(key))
        {
            var anchor = ladder.Anchor(key);
            for (var position = NextOf(anchor); position != anchor; position = NextOf(position)) yield return position;
        }
    }

    private uint NextOf(uint position) => _pool.Links[position].Next;

    private void Refill(ref RestingOrder maker, uint anchor, uint position)
    {
        maker.Quantity = Math.Min(maker.Peak, maker.Hidden);
        maker.Hidden -= maker.Quantity;
        Append(anchor, position);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(uint anchor, uint position)
    {
        unchecked
        {
            var links = _pool.Links;
            var last = links[anchor].Previous;
            links[position] = new OrderPool.Link { Next = anchor, Previous = last };
            links[last].Next = position;
            links[anchor].Previous = position;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unlink(uint position)
    {
        unchecked
        {
            var links = _pool.Links;
            var link = links[position];
            links[link.Previous].Next = link.Next;
            links[link.Next].Previous = link.Previous;

            // Only an anchor has the same neighbour on both sides: the level is empty.
            if (link.Next == link.Previous)
            {
                ref var level = ref _pool.Orders[link.Next];
                LadderOf(level.Side).Empty(level.Price);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Ladder LadderOf(Side side) => side == Side.Buy ? _buys : _sells;

    private static Side Opposite(Side side) => (Side)((byte)side ^ 1);

    /// <summary>The tick itself for sells, its complement for buys: lower is better on both sides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int KeyOf(Side side, int price) => price ^ ((int)side - 1);

    private static int PriceOf(Side side, int key) => key ^ ((int)side - 1);
}
