namespace ComputeExchange.Facts.Participants.V1;

/// <summary>A destination was taken out of use, for ever.</summary>
/// <remarks>Said by Participants; heard by Settlement, which pays nothing to it any more. Once, after the destination was added.</remarks>
public sealed record PaymentDestinationRemoved
{
    public required Guid DestinationId { get; init; }

    public required Guid ParticipantId { get; init; }
}
