using ComputeExchange.Cli.Replay.Plan;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>What moves a demo from outside: the time of day, swings of demand and mood, bursts and lulls, providers who leave for some hours.</summary>
/// <remarks>All of it follows from the seed and the exchange's time, so that a demo that was broken off finds the same weather again.</remarks>
public sealed class Weather(string seed)
{
    const int SpellHours = 6;

    /// <summary>Demand for a market, per mille of its mean.</summary>
    public int Demand(string market, DateTimeOffset time)
    {
        // The profile's mean is three quarters of its peak.
        var daily = (long)DailyProfile.Online[time.UtcDateTime.Hour] * 1_333 / 100;
        return (int)(daily * Swing($"demand {market}", time, hours: 3, 800, 1_300) * Spell(market, time) / 1_000_000);
    }

    /// <summary>How dear buyers hold a market's hours, per mille of what they usually would.</summary>
    public int Mood(string market, DateTimeOffset time) =>
        Swing($"mood {market}", time, hours: 5, 850, 1_200) * (Spell(market, time) > 1_000 ? 1_150 : 1_000) / 1_000;

    /// <summary>A burst or a lull of demand, per mille; 1000 where there is none. Nearly every second spell of six hours has one.</summary>
    public int Spell(string market, DateTimeOffset time)
    {
        var (number, begun) = Part(time, SpellHours);
        var dice = new Dice(seed, FormattableString.Invariant($"spell {market} {number}"));
        var kind = dice.Below(100);
        if (kind >= 45) return 1_000;
        var length = dice.Between(45, 150);
        var from = begun.AddMinutes(dice.Below(SpellHours * 60 - length));
        if (time < from || time >= from.AddMinutes(length)) return 1_000;
        return kind < 33 ? dice.Between(1_700, 2_600) : dice.Between(450, 600);
    }

    /// <summary>Whether a provider has left for the time being: three to five hours, on two days of five.</summary>
    public bool IsAway(string provider, DateTimeOffset time)
    {
        var (number, begun) = Part(time, 24);
        var dice = new Dice(seed, FormattableString.Invariant($"away {provider} {number}"));
        if (!dice.Percent(40)) return false;
        var from = begun.AddMinutes(dice.Below(19 * 60));
        return time >= from && time < from.AddMinutes(dice.Between(180, 300));
    }

    /// <summary>A figure that wanders between two bounds: drawn for every so many hours, and straight in between.</summary>
    public int Swing(string topic, DateTimeOffset time, int hours, int low, int high)
    {
        var (number, begun) = Part(time, hours);
        var (left, right) = (Drawn(number), Drawn(number + 1));
        return (int)(left + (right - left) * (time - begun).Ticks / (hours * TimeSpan.TicksPerHour));

        long Drawn(long part) => new Dice(seed, FormattableString.Invariant($"{topic} {part}")).Between(low, high);
    }

    static (long Number, DateTimeOffset Begun) Part(DateTimeOffset time, int hours)
    {
        var length = hours * TimeSpan.TicksPerHour;
        return (time.UtcTicks / length, time.AddTicks(-(time.UtcTicks % length)));
    }
}
