using System.Text.Json;

namespace ComputeExchange.Facts.Settlement.V1;

/// <summary>An operator did something about money: approved, proposed, halted, exchanged files with the bank.</summary>
/// <remarks>Said by Settlement; heard by Participants for the audit log. In the order of the acts. Deposits that operators book are told as <see cref="DepositBooked"/>.</remarks>
public sealed record OperatorActed
{
    public required Guid OperatorId { get; init; }

    /// <summary>What, in the past tense, for example <c>withdrawal approved</c>.</summary>
    public required string Act { get; init; }

    /// <summary>On what and with which parameters, as JSON; no personal data.</summary>
    public required string Detail { get; init; }

    /// <summary>An act with the properties of an object as its detail.</summary>
    public static OperatorActed Of(Guid operatorId, string act, object detail) =>
        new() { OperatorId = operatorId, Act = act, Detail = JsonSerializer.Serialize(detail) };
}
