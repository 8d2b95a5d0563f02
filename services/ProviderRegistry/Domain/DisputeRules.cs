namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Why a slot cannot be disputed, in the order the reasons are checked.</summary>
public enum DisputeRefusal
{
    /// <summary>What was delivered in it is not known yet.</summary>
    NotMetered,

    /// <summary>The time for it is over.</summary>
    TooLate,

    /// <summary>Nothing of it counted as delivered.</summary>
    NothingDelivered,

    /// <summary>What the buyer says it had is not less than what counted.</summary>
    ClaimOutOfRange,
}

/// <summary>What can be disputed, and what a decision comes to.</summary>
public static class DisputeRules
{
    /// <summary>How long after its end a slot can be disputed.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(48);

    /// <summary>The longest statement, answer and reason, in characters.</summary>
    public const int TextLengthMax = 2_000;

    /// <summary>Why a slot cannot be disputed; null: it can.</summary>
    public static DisputeRefusal? Judge(DateTimeOffset slotEnd, long? delivered, long claimed, DateTimeOffset now) =>
        delivered is not { } counted ? DisputeRefusal.NotMetered
        : now > slotEnd + Window ? DisputeRefusal.TooLate
        : counted == 0 ? DisputeRefusal.NothingDelivered
        : claimed < 0 || claimed >= counted ? DisputeRefusal.ClaimOutOfRange
        : null;

    /// <summary>What is wrong with a text that both sides read; null: nothing.</summary>
    public static string? WrongText(string text) =>
        text.Trim().Length == 0 ? "is missing: both sides read it."
        : text.Length > TextLengthMax ? $"has {text.Length} characters; it can have {TextLengthMax}."
        : text.Any(letter => char.IsControl(letter) && letter is not '\n' and not '\r' and not '\t') ? "has control characters: leave them out."
        : null;
}
