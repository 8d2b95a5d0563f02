namespace ComputeExchange.Facts.Participants.V1;

/// <summary>A participant was admitted.</summary>
/// <remarks>Said by Participants; heard by Settlement, which opens its accounts. Once for each participant.</remarks>
public sealed record ParticipantAdmitted
{
    public required Guid ParticipantId { get; init; }

    /// <summary>What it may be: PROVIDER, BUYER, TRADER, OPERATOR, AUDITOR.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
}
