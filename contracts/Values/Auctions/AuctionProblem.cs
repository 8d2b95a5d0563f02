namespace ComputeExchange.Values.Auctions;

/// <summary>One auction to be solved: capacity offered and wanted in some markets over some delivery slots.</summary>
/// <remarks>
/// The file format "auction problem", version 1. Prices are micro-dollars per GPU-hour, slots count from 0, a window's
/// <c>From</c> is inside and its <c>To</c> outside. The order of the lists is time priority.
/// </remarks>
public sealed record AuctionProblem
{
    /// <summary>The length of a slot in minutes; divides 60.</summary>
    public int SlotMinutes { get; init; } = 60;

    /// <summary>What is left of slot 0, in minutes, when it is in progress; otherwise <see cref="SlotMinutes"/>.</summary>
    public int FirstSlotMinutes { get; init; } = 60;

    /// <summary>How many slots the auction covers.</summary>
    public required int Slots { get; init; }

    /// <summary>The names of the markets; offers and bids refer to them by position.</summary>
    public required IReadOnlyList<string> Markets { get; init; }

    /// <summary>Capacity for sale, earliest first.</summary>
    public required IReadOnlyList<AuctionOffer> Offers { get; init; }

    /// <summary>Capacity wanted, earliest first.</summary>
    public required IReadOnlyList<AuctionBid> Bids { get; init; }

    /// <summary>The minutes that count in a slot: what is left of slot 0, the whole slot elsewhere.</summary>
    public int MinutesOf(int slot) => slot == 0 ? FirstSlotMinutes : SlotMinutes;
}

/// <summary>Capacity for sale: so many GPUs of one market in every slot of a window.</summary>
public sealed record AuctionOffer
{
    /// <summary>Unique among the offers.</summary>
    public required string Id { get; init; }

    /// <summary>Position in <see cref="AuctionProblem.Markets"/>.</summary>
    public required int Market { get; init; }

    /// <summary>GPUs on offer in each slot; at least 1.</summary>
    public required int Gpus { get; init; }

    /// <summary>The first slot.</summary>
    public required int From { get; init; }

    /// <summary>The slot after the last one.</summary>
    public required int To { get; init; }

    /// <summary>The reserve of each slot of the window, or a single value for all of them.</summary>
    public required IReadOnlyList<long> Reserve { get; init; }

    /// <summary>Above 1: the offer serves only blocks whose run is at least this many slots.</summary>
    public int MinRun { get; init; } = 1;

    /// <summary>The reserve in a slot of the window, in micro-dollars per GPU-hour.</summary>
    public long ReserveAt(int slot) => Reserve.Count == 1 ? Reserve[0] : Reserve[slot - From];
}

/// <summary>How a bid may be filled.</summary>
public enum BidKind
{
    /// <summary>Any part of it, each slot by itself.</summary>
    Divisible,

    /// <summary>So many GPUs for a run of slots in a row, whole (or not below its minimum fill), at one place.</summary>
    Block,
}

/// <summary>Capacity wanted.</summary>
public sealed record AuctionBid
{
    /// <summary>Unique among the bids.</summary>
    public required string Id { get; init; }

    /// <summary>Divisible or block.</summary>
    public required BidKind Kind { get; init; }

    /// <summary>The acceptable markets, as positions in <see cref="AuctionProblem.Markets"/>, distinct.</summary>
    public required IReadOnlyList<int> Markets { get; init; }

    /// <summary>GPUs wanted in each slot; at least 1.</summary>
    public required int Gpus { get; init; }

    /// <summary>The first slot of the window.</summary>
    public required int From { get; init; }

    /// <summary>The slot after the last one of the window.</summary>
    public required int To { get; init; }

    /// <summary>Micro-dollars per GPU-hour, not below 0; a block's is on the mean of its run.</summary>
    public required long Limit { get; init; }

    /// <summary>Blocks: how many slots in a row. 0 for a divisible bid.</summary>
    public int Run { get; init; }

    /// <summary>Blocks: the allowed first slots, or null for every one that leaves room for the run in the window.</summary>
    public IReadOnlyList<int>? Starts { get; init; }

    /// <summary>Blocks: the least share of the GPUs that may be filled, per mille; 1000 is all or nothing.</summary>
    public int MinFill { get; init; } = 1000;

    /// <summary>Blocks: above 0, the GPUs come in groups of this size from one offer each; divides <see cref="Gpus"/>.</summary>
    public int Node { get; init; }

    /// <summary>Blocks: filled only if the block of this id is.</summary>
    public string? Parent { get; init; }

    /// <summary>Blocks: at most one block of a group is filled.</summary>
    public string? Group { get; init; }

    /// <summary>Blocks: the ids of the offers that alone may serve it, or null for any.</summary>
    public IReadOnlyList<string>? Offers { get; init; }

    /// <summary>The first slots a block may start at.</summary>
    public IEnumerable<int> AllowedStarts() =>
        Kind == BidKind.Divisible ? [] : Starts ?? Enumerable.Range(From, Math.Max(0, To - From - Run + 1));
}
