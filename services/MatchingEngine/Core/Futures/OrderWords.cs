namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>What an order request asks for.</summary>
public enum OrderKind : byte
{
    /// <summary>Not said; refused.</summary>
    None = 0,

    /// <summary>A new order.</summary>
    Place = 1,

    /// <summary>Takes an order back.</summary>
    Cancel = 2,

    /// <summary>Another price or quantity for an open order.</summary>
    Replace = 3,
}

/// <summary>At which price an order trades, and when.</summary>
public enum OrderType : byte
{
    /// <summary>Not said; refused.</summary>
    None = 0,

    /// <summary>At its price or better.</summary>
    Limit = 1,

    /// <summary>At what the book has, within the price band; what is left is cancelled.</summary>
    Market = 2,

    /// <summary>A market order from the moment that a trade is at or beyond its stop price.</summary>
    Stop = 3,

    /// <summary>A limit order from the moment that a trade is at or beyond its stop price.</summary>
    StopLimit = 4,
}

/// <summary>How long an order stands.</summary>
public enum TimeInForce : byte
{
    /// <summary>Not said; refused.</summary>
    None = 0,

    /// <summary>Until it is filled or cancelled.</summary>
    GoodTillCancelled = 1,

    /// <summary>Until the instrument closes.</summary>
    Day = 2,

    /// <summary>Until a moment.</summary>
    GoodTillDate = 3,

    /// <summary>What cannot trade at once is cancelled.</summary>
    ImmediateOrCancel = 4,

    /// <summary>All of it at once, or nothing.</summary>
    FillOrKill = 5,
}

/// <summary>What else an owner says of an order.</summary>
[Flags]
public enum OrderFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Refused rather than trading at once.</summary>
    PostOnly = 1,

    /// <summary>Never makes the owner's position larger.</summary>
    ReduceOnly = 2,

    /// <summary>Cancelled when the owner's connection is lost.</summary>
    CancelOnDisconnect = 4,
}

/// <summary>What happens instead of a trade between two orders of one account. The incoming order says it. Rulebook section 3.</summary>
public enum SelfTrade : byte
{
    /// <summary>What is left of the incoming order is cancelled.</summary>
    CancelNewest = 0,

    /// <summary>The resting order is cancelled, and the incoming one goes on.</summary>
    CancelOldest = 1,

    /// <summary>Both are cancelled.</summary>
    CancelBoth = 2,

    /// <summary>Both lose the smaller one's quantity.</summary>
    Decrement = 3,
}

/// <summary>How an instrument trades now.</summary>
public enum Phase : byte
{
    /// <summary>No orders are taken; those that stay can be cancelled.</summary>
    Closed = 0,

    /// <summary>Orders gather for the opening auction.</summary>
    OpeningCall = 1,

    /// <summary>Orders trade as they come.</summary>
    Continuous = 2,

    /// <summary>Orders gather for the closing auction.</summary>
    ClosingCall = 3,

    /// <summary>The price moved too fast: orders gather for an auction, then trading goes on.</summary>
    VolatilityCall = 4,

    /// <summary>Stopped by an operator: orders can only be cancelled.</summary>
    Halted = 5,
}

/// <summary>Why an order request was refused. The numbers are part of the journal and never change.</summary>
public enum RejectReason : byte
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>There is no such account; the value is the account's index.</summary>
    AccountUnknown = 1,

    /// <summary>The account may not trade: suspended, or no trader.</summary>
    AccountMayNotTrade = 2,

    /// <summary>There is no such instrument; the value is the one named.</summary>
    InstrumentUnknown = 3,

    /// <summary>The instrument does not take this order now; the value is its phase.</summary>
    PhaseForbids = 4,

    /// <summary>The request names no kind, side, type or time in force that exists; the value is the one named.</summary>
    WordUnknown = 5,

    /// <summary>The quantity is 0 or above the instrument's most; the value is the quantity.</summary>
    QuantityOutOfRange = 6,

    /// <summary>The price is outside the daily price band; the value is the price in ticks.</summary>
    PriceOutsideBand = 7,

    /// <summary>The notional value is above the instrument's most for an order; the value is the notional in micro-dollars.</summary>
    NotionalTooLarge = 8,

    /// <summary>The client order id does not count up; the value is the last one used.</summary>
    ClientOrderIdNotRising = 9,

    /// <summary>More orders than the account may send in a second; the value is how many a second.</summary>
    RateExceeded = 10,

    /// <summary>The account has as many open orders as it may; the value is that number.</summary>
    TooManyOpenOrders = 11,

    /// <summary>With all open orders filled the position would be above the limit; the value is that position.</summary>
    PositionLimit = 12,

    /// <summary>The account has not the margin; the value is what is missing in micro-dollars.</summary>
    InsufficientMargin = 13,

    /// <summary>A post-only order would trade at once; the value is the price it would trade at.</summary>
    WouldTrade = 14,

    /// <summary>A reduce-only order would not reduce the position; the value is the position.</summary>
    WouldNotReduce = 15,

    /// <summary>Not all of a fill-or-kill order can trade; the value is how much could.</summary>
    NotAllAvailable = 16,

    /// <summary>No order of this account with this id is open; the value is the id.</summary>
    OrderUnknown = 17,

    /// <summary>The combination of type, time in force, flags and peak means nothing; the value is the time in force.</summary>
    CombinationInvalid = 18,

    /// <summary>The shown part of an iceberg is not below its quantity; the value is the peak.</summary>
    PeakOutOfRange = 19,

    /// <summary>The expiry is not in the future; the value is it, in seconds since 1970.</summary>
    ExpiryPast = 20,

    /// <summary>A market order finds no order on the other side and nothing to protect it by; the value is 0.</summary>
    NoOtherSide = 21,

    /// <summary>A stop price is outside the instrument's band; the value is it.</summary>
    StopOutsideBand = 22,
}

