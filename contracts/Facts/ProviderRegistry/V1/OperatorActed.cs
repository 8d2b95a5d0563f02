using System.Text.Json;

namespace ComputeExchange.Facts.ProviderRegistry.V1;

/// <summary>An operator did something about a node or a delivery: proposed or decided a dispute, suspended a node.</summary>
/// <remarks>Said by ProviderRegistry; heard by Participants for the audit log. In the order of the acts.</remarks>
public sealed record OperatorActed
{
    public required Guid OperatorId { get; init; }

    /// <summary>What, in the past tense, for example <c>dispute decided</c>.</summary>
    public required string Act { get; init; }

    /// <summary>On what and with which parameters, as JSON; no personal data.</summary>
    public required string Detail { get; init; }

    /// <summary>An act with the properties of an object as its detail.</summary>
    public static OperatorActed Of(Guid operatorId, string act, object detail) =>
        new() { OperatorId = operatorId, Act = act, Detail = JsonSerializer.Serialize(detail) };
}
