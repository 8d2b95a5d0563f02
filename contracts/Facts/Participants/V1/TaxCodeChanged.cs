namespace ComputeExchange.Facts.Participants.V1;

/// <summary>Another tax is due on a participant's fees from now on.</summary>
/// <remarks>Said by Participants; heard by Settlement, which splits fees by it at metering. In the order of the changes; before the first there is none.</remarks>
public sealed record TaxCodeChanged
{
    public required Guid ParticipantId { get; init; }

    /// <summary>For example <c>DE</c> or <c>US-CA</c>; empty for none.</summary>
    public required string TaxCode { get; init; }
}
