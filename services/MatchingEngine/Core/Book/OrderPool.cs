using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ComputeExchange.MatchingEngine.Core.Book;

/// <summary>One resting order, 32 bytes: two of them in a cache line.</summary>
/// <remarks>The same memory serves as the anchor of a price level's queue; then only <see cref="Price"/> (the level's key) and <see cref="Side"/> mean something.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct RestingOrder
{
    /// <summary>The order's number, from 1.</summary>
    public ulong Id;

    /// <summary>Lots that can be seen and traded with now.</summary>
    public uint Quantity;

    /// <summary>Whose it is: the account's index.</summary>
    public uint Owner;

    /// <summary>Ticks.</summary>
    public int Price;

    /// <summary>Lots of an iceberg that are not shown yet.</summary>
    public uint Hidden;

    /// <summary>Lots an iceberg shows at a time; 0 for any other order.</summary>
    public uint Peak;

    /// <summary>The instrument's index.</summary>
    public ushort Instrument;

    /// <summary>Buy or sell.</summary>
    public Side Side;

    /// <summary>What else the owner said of it; the book does not look at it.</summary>
    public byte Flags;

    /// <summary>Lots in all.</summary>
    public readonly uint Total => unchecked(Quantity + Hidden);
}

/// <summary>The memory of all books: orders, the links of their queues, and where each id rests.</summary>
/// <remarks>
/// Dense and flat, because a book spends its time waiting for memory: orders are reused last in, first out; a queue's links
/// are 4-byte positions apart from the rest; an id finds its order by a direct index whose pages are given back when nothing in them rests any more.
/// Nothing is allocated for an order once the pool has its size; it doubles when full. Not for several threads.
/// </remarks>
public sealed unsafe class OrderPool
{
    private const int CacheLine = 64;
    private const uint MostOrders = 1 << 25;
    private const int IndexBits = 14;
    private const int IndexPage = 1 << IndexBits;

    private readonly Stack<uint[]> _spareIndex = new();
    private readonly List<int> _indexPages = [];
    private Link[] _linkMemory = [];
    private byte[] _orderMemory = [];
    private uint[]?[] _indexMemory = new uint[]?[64];
    private nint[] _indexTable = GC.AllocateArray<nint>(64, pinned: true);
    private nint* _index;
    private Link* _links;
    private RestingOrder* _orders;
    private ulong _indexed;
    private int _nextLook;
    private uint _free;
    private uint _used = 1;
    private uint _capacity;

    /// <summary>A pool with room for so many orders before it has to grow.</summary>
    public OrderPool(int capacity = 1 << 16)
    {
        _index = (nint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_indexTable));
        Grow(BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 1 << 13)));
    }

    /// <summary>Orders now resting in all books.</summary>
    public int Resting { get; internal set; }

    /// <summary>Bytes held.</summary>
    public long Bytes => (_capacity * (long)(sizeof(Link) + sizeof(RestingOrder))) + ((_indexPages.Count + _spareIndex.Count) * (long)IndexPage * sizeof(uint));

    internal Link* Links => _links;

    internal RestingOrder* Orders => _orders;

    /// <summary>Where an order rests; 0 when it does not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong id)
    {
        unchecked
        {
            return id < _indexed && _index[id >> IndexBits] is var page and not 0 ? ((uint*)page)[id & (IndexPage - 1)] : 0;
        }
    }

    /// <summary>The order at a position that <see cref="Find"/> told.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref RestingOrder At(uint position)
    {
        unchecked
        {
            return ref _orders[position];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetIndex(ulong id, uint position)
    {
        unchecked
        {
            if (id >= _indexed || _index[id >> IndexBits] == 0) AddIndexPage(id);
            ((uint*)_index[id >> IndexBits])[id & (IndexPage - 1)] = position;
        }
    }

    /// <summary>For an id that rests.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ClearIndex(ulong id)
    {
        unchecked
        {
            ((uint*)_index[id >> IndexBits])[id & (IndexPage - 1)] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Take()
    {
        unchecked
        {
            var position = _free;
            if (position != 0)
            {
                _free = _links[position].Next;
                return position;
            }
            if (_used == _capacity) Grow(_capacity * 2);
            return _used++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Free(uint position)
    {
        unchecked
        {
            _links[position].Next = _free;
            _free = position;
        }
    }

    /// <summary>Positions in a row, for the anchors of price levels.</summary>
    internal uint TakeRow(uint count)
    {
        while (_used + count > _capacity) Grow(_capacity * 2);
        var first = _used;
        _used += count;
        return first;
    }

    private void Grow(uint capacity)
    {
        if (capacity > MostOrders) throw new InvalidOperationException($"{MostOrders:#,0} orders rest: no more can be taken.");
        var links = GC.AllocateUninitializedArray<Link>((int)capacity, pinned: true);
        _linkMemory.CopyTo(links.AsSpan());
        _links = (Link*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(links));

        // An order that lay across two cache lines would cost two misses: the first begins where a line does.
        var memory = GC.AllocateUninitializedArray<byte>((int)(((long)capacity * sizeof(RestingOrder)) + CacheLine), pinned: true);
        var begin = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        var orders = (RestingOrder*)((begin + CacheLine - 1) & ~(nint)(CacheLine - 1));
        if (_capacity > 0) new ReadOnlySpan<RestingOrder>(_orders, (int)_capacity).CopyTo(new Span<RestingOrder>(orders, (int)_capacity));
        (_linkMemory, _orderMemory, _capacity) = (links, memory, capacity);
        _orders = orders;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddIndexPage(ulong id)
    {
        var number = (int)(id >> IndexBits);
        if (number >= _indexMemory.Length)
        {
            var length = (int)BitOperations.RoundUpToPowerOf2((uint)number + 1);
            Array.Resize(ref _indexMemory, length);
            var table = GC.AllocateArray<nint>(length, pinned: true);
            _indexTable.CopyTo(table.AsSpan());
            _indexTable = table;
            _index = (nint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(table));
        }
        GiveBackEmptyPages();
        if (!_spareIndex.TryPop(out var page)) page = GC.AllocateArray<uint>(IndexPage, pinned: true);
        _indexPages.Add(number);
        _indexMemory[number] = page;
        _indexTable[number] = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(page));
        _indexed = Math.Max(_indexed, ((ulong)number + 1) << IndexBits);
    }

    /// <summary>Each new page looks at a few that are in use, in turn, the newest apart: so pages in which nothing rests come back as fast as new ones are needed.</summary>
    private void GiveBackEmptyPages()
    {
        for (var looks = Math.Min(4, _indexPages.Count); looks > 0; looks--)
        {
            if (_nextLook >= _indexPages.Count) _nextLook = 0;
            var number = _indexPages[_nextLook];
            if (number + 2 >= (int)(_indexed >> IndexBits) || _indexMemory[number].AsSpan().ContainsAnyExcept(0u))
            {
                _nextLook++;
                continue;
            }
            _spareIndex.Push(_indexMemory[number]!);
            _indexMemory[number] = null;
            _indexTable[number] = 0;
            _indexPages[_nextLook] = _indexPages[^1];
            _indexPages.RemoveAt(_indexPages.Count - 1);
        }
    }

    /// <summary>The neighbours of an order in its level's ring; the level's anchor stands between the last and the first.</summary>
    internal struct Link
    {
        public uint Next;
        public uint Previous;
    }
}
