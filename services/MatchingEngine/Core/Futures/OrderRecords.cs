using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>One order request as it travels in batches and stands in the journal: 48 bytes, little endian, in this order.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct OrderRequest
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 48;

    public OrderKind Kind;
    public Side Side;
    public OrderType Type;
    public TimeInForce TimeInForce;

    /// <summary>The instrument's index.</summary>
    public ushort Instrument;

    public OrderFlags Flags;
    public SelfTrade SelfTrade;

    /// <summary>The account's index.</summary>
    public uint Account;

    /// <summary>Lots. For a replace: what is to be open.</summary>
    public uint Quantity;

    /// <summary>Ticks; not looked at for market and stop orders.</summary>
    public int Price;

    /// <summary>Ticks, for stop orders.</summary>
    public int StopPrice;

    /// <summary>Lots shown of an iceberg; 0 to show all.</summary>
    public uint Peak;

    /// <summary>Seconds since 1970, for orders that are good till a date.</summary>
    public uint Expiry;

    /// <summary>The caller's number for a place or a replace; it counts up in each account, so that no request is done twice.</summary>
    public ulong ClientOrderId;

    /// <summary>The order meant, for a cancel or a replace.</summary>
    public ulong Order;
}

/// <summary>One thing that happened, as the feed and the journal carry it: 48 bytes, little endian, in this order. What the fields mean stands at each <see cref="OrderEventKind"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct OrderEvent
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 48;

    public OrderEventKind Kind;
    public Side Side;
    public ushort Instrument;
    public uint Account;
    public ulong Order;
    public ulong Other;

    /// <summary>Ticks.</summary>
    public int Price;

    /// <summary>Lots.</summary>
    public uint Quantity;

    /// <summary>Lots.</summary>
    public uint Leaves;

    public uint Detail;
    public long Value;

    /// <summary>Why a request was refused.</summary>
    public readonly RejectReason Reject => (RejectReason)Detail;

    /// <summary>Why an order ended.</summary>
    public readonly CancelReason Cancel => (CancelReason)Detail;
}

/// <summary>The parameters of a futures contract: data that an operator or the listing sets. Rulebook section 8.4.</summary>
/// <param name="Name">Its name, for example <c>CX-H100-SXM-80GB.us-east-2027-01</c>.</param>
/// <param name="TickValueMicros">What one tick of one lot is worth, in micro-dollars; 1 to 10^12.</param>
/// <param name="MostLots">The most lots in an order.</param>
/// <param name="MostNotionalMicros">The highest notional value of an order, in micro-dollars.</param>
/// <param name="MostPosition">The largest position, long or short, with all open orders filled, in lots.</param>
/// <param name="MarginMicros">The initial margin of one lot, in micro-dollars.</param>
/// <param name="BandPpm">How far a price may be from the reference, in parts per million of it.</param>
/// <param name="BandFloorTicks">The band is never narrower than this on each side.</param>
/// <param name="VelocityPpm">How far a price may move within <paramref name="VelocitySeconds"/> before trading stops for an auction, in parts per million.</param>
/// <param name="VelocitySeconds">The length of that window; 0 for no such halt.</param>
/// <param name="CallSeconds">How long the auction after a volatility halt gathers orders.</param>
public sealed record InstrumentTerms(
    string Name, long TickValueMicros, uint MostLots, long MostNotionalMicros, long MostPosition, long MarginMicros,
    int BandPpm, int BandFloorTicks, int VelocityPpm, int VelocitySeconds, int CallSeconds)
{
    /// <summary>What is wrong with these terms: a field and what would be right; null when nothing is.</summary>
    public (string Field, string Message)? Wrong()
    {
        static (string, string)? Range(string field, long value, long least, long most) =>
            value < least || value > most ? (field, $"is {value}; it can be {least} to {most}.") : null;

        if (Name.Length is 0 or > 64 || !Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.'))
            return ("name", $"'{Name}' is not an instrument's name: 1 to 64 letters, digits, '-' and '.'.");
        return Range("tick_value_micros", TickValueMicros, 1, 1_000_000_000_000)
            ?? Range("lot_count_max", MostLots, 1, 1_000_000)
            ?? Range("notional_micros_max", MostNotionalMicros, 1, 1_000_000_000_000_000)
            ?? Range("position_lot_count_max", MostPosition, 1, 100_000_000)
            ?? Range("margin_micros_per_lot", MarginMicros, 0, 1_000_000_000_000)
            ?? Range("band_ppm", BandPpm, 1, 1_000_000)
            ?? Range("band_tick_count_min", BandFloorTicks, 1, 1_000_000)
            ?? Range("velocity_ppm", VelocityPpm, 1, 1_000_000)
            ?? Range("velocity_seconds", VelocitySeconds, 0, 3_600)
            ?? Range("call_seconds", CallSeconds, 1, 86_400)
            ?? Product("tick_value_micros", TickValueMicros, MostSum)
            ?? Product("margin_micros_per_lot", MarginMicros, MostMargin);
    }

    private (string, string)? Product(string field, long perLot, long most) =>
        perLot > 0 && MostPosition > most / perLot ? ("position_lot_count_max", $"times {field} is above {most}: the largest position is too large for one contract.") : null;

    // With these no sum over positions, prices and contracts leaves 64 bits.
    private const long MostSum = 100_000_000_000;
    private const long MostMargin = 100_000_000_000_000_000;
}

/// <summary>What an account may do, set by Participants and operators.</summary>
/// <param name="MayTrade">Whether new orders are taken.</param>
/// <param name="OrdersPerSecond">Sustained rate; 0 for no limit.</param>
/// <param name="Burst">Orders that may come at once.</param>
/// <param name="MostOpenOrders">Open orders, stop orders included.</param>
public sealed record AccountLimits(bool MayTrade, int OrdersPerSecond, int Burst, int MostOpenOrders)
{
    /// <summary>The field's usual values: reliability and risk desks set others for each account.</summary>
    public static readonly AccountLimits Default = new(true, 50, 200, 200);
}
