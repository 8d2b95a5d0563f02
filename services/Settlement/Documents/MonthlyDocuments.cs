using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Statements;

namespace ComputeExchange.Settlement.Documents;

/// <summary>Makes the documents of the month that is over: an invoice for who bought, a payout statement for who sold, a statement for all whose money moved.</summary>
/// <remarks>What was made before is left as it is, so a month that is run again adds nothing.</remarks>
public sealed class MonthlyDocuments(LedgerExtracts ledger, DocumentMaker maker, ILogger<MonthlyDocuments> log) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var period = Period.MonthBefore(due);
        var stretch = await ledger.Recorded(period.From, period.To, cancel);
        var undelivered = await ledger.Undelivered(null, stretch, cancel);
        var made = 0;
        foreach (var participant in (await ledger.Owners(stretch, cancel)).Union(undelivered.Select(slots => slots.Key)).Order())
        {
            var failed = undelivered[participant].ToList();
            foreach (var kind in Kinds(participant, await ledger.Movements(participant, stretch, cancel), failed.Count > 0))
            {
                await maker.Make(kind, participant, period, due, failed, cancel);
                made++;
            }
        }
        log.LogInformation("{Count} documents of the month from {Day}.", made, period.FromDay.ToString("O"));
    }

    private static IEnumerable<string> Kinds(Guid participant, IReadOnlyList<Movement> movements, bool failed)
    {
        if (movements.Any(movement =>
            (movement.Slot is not null && movement.DebitOwner == participant && movement.DebitKind == AccountKinds.Escrow)
            || (movement.Transfer.Kind == TransferKinds.Compensation && movement.CreditOwner == participant)
            || (movement.IsDeliveryCorrection && movement.CorrectedBuyer == participant)))
            yield return DocumentKinds.Invoice;
        if (failed || movements.Any(movement =>
            movement.ChangeFor(participant, AccountKinds.Earnings) != 0 || PayoutStatement.CorrectionOf(movement, participant) != 0)) yield return DocumentKinds.PayoutStatement;
        if (movements.Count > 0) yield return DocumentKinds.Statement;
    }
}
