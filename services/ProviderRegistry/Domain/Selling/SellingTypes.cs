namespace ComputeExchange.ProviderRegistry.Domain.Selling;

/// <summary>From a time up to another.</summary>
public readonly record struct Window(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Whether they have a moment in common.</summary>
    public bool Meets(DateTimeOffset from, DateTimeOffset to) => From < to && from < To;
}

/// <summary>What a node's policy wants, with all that is left out filled in.</summary>
/// <param name="ReserveMicros">The least price of what is sold ahead, where the repricer stands.</param>
/// <param name="PromptMicros">The least price of what would otherwise stay idle.</param>
/// <param name="HoursMask">Hours of the day, UTC, in which it is sold, as bits.</param>
/// <param name="DaysMask">Days of the week in which it is sold, as bits; bit 0 is Monday.</param>
/// <param name="RunSlotCountMin">The least run, in slots.</param>
/// <param name="HorizonSlotCount">How far ahead it is offered.</param>
/// <param name="KeepFree">Keep-free windows and maintenance.</param>
public sealed record SellingTerms(
    long ReserveMicros, long PromptMicros, int HoursMask, int DaysMask, int RunSlotCountMin, int HorizonSlotCount, IReadOnlyList<Window> KeepFree)
{
    /// <summary>Whether a slot may be sold.</summary>
    public bool Allows(DateTimeOffset from, DateTimeOffset to)
    {
        var day = ((int)from.UtcDateTime.DayOfWeek + 6) % 7;
        return (HoursMask & (1 << from.UtcDateTime.Hour)) != 0 && (DaysMask & (1 << day)) != 0 && !KeepFree.Any(window => window.Meets(from, to));
    }
}

/// <summary>GPUs that are sold from a time to a time, and out of which offer.</summary>
public readonly record struct SoldPart(long OfferId, int GpuCount, DateTimeOffset From, DateTimeOffset To);

/// <summary>An open offer of a node's.</summary>
public sealed record OpenOffer(
    long OfferId, int GpuCount, DateTimeOffset From, DateTimeOffset To, long ReserveMicros, long PromptMicros, int RunSlotCountMin, bool ByPolicy);

/// <summary>What is to be offered.</summary>
public readonly record struct NewOffer(int GpuCount, DateTimeOffset From, DateTimeOffset To, long ReserveMicros, long PromptMicros, int RunSlotCountMin);

/// <summary>What is to be asked of the engine: first the cancels, then the offers.</summary>
public sealed record SellingPlan(IReadOnlyList<long> Cancels, IReadOnlyList<NewOffer> Offers)
{
    /// <summary>Nothing.</summary>
    public static readonly SellingPlan Nothing = new([], []);

    /// <summary>Whether nothing is to be asked.</summary>
    public bool IsEmpty => Cancels.Count == 0 && Offers.Count == 0;

    /// <summary>All of it as text: two plans that ask the same have the same.</summary>
    public override string ToString() => $"cancel {string.Join(' ', Cancels)}; offer {string.Join(' ', Offers)}";
}
