namespace ComputeExchange.MatchingEngine.Core;

/// <summary>The parameters of the market rules: data an operator sets, journaled like everything else. Rulebook section 8.1.</summary>
public sealed record Settings
{
    /// <summary>What holds before an operator set anything: the rulebook's defaults.</summary>
    public static readonly Settings Default = new();

    /// <summary>The length of a slot in minutes; divides 60.</summary>
    public int SlotMinutes { get; init; } = 60;

    /// <summary>Slots in a run, the one in progress included. 2 to 336.</summary>
    public int HorizonSlots { get; init; } = 72;

    /// <summary>How long before its start a slot closes, in minutes.</summary>
    public int GateMinutes { get; init; } = 10;

    /// <summary>How often a run is closed, in seconds.</summary>
    public int RunIntervalSeconds { get; init; } = 60;

    /// <summary>The buyer's fee in parts per million of the cost.</summary>
    public int BuyerFeePpm { get; init; } = 1_500;

    /// <summary>The seller's fee in parts per million of the proceeds.</summary>
    public int SellerFeePpm { get; init; } = 1_500;

    /// <summary>The provider's bond in parts per million of the reserve.</summary>
    public int BondPpm { get; init; } = 200_000;

    /// <summary>The least bond, in micro-dollars for a GPU for an hour.</summary>
    public long LeastBondMicros { get; init; } = 50_000;

    /// <summary>The price step of limits and reserves, in micro-dollars per GPU-hour.</summary>
    public long TickMicros { get; init; } = 1_000;

    /// <summary>The highest limit or reserve, in micro-dollars per GPU-hour.</summary>
    public long HighestPriceMicros { get; init; } = 50_000_000;

    /// <summary>The most GPUs in one bid.</summary>
    public int MostGpusPerBid { get; init; } = 4_096;

    /// <summary>The most open bids of one participant.</summary>
    public int MostOpenBids { get; init; } = 1_000;

    /// <summary>The least that must be left of the slot in progress for it to trade, in minutes.</summary>
    public int LeastPromptMinutes { get; init; } = 5;

    /// <summary>The solver's budget for a run, in search nodes.</summary>
    public long SolverNodes { get; init; } = 400_000;

    /// <summary>After how many seconds a closed run without a solution is offered again.</summary>
    public int SolveAgainSeconds { get; init; } = 20;

    /// <summary>After how many offers a run is reopened.</summary>
    public int MostSolveAttempts { get; init; } = 5;

    /// <summary>The most open blocks of one participant.</summary>
    public int MostOpenBlocks { get; init; } = 50;

    /// <summary>How long before its start a block must be sold whose GPUs come from several nodes, in minutes; never less than the gate.</summary>
    public int ClusterGateMinutes { get; init; } = 30;

    /// <summary>For how many slots a standing bid takes part and has its money reserved, the one in progress included.</summary>
    public int StandingSlots { get; init; } = 2;

    /// <summary>The most markets that one bid names.</summary>
    public const int MostMarkets = 8;

    /// <summary>The highest fee, in parts per million: a tenth.</summary>
    public const int HighestFeePpm = 100_000;

    /// <summary>The longest block, in slots.</summary>
    public const int LongestRun = 72;

    /// <summary>The most slots that a block may start with.</summary>
    public const int MostStarts = 13;

    /// <summary>The smallest minimum fill, per mille.</summary>
    public const int LeastMinFill = 250;

    /// <summary>The most open blocks of one exclusive group.</summary>
    public const int MostInGroup = 8;

    /// <summary>The most open children of one block.</summary>
    public const int MostChildren = 6;

    /// <summary>How many parents may stand above a block, one above the other.</summary>
    public const int DeepestFamily = 2;

    /// <summary>The longest name of an exclusive group.</summary>
    public const int LongestGroupName = 64;

    /// <summary>The longest offer, in slots.</summary>
    public const int LongestOfferSlots = 336;

    /// <summary>How far ahead a window may begin, in days.</summary>
    public const int FarthestDays = 60;

    /// <summary>What is wrong with these settings: a field and what would be right; null when nothing is.</summary>
    public (string Field, string Message)? Wrong()
    {
        (string, string)? Range(string field, long value, long least, long most) =>
            value < least || value > most ? (field, $"is {value}; it can be {least} to {most}.") : null;

        if (SlotMinutes < 1 || 60 % SlotMinutes != 0) return ("slot_minutes", $"is {SlotMinutes}; it must divide 60.");
        return Range("horizon_slot_count", HorizonSlots, 2, 336)
            ?? Range("gate_minutes", GateMinutes, 0, SlotMinutes - 1)
            ?? Range("run_interval_seconds", RunIntervalSeconds, 1, 86_400)
            ?? Range("buyer_fee_ppm", BuyerFeePpm, 0, HighestFeePpm)
            ?? Range("seller_fee_ppm", SellerFeePpm, 0, HighestFeePpm)
            ?? Range("bond_ppm", BondPpm, 0, 1_000_000)
            ?? Range("least_bond_micros_per_gpu_hour", LeastBondMicros, 0, 1_000_000_000)
            ?? Range("tick_micros", TickMicros, 1, 1_000_000)
            ?? Range("highest_price_micros_per_gpu_hour", HighestPriceMicros, TickMicros, 1_000_000_000)
            ?? Range("bid_gpu_count_max", MostGpusPerBid, 1, 100_000)
            ?? Range("open_bid_count_max", MostOpenBids, 1, 1_000_000)
            ?? Range("prompt_minutes_min", LeastPromptMinutes, 1, SlotMinutes)
            ?? Range("solver_node_count_max", SolverNodes, 1, 1_000_000_000)
            ?? Range("solve_again_seconds", SolveAgainSeconds, 1, 3_600)
            ?? Range("solve_attempt_count_max", MostSolveAttempts, 1, 1_000)
            ?? Range("open_block_count_max", MostOpenBlocks, 1, 1_000_000)
            ?? Range("cluster_gate_minutes", ClusterGateMinutes, 1, 1_440)
            ?? Range("standing_slot_count", StandingSlots, 2, 24);
    }
}
