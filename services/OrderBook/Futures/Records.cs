using System.Runtime.InteropServices;

namespace ComputeExchange.OrderBook.Futures;

/// <summary>One order request as it goes to the engine; the layout is documented at <c>EnterOrders</c> in engine.proto.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct RequestRecord
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 48;

    public byte Kind;
    public byte Side;
    public byte Type;
    public byte TimeInForce;
    public ushort Instrument;
    public byte Flags;
    public byte SelfTrade;
    public uint Account;
    public uint Quantity;
    public int Price;
    public int StopPrice;
    public uint Peak;
    public uint Expiry;
    public ulong ClientOrderId;
    public ulong Order;
}

/// <summary>One event as it comes from the engine; the layout is documented at <c>OrdersHandled</c> in engine.proto.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct EventRecord
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 48;

    public EventKind Kind;
    public byte Side;
    public ushort Instrument;
    public uint Account;
    public ulong Order;
    public ulong Other;
    public int Price;
    public uint Quantity;
    public uint Leaves;
    public uint Detail;
    public long Value;

    /// <summary>The events that stand one after another in these bytes.</summary>
    public static ReadOnlySpan<EventRecord> In(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, EventRecord>(bytes);
}

/// <summary>What an event record tells.</summary>
public enum EventKind : byte
{
    None = 0,
    Accepted = 1,
    Rejected = 2,
    Traded = 3,
    Cancelled = 4,
    Replaced = 5,
    Triggered = 6,
    Refilled = 7,
    Reduced = 8,
    PhaseChanged = 9,
    Indicative = 10,
    Busted = 11,
    ReferenceSet = 12,
}

/// <summary>What else an owner says of an order, as the records have it.</summary>
[Flags]
public enum OrderFlags : byte
{
    None = 0,
    PostOnly = 1,
    ReduceOnly = 2,
    CancelOnDisconnect = 4,
}
