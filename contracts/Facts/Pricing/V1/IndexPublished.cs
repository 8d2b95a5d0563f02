namespace ComputeExchange.Facts.Pricing.V1;

/// <summary>An index has a value for a day.</summary>
/// <remarks>Said by Pricing: provisional after the day's end, final the day after; heard by nobody yet. Never restated, corrected only until final.</remarks>
public sealed record IndexPublished
{
    /// <summary>For example <c>CX-H100-SXM-80GB.us-east</c>.</summary>
    public required string Index { get; init; }

    /// <summary>The UTC day.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Millionths of a dollar for one GPU for one hour.</summary>
    public required long ValueMicros { get; init; }

    /// <summary>A, B or E: how good it is.</summary>
    public required string Grade { get; init; }

    public required bool Final { get; init; }
}
