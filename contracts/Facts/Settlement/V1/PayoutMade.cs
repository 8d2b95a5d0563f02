namespace ComputeExchange.Facts.Settlement.V1;

/// <summary>A provider's earnings were sent to its bank.</summary>
/// <remarks>Said by Settlement; heard by Participants for the audit log. Once for each payout.</remarks>
public sealed record PayoutMade
{
    public required Guid PayoutId { get; init; }

    public required Guid ProviderId { get; init; }

    public required long AmountMicros { get; init; }
}
