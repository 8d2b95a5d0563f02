namespace ComputeExchange.OrderBook.Domain;

/// <summary>A field that is wrong, and what would be right.</summary>
/// <param name="Field">As it is named in the request.</param>
/// <param name="Description">The rest of a sentence that begins with the field.</param>
public readonly record struct Wrong(string Field, string Description);

/// <summary>What bids, offers and quotes must look like, whatever the market is doing (rulebook section 8.1 and 8.2).</summary>
public static class OrderRules
{
    /// <summary>No settings allow a longer window, in slots.</summary>
    public const int WindowSlotCountMax = 336;

    /// <summary>The most markets that one bid names.</summary>
    public const int MarketsMax = 8;

    /// <summary>One or more markets, each once.</summary>
    public static IEnumerable<Wrong> Markets(IReadOnlyList<string> markets)
    {
        if (markets.Count is < 1 or > MarketsMax)
            yield return new Wrong("markets", $"has {markets.Count} markets: name 1 to {MarketsMax}; ListMarkets has them.");
        else if (markets.Any(market => market.Length == 0)) yield return new Wrong("markets", "names no market: ListMarkets has them.");
        else if (markets.GroupBy(market => market, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            yield return new Wrong("markets", $"names {twice.Key} twice: name each market once.");
    }

    /// <summary>A window is one or more whole slots.</summary>
    public static IEnumerable<Wrong> Window(DateTimeOffset? from, DateTimeOffset? to, SlotGrid slots)
    {
        if (from is { } start && !slots.Begins(start))
            yield return new Wrong("from_time", $"is {start:u}, inside a slot: slots begin every {slots.Minutes} minutes, the last one before it at {slots.StartOf(start):u}.");
        if (to is not { } end) yield break;
        if (!slots.Begins(end))
            yield return new Wrong("to_time", $"is {end:u}, inside a slot: slots end every {slots.Minutes} minutes, the last one before it at {slots.StartOf(end):u}.");
        if (from is { } begin && end <= begin)
            yield return new Wrong("to_time", $"is {end:u}: it must be later than from_time, {begin:u}.");
    }

    /// <summary>At least one GPU.</summary>
    public static IEnumerable<Wrong> GpuCount(int gpus)
    {
        if (gpus < 1) yield return new Wrong("gpu_count", $"is {gpus}: give at least 1.");
    }

    /// <summary>Not more GPUs than the settings allow in one bid.</summary>
    public static IEnumerable<Wrong> GpuCountWithin(int gpus, int most)
    {
        if (gpus > most) yield return new Wrong("gpu_count", $"is {gpus}: a bid can be for at most {most} GPUs.");
    }

    /// <summary>A limit or reserve is not below zero.</summary>
    public static IEnumerable<Wrong> Price(string field, long micros)
    {
        if (micros < 0) yield return new Wrong(field, $"is {micros}: give 0 or more.");
    }

    /// <summary>A limit or reserve keeps to the settings' ticks and range.</summary>
    public static IEnumerable<Wrong> PriceWithin(string field, long micros, PriceRange range)
    {
        if (micros > range.HighestMicros)
            yield return new Wrong(field, $"is {micros}: the highest price is {range.HighestMicros} micro-dollars per GPU-hour.");
        else if (micros > 0 && micros % range.TickMicros != 0)
            yield return new Wrong(field, $"is {micros}: give whole ticks of {range.TickMicros} micro-dollars, for example {micros - (micros % range.TickMicros)}.");
    }
}
