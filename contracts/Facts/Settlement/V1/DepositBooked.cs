namespace ComputeExchange.Facts.Settlement.V1;

/// <summary>An operator booked a deposit.</summary>
/// <remarks>Said by Settlement; heard by Participants for the audit log. Once for each deposit that an operator booked; what a rail reports is not told.</remarks>
public sealed record DepositBooked
{
    public required Guid DepositId { get; init; }

    public required Guid ParticipantId { get; init; }

    public required long AmountMicros { get; init; }

    /// <summary>The operator who booked it.</summary>
    public required Guid OperatorId { get; init; }
}