/// <summary>Why an order came to its end without being filled. The numbers are part of the journal and never change.</summary>
public enum CancelReason : byte
{
    /// <summary>Its owner took it back.</summary>
    Owner = 1,

    /// <summary>Its time was over.</summary>
    Expired = 2,

    /// <summary>What could not trade at once of an immediate or a market order.</summary>
    Unfilled = 3,

    /// <summary>It would have traded with an order of its own account.</summary>
    SelfTrade = 4,

    /// <summary>It could no longer reduce the position.</summary>
    ReduceOnly = 5,

    /// <summary>The owner's connection was lost.</summary>
    Disconnected = 6,

    /// <summary>A mass cancel.</summary>
    MassCancel = 7,

    /// <summary>The owner was suspended.</summary>
    Suspended = 8,

    /// <summary>The price would have moved too fast.</summary>
    Volatility = 9,

    /// <summary>The auction for which it was meant is over.</summary>
    AuctionOver = 10,

    /// <summary>A stop order could not be taken when it was triggered.</summary>
    TriggerRefused = 11,
}

/// <summary>What happened to an order or an instrument. The numbers are part of the journal and never change.</summary>
public enum OrderEventKind : byte
{
    /// <summary>An order was taken: <c>Quantity</c> lots, <c>Leaves</c> its peak, <c>Detail</c> its type, time in force, flags and self-trade rule (a byte each, lowest first), <c>Value</c> the stop price (low half) and expiry (high half), <c>Other</c> the client order id.</summary>
    Accepted = 1,

    /// <summary>A request was refused: <c>Order</c> the order meant or 0, <c>Other</c> the client order id, <c>Detail</c> the reason, <c>Value</c> the offending value.</summary>
    Rejected = 2,

    /// <summary>A trade: <c>Order</c> the incoming order, <c>Account</c> its owner and <c>Side</c> its side, <c>Other</c> the resting order, <c>Detail</c> its owner, <c>Leaves</c> what is left of the incoming one, <c>Value</c> the trade's number.</summary>
    Traded = 3,

    /// <summary>An order ended unfilled: <c>Quantity</c> lots, <c>Detail</c> the reason.</summary>
    Cancelled = 4,

    /// <summary>An order was changed: <c>Price</c> and <c>Quantity</c> as they are now, <c>Detail</c> 1 when it kept its place, <c>Other</c> the client order id of the request.</summary>
    Replaced = 5,

    /// <summary>A stop order came into the market.</summary>
    Triggered = 6,

    /// <summary>An iceberg showed <c>Quantity</c> more, <c>Leaves</c> are hidden still; it went to the back of its price.</summary>
    Refilled = 7,

    /// <summary>An order lost <c>Quantity</c> lots to the self-trade rule or to reduce-only; <c>Leaves</c> are left; <c>Detail</c> the reason.</summary>
    Reduced = 8,

    /// <summary>An instrument is in another phase: <c>Detail</c> the phase, <c>Value</c> until when in milliseconds since 1970 or 0.</summary>
    PhaseChanged = 9,

    /// <summary>What an auction would do if it ended now: <c>Price</c>, <c>Quantity</c>, and <c>Detail</c> the surplus (on the buy side when <c>Side</c> is buy); quantity 0 when nothing would trade.</summary>
    Indicative = 10,

    /// <summary>A trade was undone: <c>Value</c> its number, price, quantity and sides as it was.</summary>
    Busted = 11,

    /// <summary>An instrument's reference price is now <c>Price</c>.</summary>
    ReferenceSet = 12,
}
