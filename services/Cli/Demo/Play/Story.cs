using System.Globalization;
using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Output;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>What a person is told of a demo: a line every few seconds, and the prices that it saw.</summary>
public sealed class Story(Cast cast)
{
    const int MarketsShown = 4;

    readonly SortedDictionary<string, (Price Low, Price High, Price Last)> _prices = new(StringComparer.Ordinal);
    long _firstRun;

    /// <summary>The first and the last time that it saw.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Time { get; private set; }

    /// <summary>Whether there is anything to tell.</summary>
    public bool HasBegun => Time.From != default;

    /// <summary>Runs that were closed meanwhile.</summary>
    public long Runs { get; private set; }

    /// <summary>The lowest, the highest and the last price of the next hour, by market.</summary>
    public IReadOnlyDictionary<string, (Price Low, Price High, Price Last)> Prices => _prices;

    /// <summary>Takes in what was seen.</summary>
    public void Saw(Sight seen)
    {
        Time = (Time.From == default ? seen.Now : Time.From, seen.Now);
        if (_firstRun == 0) _firstRun = seen.LastRun?.RunId ?? 0;
        Runs = (seen.LastRun?.RunId ?? _firstRun) - _firstRun;
        foreach (var market in cast.Markets)
        {
            if (seen.Prices.Around(market.Name, SlotRules.HourOf(seen.Now).AddHours(1)) is not { } price) continue;
            var (low, high) = _prices.TryGetValue(market.Name, out var known) ? (known.Low, known.High) : (price, price);
            _prices[market.Name] = (price < low ? price : low, price > high ? price : high, price);
        }
    }

    /// <summary>Where the market stands, in a line.</summary>
    public string Line(Sight seen, Weather weather)
    {
        var hour = SlotRules.HourOf(seen.Now).AddHours(1);
        var prices = cast.Markets.Take(MarketsShown).Select(market => $"{market.Name} {(seen.Prices.Around(market.Name, hour) is { } price ? price : "-")}{Mark(weather.Spell(market.Name, seen.Now))}");
        var run = seen.LastRun is { } last ? FormattableString.Invariant($"run {last.RunId}: {last.LeaseCount} leases of {last.BidCount} bids on {last.OfferCount} offers") : "no run yet";
        var away = cast.Providers.Count(provider => weather.IsAway(provider.Name, seen.Now));
        return string.Create(CultureInfo.InvariantCulture,
            $"{Show.Time(seen.Now)}{(seen.Speed == 0 ? " (the clock stands)" : "")}  {run} | {string.Join("  ", prices)} | {seen.Bids.Count} bids open{(away > 0 ? $", {away} providers away" : "")}");
    }

    static string Mark(int spell) => spell > 1_000 ? " (burst)" : spell < 1_000 ? " (lull)" : "";
}
