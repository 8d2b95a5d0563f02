using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>What a participant's accounts held, and every transfer that changed it.</summary>
/// <remarks>What is only set aside is shown as a line and moves no balance.</remarks>
public sealed record Statement(DocumentHead Head, IReadOnlyList<StatementBalance> Balances, IReadOnlyList<StatementLine> Lines) : Document(Head)
{
    /// <inheritdoc />
    public override long ComesToMicros => Balances.Sum(balance => balance.ClosingMicros);

    /// <param name="head">Whose and when.</param>
    /// <param name="opening">What each kind of account held at the start.</param>
    /// <param name="movements">Every transfer of the period that touches the participant's accounts, in order.</param>
    public static Statement Of(DocumentHead head, IReadOnlyDictionary<string, long> opening, IReadOnlyList<Movement> movements)
    {
        var whose = head.ParticipantId;
        var closing = new SortedDictionary<string, long>(opening.ToDictionary(), StringComparer.Ordinal);
        var held = opening.Values.Sum();
        var lines = new List<StatementLine>(movements.Count);
        foreach (var movement in movements)
        {
            var transfer = movement.Transfer;
            if (movement.DebitOwner == whose) Move(movement.DebitKind, -movement.MovedMicros);
            if (movement.CreditOwner == whose) Move(movement.CreditKind, movement.MovedMicros);
            var change = movement.ChangeFor(whose);
            held += change;
            lines.Add(new StatementLine(
                transfer.Number, transfer.RecordedTime, transfer.HappenedTime, LedgerFile.PhaseName(transfer.Phase), transfer.PendingNumber ?? 0,
                Sentences.Of(transfer), transfer.Kind, transfer.Cause, transfer.Debit, transfer.Credit, transfer.AmountMicros, change, held,
                Convert.ToHexStringLower(transfer.Hash.Span)));
        }
        return new Statement(
            head, [.. closing.Select(kind => new StatementBalance(kind.Key, opening.GetValueOrDefault(kind.Key), kind.Value))], lines);

        void Move(string kind, long micros) => closing[kind] = closing.GetValueOrDefault(kind) + micros;
    }
}

/// <summary>What one kind of account held at the start and at the end of the period.</summary>
public sealed record StatementBalance(string AccountKind, long OpeningMicros, long ClosingMicros);

/// <summary>A transfer, what it is in a sentence, and what it changed.</summary>
/// <param name="ChangeMicros">By how much all of the participant's accounts together changed; 0 between two of them.</param>
/// <param name="BalanceMicros">What they held together after it.</param>
public sealed record StatementLine(
    long Transfer, DateTimeOffset RecordedTime, DateTimeOffset HappenedTime, string Phase, long PendingTransfer, string Text, string TransferKind, string Cause,
    string DebitAccount, string CreditAccount, long AmountMicros, long ChangeMicros, long BalanceMicros, string Hash);
