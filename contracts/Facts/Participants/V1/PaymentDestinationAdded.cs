namespace ComputeExchange.Facts.Participants.V1;

/// <summary>A participant named a place to which its money may be paid out.</summary>
/// <remarks>Said by Participants; heard by Settlement, which asks for the bank details when it pays and keeps none. Once for each destination.</remarks>
public sealed record PaymentDestinationAdded
{
    public required Guid DestinationId { get; init; }

    public required Guid ParticipantId { get; init; }
}
