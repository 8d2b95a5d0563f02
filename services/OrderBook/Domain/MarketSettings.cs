namespace ComputeExchange.OrderBook.Domain;

/// <summary>The parameters of the market rules that the edge decides with.</summary>
/// <param name="Slots">How time is cut.</param>
/// <param name="GateMinutes">How long before its start a slot closes.</param>
/// <param name="PromptMinutesMin">The least that must be left of the slot in progress for it to trade.</param>
/// <param name="BuyerFeePpm">The buyer's fee in parts per million of the cost: the market's, or the buyer's own.</param>
/// <param name="Prices">The allowed limits and reserves.</param>
/// <param name="BidGpuCountMax">The most GPUs in one bid.</param>
/// <param name="StandingSlotCount">For how many slots a standing bid has its money reserved, the one in progress included.</param>
/// <param name="ClusterGateMinutes">How long before its start a block closes whose GPUs come from several nodes.</param>
public sealed record MarketSettings(
    SlotGrid Slots, int GateMinutes, int PromptMinutesMin, int BuyerFeePpm, PriceRange Prices, int BidGpuCountMax, int StandingSlotCount = 2, int ClusterGateMinutes = 30)
{
    /// <summary>Whether and how the slot that begins at <paramref name="slot"/> trades at a time (design.md section 4: the gate, and what starts now).</summary>
    public SlotTrading TradingOf(DateTimeOffset slot, DateTimeOffset now)
    {
        var end = slot + Slots.Length;
        if (now >= end) return SlotTrading.Closed("has passed");
        if (now >= slot)
        {
            var left = (int)(end - now).TotalMinutes;
            return left >= PromptMinutesMin
                ? new SlotTrading(left, Prompt: true, "")
                : SlotTrading.Closed($"has less than {PromptMinutesMin} minutes left");
        }
        var gate = slot - TimeSpan.FromMinutes(GateMinutes);
        return now < gate
            ? new SlotTrading(Slots.Minutes, Prompt: false, "")
            : SlotTrading.Closed($"closed for trading at {gate:HH:mm} UTC, until it starts");
    }

    /// <summary>Whether a block can still be sold with a start in that slot.</summary>
    /// <param name="start">The slot.</param>
    /// <param name="now">The time.</param>
    /// <param name="isCluster">Whether its GPUs come from several nodes.</param>
    public bool CanStart(DateTimeOffset start, DateTimeOffset now, bool isCluster) =>
        TradingOf(start, now).Minutes > 0 && (!isCluster || now < start - TimeSpan.FromMinutes(ClusterGateMinutes));

    /// <summary>The first slot to come whose gate is still open.</summary>
    public DateTimeOffset NextTradable(DateTimeOffset now) => Slots.StartOf(now + TimeSpan.FromMinutes(GateMinutes)) + Slots.Length;
}

/// <summary>What of a slot can be traded.</summary>
/// <param name="Minutes">How many of its minutes; 0 when it is closed.</param>
/// <param name="Prompt">It is in progress: what is left perishes, and sells at the prompt reserve.</param>
/// <param name="ClosedBecause">Why it cannot be traded, as the end of a sentence; empty when it can.</param>
public readonly record struct SlotTrading(int Minutes, bool Prompt, string ClosedBecause)
{
    /// <summary>A slot that cannot be traded.</summary>
    public static SlotTrading Closed(string because) => new(0, Prompt: false, because);
}

/// <summary>The allowed limits and reserves: whole ticks from 0 up to the highest, in micro-dollars per GPU-hour.</summary>
public readonly record struct PriceRange(long TickMicros, long HighestMicros)
{
    /// <summary>The lowest allowed price not below <paramref name="micros"/>.</summary>
    public long RoundUp(long micros) => (micros + TickMicros - 1) / TickMicros * TickMicros;
}
