namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Last prices of a market's slots, and what an hour likely costs by them.</summary>
public sealed class LikelyPrice
{
    private readonly Dictionary<DateTimeOffset, long> _prices;
    private readonly Dictionary<int, long> _byHour;
    private readonly long? _all;

    /// <param name="prices">The last price of each slot, those of the last seven days and of the slots to come.</param>
    /// <param name="now">The time: what is before it is what medians are of.</param>
    public LikelyPrice(IEnumerable<(DateTimeOffset Slot, long Micros)> prices, DateTimeOffset now)
    {
        _prices = prices.ToDictionary(price => price.Slot, price => price.Micros);
        var past = _prices.Where(price => price.Key <= now).ToList();
        _byHour = past.GroupBy(price => price.Key.UtcDateTime.Hour).ToDictionary(hour => hour.Key, hour => Median([.. hour.Select(price => price.Value)]));
        _all = past.Count == 0 ? null : Median([.. past.Select(price => price.Value)]);
    }

    /// <summary>The last price of a slot; null: nothing was sold in it.</summary>
    public long? Last(DateTimeOffset slot) => _prices.TryGetValue(slot, out var price) ? price : null;

    /// <summary>What a slot likely costs: its last price, else the median of the same hour of the last days, else of all of them; null: nothing was ever sold.</summary>
    public long? Of(DateTimeOffset slot) =>
        Last(slot) ?? (_byHour.TryGetValue(slot.UtcDateTime.Hour, out var sameHour) ? sameHour : _all);

    /// <summary>The mean of several slots, never below a reserve, rounded up; null: nothing was ever sold and nothing is offered.</summary>
    public long? Mean(IReadOnlyList<DateTimeOffset> slots, long? reserveMicros)
    {
        var sum = (Int128)0;
        foreach (var slot in slots)
        {
            if (Of(slot) is not { } price) return reserveMicros;
            sum += Math.Max(price, reserveMicros ?? 0);
        }
        return (long)((sum + slots.Count - 1) / slots.Count);
    }

    /// <summary>The middle one; of an even number the lower of the two.</summary>
    private static long Median(List<long> values)
    {
        values.Sort();
        return values[(values.Count - 1) / 2];
    }
}
