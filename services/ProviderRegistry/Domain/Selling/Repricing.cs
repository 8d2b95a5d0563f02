using System.Globalization;

namespace ComputeExchange.ProviderRegistry.Domain.Selling;

/// <summary>How a policy's reserve moves by itself.</summary>
/// <param name="RaisePercent">Above this share sold it rises.</param>
/// <param name="LowerPercent">Below this share sold it falls.</param>
/// <param name="StepPercent">How much at a time.</param>
public sealed record RepricingTerms(long FloorMicros, long CapMicros, int RaisePercent, int LowerPercent, int StepPercent);

/// <summary>Where the reserve stands, since when, and why.</summary>
public sealed record Repriced(long ReserveMicros, DateTimeOffset? MovedTime, string Explanation);

/// <summary>Moves a reserve between the floor and a cap by how much of the next hours is sold: up when it sells out, down when it stays idle, once an hour at most.</summary>
public static class Repricing
{
    /// <summary>How far ahead it looks.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromHours(24);

    /// <summary>The least time between two moves.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    /// <summary>Where the reserve stands now.</summary>
    /// <param name="reserveMicros">Where it stood; 0: at the floor.</param>
    /// <param name="movedTime">When it last moved by itself.</param>
    /// <param name="soldPercent">The share of the node's next hours that is sold; null: nothing of it can be sold.</param>
    public static Repriced Next(RepricingTerms terms, MarketGrid grid, long reserveMicros, DateTimeOffset? movedTime, int? soldPercent, DateTimeOffset now)
    {
        var stands = Math.Clamp(reserveMicros, terms.FloorMicros, terms.CapMicros);
        if (soldPercent is not { } sold)
            return new Repriced(stands, movedTime, $"Nothing can be sold in the next 24 hours: the reserve stays at {Dollars(stands)}.");

        var found = $"{sold}% of the next 24 hours is sold";
        var (direction, why) = sold > terms.RaisePercent ? (1, $"more than {terms.RaisePercent}%")
            : sold < terms.LowerPercent ? (-1, $"less than {terms.LowerPercent}%")
            : (0, $"between {terms.LowerPercent}% and {terms.RaisePercent}%");
        if (direction == 0) return new Repriced(stands, movedTime, $"{found}, {why}: the reserve stays at {Dollars(stands)}.");
        if (direction > 0 && stands >= terms.CapMicros) return new Repriced(stands, movedTime, $"{found}, {why}: the reserve is at its cap of {Dollars(stands)}.");
        if (direction < 0 && stands <= terms.FloorMicros) return new Repriced(stands, movedTime, $"{found}, {why}: the reserve is at its floor of {Dollars(stands)}.");
        if (movedTime is { } moved && now < moved + Rest)
            return new Repriced(stands, movedTime, $"{found}, {why}: the reserve of {Dollars(stands)} moves again at {moved + Rest:HH:mm} UTC.");

        // At least a tick, and on the tick: up when it rises, down when it falls.
        var step = Math.Max(grid.TickMicros, stands * terms.StepPercent / 100);
        var next = direction > 0 ? grid.RoundUp(stands + step) : (stands - step) / grid.TickMicros * grid.TickMicros;
        next = Math.Clamp(next, terms.FloorMicros, terms.CapMicros);
        return new Repriced(next, now, $"{found}, {why}: the reserve {(direction > 0 ? "rose" : "fell")} from {Dollars(stands)} to {Dollars(next)}.");
    }

    /// <summary>The share of GPU-slots that is sold of those that could be, in percent, rounded down; null: none could be.</summary>
    public static int? SoldPercent(MarketGrid grid, DateTimeOffset now, int gpuCount, SellingTerms terms, IReadOnlyList<SoldPart> sold)
    {
        var row = new SlotRow(grid, grid.NextOpen(now), (int)(Ahead.Ticks / grid.Slot.Ticks));
        var taken = row.Sold(sold);
        var (could, did) = (0L, 0L);
        for (var slot = 0; slot < row.Count; slot++)
        {
            if (!terms.Allows(row.StartOf(slot), row.StartOf(slot) + grid.Slot)) continue;
            could += Math.Max(gpuCount, taken[slot]);
            did += taken[slot];
        }
        return could == 0 ? null : (int)(did * 100 / could);
    }

    private static string Dollars(long micros) => $"${(micros / 1_000_000m).ToString("0.00####", CultureInfo.InvariantCulture)}";
}
