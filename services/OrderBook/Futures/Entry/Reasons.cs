using System.Globalization;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>Why requests are refused, for people: the field, the offending value, and what would be right.</summary>
public static class Reasons
{
    /// <summary>Puts field and words to a refusal.</summary>
    public static void Explain(OrderResult result, OrderRequest order, InstrumentNames instruments)
    {
        if (result.RejectReason == OrderRejectReason.PhaseForbids)
            result.OffendingValue = (int)Phases.Of((uint)result.OffendingValue);
        var instrument = order.HasInstrumentIndex && order.Instrument.Length == 0 ? instruments.At(order.InstrumentIndex) : instruments.Named(order.Instrument);
        (result.Field, result.Message) = Words(result.RejectReason, result.OffendingValue, order, instrument);
    }

    /// <summary>A reason as google.rpc.ErrorInfo names it.</summary>
    public static string Name(OrderRejectReason reason) =>
        string.Concat(reason.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));

    private static (string Field, string Message) Words(OrderRejectReason reason, long value, OrderRequest order, KnownInstrument? instrument) => reason switch
    {
        OrderRejectReason.AccountUnknown => ("", "You have no account in the futures market yet; ask an operator for the trader's role."),
        OrderRejectReason.AccountMayNotTrade => ("", "Your account may not trade now: it is suspended, has not the trader's role, or an operator has limited it."),
        OrderRejectReason.InstrumentUnknown => ("instrument", $"there is no instrument '{NameOf(order, instrument)}'; ListInstruments has them."),
        OrderRejectReason.PhaseForbids => (
            "instrument", $"{NameOf(order, instrument)} is {Phases.Words((InstrumentPhase)value)}: it does not take this request now."),
        OrderRejectReason.WordUnknown => ("type", $"the request has a kind, side, type or time in force that does not exist: {value}."),
        OrderRejectReason.QuantityOutOfRange => ("lot_count", $"is {value}; it can be 1 to {Most(instrument?.Terms.LotCountMax, "the instrument's lot_count_max")}."),
        OrderRejectReason.PriceOutsideBand => ("price_ticks", $"is {value}; it can be {Band(instrument)}."),
        OrderRejectReason.NotionalTooLarge => ("lot_count", $"makes an order worth {new Money(value)}, more than the {MostMoney(instrument)} that an order may be worth."),
        OrderRejectReason.ClientOrderIdNotRising => (
            "client_order_id", $"is {order.ClientOrderId}, not above {value}, the last one you used; none of your requests with this number had an outcome. Choose a number above {value}."),
        OrderRejectReason.RateExceeded => ("", $"You send more orders than the {value} a second that your account may; wait a moment."),
        OrderRejectReason.TooManyOpenOrders => ("", $"You have {value} open orders, as many as your account may have; cancel some first."),
        OrderRejectReason.PositionLimit => ("lot_count", $"could bring your position to {value} lots with all open orders filled, above the limit of {Most(instrument?.Terms.PositionLotCountMax, "the instrument's position_lot_count_max")}."),
        OrderRejectReason.InsufficientMargin => ("lot_count", $"needs {new Money(value)} more margin than is free in your account; deposit that much, or ask for fewer lots."),
        OrderRejectReason.WouldTrade when order.Kind == OrderRequestKind.Replace && order.StopPriceTicks != 0 => (
            "stop_price_ticks", $"is beyond the last trade at {value} ticks already; choose one that is still to be reached."),
        OrderRejectReason.WouldTrade => ("price_ticks", $"would trade at once, at {value} ticks, and the order is post-only; choose a price behind that."),
        OrderRejectReason.WouldNotReduce => ("reduce_only", $"cannot be: your position is {value} lots, and this order could make it larger."),
        OrderRejectReason.NotAllAvailable => ("lot_count", $"is {order.LotCount}, but only {value} lots can trade at once, and the order is fill-or-kill."),
        OrderRejectReason.OrderUnknown => ("order_id", $"you have no open order {value}: it is filled, cancelled, or not yours."),
        OrderRejectReason.CombinationInvalid => ("time_in_force", "does not go together with this type, these flags or this peak; docs/market.md says what does."),
        OrderRejectReason.PeakOutOfRange => ("peak_lot_count", $"is {value}; it must be below lot_count."),
        OrderRejectReason.ExpiryPast => ("expiry_seconds", $"is {value}, a time that has passed: {DateTimeOffset.FromUnixTimeSeconds(value).ToString("u", CultureInfo.InvariantCulture)}."),
        OrderRejectReason.NoOtherSide => ("type", "is market, and there is no order on the other side to trade with; give a limit price."),
        OrderRejectReason.StopOutsideBand => ("stop_price_ticks", $"is {value}; it can be {Band(instrument)}."),
        _ => ("", $"Refused for reason {(int)reason}, value {value}."),
    };

    private static string NameOf(OrderRequest order, KnownInstrument? instrument) =>
        instrument?.Name ?? (order.Instrument.Length > 0 ? order.Instrument
            : order.HasInstrumentIndex ? order.InstrumentIndex.ToString(CultureInfo.InvariantCulture)
            : $"the instrument of order {order.OrderId}");

    /// <summary>The band as far as it was read; the engine's own may have moved since.</summary>
    private static string Band(KnownInstrument? instrument) =>
        instrument is null ? "inside the price band around the reference price" : $"{instrument.Band.Low} to {instrument.Band.High}, around the reference price of {instrument.ReferenceTicks}";

    private static string Most(long? most, string otherwise) => most?.ToString(CultureInfo.InvariantCulture) ?? otherwise;

    private static string MostMoney(KnownInstrument? instrument) => instrument is null ? "notional_micros_max" : new Money(instrument.Terms.NotionalMicrosMax).ToString();
}
