using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ComputeExchange.MatchingEngine.Core.Book;

/// <summary>Buy or sell.</summary>
public enum Side : byte
{
    /// <summary>Wants to buy.</summary>
    Buy = 0,

    /// <summary>Wants to sell.</summary>
    Sell = 1,
}

/// <summary>
/// The price levels of one side: a place for each tick, found by its number, under a hierarchy of bits that says which of them hold orders.
/// </summary>
/// <remarks>
/// Ticks are turned into keys so that the best price is always the lowest key: for sells the tick itself, for buys its complement.
/// Then both sides are the same code, without a branch on the side. Places come in pages of 4,096 ticks, made when first used, so any
/// range of 32-bit ticks can be traded; an empty page costs nothing and the next filled one is found by at most four steps.
/// </remarks>
internal sealed unsafe class Ladder
{
    /// <summary>The best key of a side with no orders: beyond every price.</summary>
    public const int None = int.MaxValue;

    private const int PageBits = 12;
    private const int PageLength = 1 << PageBits;

    private readonly OrderPool _pool;
    private readonly Side _side;
    private readonly SortedDictionary<int, Page[]> _pages = [];
    private readonly BitTree _filled = new(1 << (32 - PageBits));
    private nint[] _window = [];
    private nint* _directory;
    private int _base;
    private uint _length;

    /// <summary>An empty side.</summary>
    public Ladder(OrderPool pool, Side side) => (_pool, _side) = (pool, side);

    /// <summary>The best key, or <see cref="None"/>.</summary>
    public int Best = None;

    /// <summary>The position of a level's anchor; makes the level if it was never used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Anchor(int key)
    {
        unchecked
        {
            return PageOf(key)->Anchors + (uint)(key & (PageLength - 1));
        }
    }

    /// <summary>Notes that a level holds orders; says its anchor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Fill(int key)
    {
        unchecked
        {
            var page = PageOf(key);
            if (page->Summary == 0) _filled.Set((key >> PageBits) + (1 << (31 - PageBits)));
            var word = (key >> 6) & 63;
            page->Words[word] |= 1UL << key;
            page->Summary |= 1UL << word;
            Best = Math.Min(Best, key);
            return page->Anchors + (uint)(key & (PageLength - 1));
        }
    }

    /// <summary>Notes that a level holds no orders any more.</summary>
    public void Empty(int key)
    {
        unchecked
        {
            var page = PageOf(key);
            var word = (key >> 6) & 63;
            var bits = page->Words[word] &= ~(1UL << key);
            if (bits == 0)
            {
                page->Summary &= ~(1UL << word);
                if (page->Summary == 0) _filled.Clear((key >> PageBits) + (1 << (31 - PageBits)));
            }
            if (key == Best) Best = Next(page, key);
        }
    }

    /// <summary>The next key after one that holds orders, or <see cref="None"/>.</summary>
    public int After(int key) => key == None ? None : Next(PageOf(key), key);

    // The first filled key above one; bits at and below the key's own in its word do not count.
    private int Next(Page* page, int key)
    {
        unchecked
        {
            var word = (key >> 6) & 63;
            var bits = page->Words[word] & (ulong)(-2L << key);
            if (bits != 0) return (key & ~63) | BitOperations.TrailingZeroCount(bits);

            var words = page->Summary & (ulong)(-2L << word);
            if (words == 0)
            {
                var number = _filled.After((key >> PageBits) + (1 << (31 - PageBits)));
                if (number < 0) return None;
                key = (number - (1 << (31 - PageBits))) << PageBits;
                page = PageOf(key);
                words = page->Summary;
            }
            word = BitOperations.TrailingZeroCount(words);
            return (key & ~(PageLength - 1)) | (word << 6) | BitOperations.TrailingZeroCount(page->Words[word]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Page* PageOf(int key)
    {
        unchecked
        {
            var number = (uint)((key >> PageBits) - _base);
            if (number < _length && _directory[number] is var page and not 0) return (Page*)page;
            return Make(key >> PageBits);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Page* Make(int number)
    {
        if (_length == 0) (_base, _window) = (number, GC.AllocateArray<nint>(1, pinned: true));
        var first = Math.Min(_base, number);
        var last = Math.Max(_base + _window.Length - 1, number);
        if (last - first + 1 > _window.Length)
        {
            var window = GC.AllocateArray<nint>(last - first + 1, pinned: true);
            _window.CopyTo(window, _base - first);
            (_window, _base) = (window, first);
        }
        _length = (uint)_window.Length;
        _directory = (nint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_window));

        var memory = GC.AllocateArray<Page>(1, pinned: true);
        _pages.Add(number, memory);
        var page = (Page*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        page->Anchors = _pool.TakeRow(PageLength);
        for (var place = 0; place < PageLength; place++)
        {
            var anchor = page->Anchors + (uint)place;
            _pool.Links[anchor] = new OrderPool.Link { Next = anchor, Previous = anchor };
            _pool.Orders[anchor] = new RestingOrder { Price = (number << PageBits) | place, Side = _side };
        }
        _directory[number - _base] = (nint)page;
        return page;
    }

    private struct Page
    {
        public uint Anchors;
        public ulong Summary;
        public fixed ulong Words[64];
    }
}

/// <summary>A set of small whole numbers as bits over bits: the next member is found in a step a level.</summary>
internal sealed class BitTree
{
    private readonly ulong[][] _levels;

    /// <summary>An empty set of numbers below a bound.</summary>
    public BitTree(int bound)
    {
        var levels = new List<ulong[]>();
        do
        {
            bound = (bound + 63) / 64;
            levels.Add(new ulong[bound]);
        }
        while (bound > 1);
        _levels = [.. levels];
    }

    public void Set(int number)
    {
        foreach (var level in _levels)
        {
            level[number >> 6] |= 1UL << (number & 63);
            number >>= 6;
        }
    }

    public void Clear(int number)
    {
        foreach (var level in _levels)
        {
            if ((level[number >> 6] &= ~(1UL << (number & 63))) != 0) return;
            number >>= 6;
        }
    }

    /// <summary>The least member above a number; -1 when there is none.</summary>
    public int After(int number)
    {
        for (var height = 0; height < _levels.Length; height++)
        {
            var bits = _levels[height][number >> 6] & unchecked((ulong)(-2L << (number & 63)));
            number >>= 6;
            if (bits == 0) continue;
            number = (number << 6) | BitOperations.TrailingZeroCount(bits);
            while (height-- > 0) number = (number << 6) | BitOperations.TrailingZeroCount(_levels[height][number]);
            return number;
        }
        return -1;
    }
}
