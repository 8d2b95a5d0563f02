using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>How a bid may be filled.</summary>
public enum BidKind
{
    /// <summary>Not said; refused.</summary>
    None = 0,

    /// <summary>Any part of it, each slot by itself.</summary>
    Divisible = 1,

    /// <summary>All of its GPUs, or not less than its minimum fill, for a run of slots in a row, or nothing.</summary>
    Block = 2,

    /// <summary>Any part of it, bid for again slot after slot until it is cancelled.</summary>
    Standing = 3,
}

/// <summary>One command of the journal. The engine's state is what its commands made of it, and nothing else.</summary>
public abstract record Command
{
    private Command()
    {
    }

    /// <summary>Sets the market rules' parameters.</summary>
    public sealed record ChangeSettings(Settings Settings) : Command;

    /// <summary>Creates a market, or halts or opens it.</summary>
    public sealed record DefineMarket(string Market, bool Open) : Command;

    /// <summary>Admits a participant, or changes what it may do.</summary>
    public sealed record SetParticipant(Guid Id, bool MayBuy, bool MaySell, bool Active) : Command;

    /// <summary>Puts money where it can be traded with.</summary>
    public sealed record CreditCollateral(Guid Participant, Money Amount, string Reference) : Command;

    /// <summary>Takes free money out of trading.</summary>
    public sealed record DebitCollateral(Guid Participant, Money Amount, string Reference) : Command;

    /// <summary>Gives a participant fee rates of its own, in parts per million; without one the market's holds, as it is when a bid or an offer comes.</summary>
    public sealed record SetFees(Guid Participant, int? BuyerPpm, int? SellerPpm) : Command;

    /// <summary>Says how many verified GPUs of a node can be sold in any slot.</summary>
    public sealed record SetNode(Guid Node, Guid Provider, string Market, int Gpus) : Command
    {
        /// <summary>What bids can ask of it.</summary>
        public NodeTraits Traits { get; init; } = NodeTraits.None;
    }

    /// <summary>Offers capacity.</summary>
    public sealed record PlaceOffer(
        Guid Provider, Guid Node, int Gpus, DateTimeOffset From, DateTimeOffset To,
        Price Reserve, Price PromptReserve, int LeastRun) : Command
    {
        /// <summary>The reserve of each slot from the first to the last, the highest of which is <see cref="Reserve"/>; empty: that one for all of them.</summary>
        public IReadOnlyList<Price> Reserves { get; init; } = [];

        /// <summary>Above 0: what is offered is the rest of this lease, by its buyer.</summary>
        public long Lease { get; init; }

        /// <summary>It was listed by the provider's policy, and gives way to a lease that is moved to its node.</summary>
        public bool ByPolicy { get; init; }
    }

    /// <summary>Takes an offer's unsold capacity back.</summary>
    public sealed record CancelOffer(Guid Provider, long Offer) : Command;

    /// <summary>Bids for capacity.</summary>
    public sealed record PlaceBid(
        Guid Buyer, BidKind Kind, IReadOnlyList<string> Markets, int Gpus, DateTimeOffset From, DateTimeOffset To,
        int Run, Price Limit) : Command
    {
        /// <summary>The end of a standing bid that has none.</summary>
        public static readonly DateTimeOffset NoEnd = DateTimeOffset.MaxValue;

        /// <summary>Blocks: the slots it may start with; empty: every one that leaves room for the run.</summary>
        public IReadOnlyList<DateTimeOffset> Starts { get; init; } = [];

        /// <summary>Blocks: the least share of the GPUs that may be filled, per mille.</summary>
        public int MinFill { get; init; } = 1_000;

        /// <summary>Blocks: above 0, the GPUs come in groups of this size from one node each.</summary>
        public int NodeGpus { get; init; }

        /// <summary>Blocks: above 0, filled only if that block of the same buyer is.</summary>
        public long Parent { get; init; }

        /// <summary>Blocks: of the buyer's blocks that bear the same name, at most one is filled; empty for none.</summary>
        public string Group { get; init; } = "";

        /// <summary>Blocks: what every node that serves it must be; null where nothing is asked.</summary>
        public NodeNeeds? Needs { get; init; }

        /// <summary>Above 0: it is for what this lease failed to deliver. Carried along only.</summary>
        public long Replaces { get; init; }

        /// <summary>Above 0: it is to go on where this lease ends. Carried along only.</summary>
        public long Extends { get; init; }
    }

    /// <summary>Takes a bid's unfilled part back.</summary>
    public sealed record CancelBid(Guid Buyer, long Bid) : Command;

    /// <summary>Closes the run: what is open now is what will be solved.</summary>
    public sealed record CloseRun : Command;

    /// <summary>Answers a closed run; the solution as the file format "auction solution", version 1.</summary>
    public sealed record ClearRun(long Run, ReadOnlyMemory<byte> SolutionJson) : Command;

    /// <summary>Gives a closed run up.</summary>
    public sealed record ReopenRun(long Run) : Command;

    /// <summary>Settles the bond of one slot of a lease.</summary>
    public sealed record SettleBond(long Lease, int Slot, Money Taken) : Command;

    /// <summary>Moves a lease that has not begun to another node of its provider.</summary>
    public sealed record MoveLease(long Lease, Guid Node) : Command;

    /// <summary>Moves the clock on.</summary>
    public sealed record AdvanceClock(DateTimeOffset To) : Command;

    /// <summary>Nothing but the time: what is due by itself in the futures market happens.</summary>
    public sealed record PassTime : Command;

    /// <summary>Lists a futures contract, closed at first, or changes its parameters; the reference price, in ticks, counts only for a new one.</summary>
    public sealed record DefineInstrument(InstrumentTerms Terms, int Reference) : Command;

    /// <summary>Opens, calls, halts or closes an instrument.</summary>
    /// <param name="Until">When a call auction ends by itself; needed for calls, not looked at otherwise.</param>
    public sealed record SetPhase(string Instrument, Phase Phase, DateTimeOffset Until) : Command;

    /// <summary>Sets the price that bands and margins are measured from, in ticks: the last settlement price.</summary>
    public sealed record SetReference(string Instrument, int Reference) : Command;

    /// <summary>Gives a participant an account in the futures market: the small number that its orders bear.</summary>
    public sealed record OpenAccount(Guid Participant) : Command;

    /// <summary>Says what an account may do.</summary>
    public sealed record LimitAccount(Guid Participant, AccountLimits Limits) : Command;

    /// <summary>Order requests in the order in which they arrived: <see cref="OrderRequest"/>s one after another.</summary>
    public sealed record EnterOrders(ReadOnlyMemory<byte> Requests) : Command;

    /// <summary>Cancels open orders of the futures market: those that fit everything said.</summary>
    /// <param name="Participant">Whose; empty for everybody's.</param>
    /// <param name="Instrument">Of which instrument; empty for all.</param>
    /// <param name="Side">Of which side; null for both.</param>
    /// <param name="Reason">Owner, disconnected or mass cancel; after a disconnection only the orders that asked for it.</param>
    public sealed record CancelOrders(Guid Participant, string Instrument, Side? Side, CancelReason Reason) : Command;

    /// <summary>Undoes a trade: proposed by one operator, done when a second one says the same.</summary>
    public sealed record BustTrade(long Trade, Guid Operator, string Reason) : Command;
}
