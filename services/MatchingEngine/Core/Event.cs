using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Why a bid or an offer came to its end.</summary>
public enum CloseReason
{
    /// <summary>Everything wanted was bought, or everything offered was sold.</summary>
    Filled = 1,

    /// <summary>Its owner took it back.</summary>
    Cancelled = 2,

    /// <summary>Its last slot can no longer be traded.</summary>
    Expired = 3,

    /// <summary>The participant was suspended.</summary>
    Suspended = 4,

    /// <summary>Its node can no longer deliver it.</summary>
    NodeLost = 5,

    /// <summary>Its parent came to its end unfilled.</summary>
    ParentClosed = 6,

    /// <summary>Another block of its group was filled.</summary>
    GroupFilled = 7,

    /// <summary>A lease was moved to the GPUs that it offered by the provider's policy.</summary>
    Displaced = 8,
}

/// <summary>Why a standing bid does not keep what it holds.</summary>
public enum InterruptionReason
{
    /// <summary>The capacity went to others, at its limit or above it.</summary>
    Outbid = 1,

    /// <summary>Nothing was for sale in its markets at its limit.</summary>
    NoSupply = 2,

    /// <summary>Its buyer's free money does not cover the next slot.</summary>
    NoFunds = 3,
}

/// <summary>One thing that the engine decided.</summary>
public abstract record Event
{
    private Event()
    {
    }

    /// <summary>A command was refused and nothing changed.</summary>
    /// <param name="Reason">UPPER_SNAKE_CASE, never changed.</param>
    /// <param name="Field">The offending field as the contracts name it; may be empty.</param>
    /// <param name="Message">What is wrong with it and what would be right.</param>
    /// <param name="Participant">Whose command it was; empty where it was nobody's.</param>
    public sealed record Refused(string Reason, string Field, string Message, Guid Participant) : Event;

    /// <summary>The settings are now these.</summary>
    public sealed record SettingsChanged(Settings Settings) : Event;

    /// <summary>A market is now so.</summary>
    public sealed record MarketDefined(string Market, bool Open) : Event;

    /// <summary>A participant is now so.</summary>
    public sealed record ParticipantSet(Guid Id, bool MayBuy, bool MaySell, bool Active) : Event;

    /// <summary>Money came in.</summary>
    public sealed record CollateralCredited(Guid Participant, Money Amount, string Reference) : Event;

    /// <summary>Money went out.</summary>
    public sealed record CollateralDebited(Guid Participant, Money Amount, string Reference) : Event;

    /// <summary>A participant's own fee rates are now so, for the bids and offers that come; null where the market's holds.</summary>
    public sealed record FeesSet(Guid Participant, int? BuyerPpm, int? SellerPpm) : Event;

    /// <summary>A node's sellable GPUs are now so.</summary>
    public sealed record NodeSet(Guid Node, Guid Provider, string Market, int Gpus) : Event
    {
        /// <summary>What bids can ask of it.</summary>
        public NodeTraits Traits { get; init; } = NodeTraits.None;
    }

    /// <summary>An offer was accepted and its bond reserved.</summary>
    public sealed record OfferPlaced(long Id, Command.PlaceOffer Offer, string Market, Money Bond) : Event;

    /// <summary>An offer came to its end and its unused bond was released.</summary>
    public sealed record OfferClosed(long Id, Guid Provider, CloseReason Reason, Money Released) : Event;

    /// <summary>A bid was accepted and its money reserved.</summary>
    public sealed record BidPlaced(long Id, Command.PlaceBid Bid, Money Reserved) : Event;

    /// <summary>A bid came to its end and what was still reserved was released.</summary>
    public sealed record BidClosed(long Id, Guid Buyer, CloseReason Reason, Money Released) : Event;

    /// <summary>A standing bid loses capacity at the end of a slot: the notice, told when the next slot can no longer be won.</summary>
    /// <param name="Held">GPUs that it holds until then.</param>
    /// <param name="Kept">GPUs that it holds after it.</param>
    /// <param name="Price">The last price of the slot that it did not win, in the cheapest of its markets; null where nothing was sold in it.</param>
    public sealed record StandingInterrupted(
        long Bid, Guid Buyer, DateTimeOffset EndsAt, int Held, int Kept, InterruptionReason Reason, Price? Price) : Event;

    /// <summary>A standing bid that had lost its capacity holds some again.</summary>
    public sealed record StandingResumed(long Bid, Guid Buyer, DateTimeOffset From, int Gpus) : Event;

    /// <summary>A cancel waits for the end of a run; one of the two is 0.</summary>
    public sealed record CancelPending(long Bid, long Offer, long Run) : Event;

    /// <summary>A run was closed and waits for its solution.</summary>
    public sealed record RunClosed(long Run, DateTimeOffset FirstSlot, AuctionProblem Problem) : Event;

    /// <summary>A run was cleared.</summary>
    public sealed record RunCleared(
        long Run, DateTimeOffset FirstSlot, Money Welfare, Money Bound, IReadOnlyList<SpotPrice> Prices,
        IReadOnlyList<long> LeftOutBids, int Bids, int Offers, ReadOnlyMemory<byte> SolutionJson) : Event;

    /// <summary>Capacity was sold: one lease.</summary>
    public sealed record LeaseSold(
        long Lease, long Run, long Bid, long Offer, Guid Buyer, Guid Provider, Guid Node, string Market, int Gpus,
        IReadOnlyList<LeaseSlot> Slots) : Event
    {
        /// <summary>Above 0: what was sold is a part of this lease, by its buyer.</summary>
        public long ResoldFrom { get; init; }
    }

    /// <summary>A run was given up and its bids are open again.</summary>
    public sealed record RunReopened(long Run) : Event;

    /// <summary>The bond of a slot was released or taken.</summary>
    public sealed record BondSettled(long Lease, int Slot, Guid Provider, Money Released, Money Taken) : Event;

    /// <summary>A lease that has not begun is on another node now.</summary>
    public sealed record LeaseMoved(long Lease, Guid From, Guid To) : Event;

    /// <summary>The clock was moved.</summary>
    public sealed record ClockAdvanced(DateTimeOffset To) : Event;

    /// <summary>A futures contract is now so; its orders bear the index.</summary>
    public sealed record InstrumentDefined(int Index, InstrumentTerms Terms, int Reference) : Event;

    /// <summary>A participant has an account in the futures market; its orders bear the index.</summary>
    public sealed record AccountOpened(int Index, Guid Participant) : Event;

    /// <summary>What an account may do is now so.</summary>
    public sealed record AccountLimited(Guid Participant, AccountLimits Limits) : Event;

    /// <summary>What happened in the futures market: <see cref="OrderEvent"/>s one after another.</summary>
    public sealed record OrdersHandled(ReadOnlyMemory<byte> Events) : Event;

    /// <summary>An operator wants a trade undone; it waits for a second operator until a time.</summary>
    public sealed record BustProposed(long Trade, Guid Operator, string Reason, DateTimeOffset Until) : Event;

    /// <summary>A trade was undone by two operators.</summary>
    public sealed record TradeBusted(long Trade, Guid Proposer, Guid Approver, string Reason) : Event;
}

/// <summary>The uniform price of one market and slot in one run, and what was sold at it.</summary>
public sealed record SpotPrice(string Market, DateTimeOffset Slot, Price Price, int Gpus, int Minutes);

/// <summary>One slot of a lease with its money.</summary>
public sealed record LeaseSlot(
    DateTimeOffset From, DateTimeOffset To, Price Price, Money Cost, Money BuyerFee, Money SellerFee, Money Bond);
