using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>One account of the futures market. Money is in micro-dollars.</summary>
internal struct Account
{
    /// <summary>Collateral less what the spot market holds of it.</summary>
    public long Funds;

    /// <summary>Initial margin of positions and open orders, at the worst that can be filled of them.</summary>
    public long Margin;

    /// <summary>Gain, or below zero loss, of positions against the reference prices that is not settled yet.</summary>
    public long Variation;

    public ulong LastClientOrderId;

    /// <summary>Orders that may be sent now, in thousandths, as of <see cref="RateAt"/>.</summary>
    public long Tokens;

    /// <summary>Milliseconds since 1970.</summary>
    public long RateAt;

    public int OpenOrders;
    public int MostOpenOrders;
    public int OrdersPerSecond;
    public int Burst;
    public bool MayTrade;
    public bool IsActive;

    /// <summary>What cannot be used for anything else: margin, and losses not settled yet. Gains count when they are settled.</summary>
    public readonly long Required => Margin + Math.Max(0, -Variation);

    // Eleven days: after that every rate has filled up, and no product leaves 64 bits.
    private const long LongestPause = 1_000_000_000;

    /// <summary>Takes one order from the rate allowed; false when none is left.</summary>
    public bool TakeToken(long now)
    {
        if (OrdersPerSecond == 0) return true;
        if (now != RateAt)
        {
            Tokens = Math.Min(Burst * 1_000L, Tokens + (Math.Min(now - RateAt, LongestPause) * OrdersPerSecond));
            RateAt = now;
        }
        if (Tokens < 1_000) return false;
        Tokens -= 1_000;
        return true;
    }
}

/// <summary>What an account holds and may come to hold of one instrument. Lots; never written but by <see cref="FuturesMarket"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Position
{
    /// <summary>Held: above 0 long, below 0 short.</summary>
    public long Lots;

    /// <summary>Open to buy.</summary>
    public long Buys;

    /// <summary>Open to sell. Stands right behind <see cref="Buys"/>.</summary>
    public long Sells;

    /// <summary>What the lots were traded at: ticks × lots, sold lots below 0.</summary>
    public long Cost;

    /// <summary>The largest position that the open orders can make of it, on either side: what margin is asked for.</summary>
    public readonly long Worst => Math.Max(Lots + Buys, Sells - Lots);

    /// <summary>What is open on a side. Looked up, not branched on: which side comes next nobody can predict, the processor least of all.</summary>
    [UnscopedRef]
    public ref long Open(Side side) => ref Unsafe.Add(ref Buys, (int)side);
}

/// <summary>A trade that can still be undone.</summary>
internal struct TradeRecord
{
    public long Number;
    public long At;
    public ushort Instrument;
    public bool IsBusted;
    public uint Buyer;
    public uint Seller;
    public int Price;
    public uint Quantity;
}

/// <summary>A stop order that waits for its price.</summary>
internal sealed record StopOrder(OrderRequest Request, ulong Id);
