using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Statements;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Documents;

/// <summary>Makes documents of the ledger and keeps them: one of a kind for a participant and a period, numbered without gaps.</summary>
public sealed class DocumentMaker(SettlementDb db, LedgerExtracts ledger)
{
    /// <summary>The document of a kind for a participant and a period that is over; made where there is none yet.</summary>
    /// <remarks>Inside a transaction: until its end nobody else gives numbers.</remarks>
    /// <param name="kind">One of <see cref="DocumentKinds"/>.</param>
    /// <param name="participant">Whose.</param>
    /// <param name="period">The period.</param>
    /// <param name="at">When it is made.</param>
    /// <param name="undelivered">The causes of slots of which the participant delivered nothing; null: they are looked up.</param>
    /// <param name="cancel">When nobody waits for it any more.</param>
    public async Task<DocumentRow> Make(
        string kind, Guid participant, Period period, DateTimeOffset at, IReadOnlyCollection<string>? undelivered, CancellationToken cancel)
    {
        await db.Database.ExecuteSqlRawAsync("SELECT pg_advisory_xact_lock(hashtext('settlement.documents'))", cancel);
        var stored = StoredKind(kind);
        if (await Find(stored, participant, period, cancel) is { } earlier) return earlier;

        var prefix = DocumentKinds.Number(kind, at.Year, 0)[..^6];
        var count = await db.Documents.CountAsync(document => document.Number.StartsWith(prefix), cancel);
        var document = await Read(kind, DocumentKinds.Number(kind, at.Year, count + 1), participant, period, at, undelivered, cancel);
        var row = new DocumentRow
        {
            Id = DerivedId.From("document", kind, participant, period.FromDay.ToString("O"), period.ToDay.ToString("O")),
            Number = document.Head.Number,
            Kind = stored,
            ParticipantId = participant,
            FromDay = period.FromDay,
            ToDay = period.ToDay,
            ThroughNumber = document.Head.ThroughTransfer,
            TotalMicros = document.ComesToMicros,
            Body = System.Text.Encoding.UTF8.GetString(DocumentJson.Write(document)),
            CreatedTime = at,
        };
        db.Documents.Add(row);
        await db.SaveChangesAsync(cancel);

        // A month makes many: what is written is not kept in memory.
        db.Entry(row).State = EntityState.Detached;
        return row;
    }

    /// <summary>A kind as the table has it.</summary>
    public static string StoredKind(string kind) => kind.ToUpperInvariant();

    private Task<DocumentRow?> Find(string kind, Guid participant, Period period, CancellationToken cancel) =>
        db.Documents.AsNoTracking().SingleOrDefaultAsync(
            document => document.ParticipantId == participant && document.Kind == kind && document.FromDay == period.FromDay && document.ToDay == period.ToDay, cancel);

    private async Task<Document> Read(
        string kind, string number, Guid participant, Period period, DateTimeOffset at, IReadOnlyCollection<string>? undelivered, CancellationToken cancel)
    {
        var stretch = await ledger.Recorded(period.From, period.To, cancel);
        var head = new DocumentHead(number, participant, period.From, period.To, at, stretch.Through, stretch.Hash);
        var movements = await ledger.Movements(participant, stretch, cancel);
        switch (kind)
        {
            case DocumentKinds.Invoice:
                return Invoice.Of(head, movements, await ledger.Slots(movements, lease => lease.BuyerId == participant, cancel));
            case DocumentKinds.PayoutStatement:
                var opening = await ledger.Held(participant, stretch.After, cancel);
                undelivered ??= [.. (await ledger.Undelivered(participant, stretch, cancel))[participant]];
                var earned = movements.Where(movement => movement.Transfer.Kind == TransferKinds.Earned && movement.CreditOwner == participant);
                var metered = await ledger.Movements([.. earned.Select(movement => movement.Transfer.Cause).Concat(undelivered).Distinct()], stretch, cancel);
                List<Movement> all = [.. movements.Concat(metered).DistinctBy(movement => movement.Transfer.Number).OrderBy(movement => movement.Transfer.Number)];
                return PayoutStatement.Of(
                    head, opening.GetValueOrDefault(AccountKinds.Earnings), all, await ledger.Slots(metered, lease => lease.ProviderId == participant, cancel));
            default:
                return Statement.Of(head, await ledger.Held(participant, stretch.After, cancel), movements);
        }
    }
}

/// <summary>Whole UTC days, the last one outside.</summary>
public sealed record Period(DateOnly FromDay, DateOnly ToDay)
{
    public DateTimeOffset From => new(FromDay, TimeOnly.MinValue, TimeSpan.Zero);

    public DateTimeOffset To => new(ToDay, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>The month that was over at a moment.</summary>
    public static Period MonthBefore(DateTimeOffset moment)
    {
        var end = new DateOnly(moment.UtcDateTime.Year, moment.UtcDateTime.Month, 1);
        return new Period(end.AddMonths(-1), end);
    }
}
