using System.Collections.Concurrent;
using ComputeExchange.Client;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payments;

/// <summary>A file for the bank.</summary>
/// <param name="Number">Its number; 0: there is none, as nothing is ready.</param>
/// <param name="Csv">Its text.</param>
/// <param name="Count">How many payments it has.</param>
public sealed record BankPayments(long Number, string Csv, int Count);

/// <summary>What became of a file that was asked for.</summary>
public abstract record ExportOutcome
{
    private ExportOutcome()
    {
    }

    /// <summary>Here it is.</summary>
    public sealed record Made(BankPayments File) : ExportOutcome;

    /// <summary>There is none of that number.</summary>
    public sealed record NotFound : ExportOutcome;

    /// <summary>No money may leave.</summary>
    public sealed record Halted(string Reason) : ExportOutcome;
}

/// <summary>Makes the csv rail's files for the bank: each payment in one file, and the same file again when it is asked for.</summary>
/// <remarks>Bank details are asked for when a file is written, and kept nowhere.</remarks>
public sealed class ExportBankPaymentsHandler(SettlementDb db, PaymentDesk payments, ExchangeClient exchange, TimeProvider clock)
{
    private const int MostPayments = 5_000;
    private const int AskedAtOnce = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task<ExportOutcome> Handle(Guid operatorId, long fileNumber, CancellationToken cancel)
    {
        if (fileNumber > 0)
        {
            var earlier = await db.Payments.AsNoTracking().Where(payment => payment.FileNumber == fileNumber)
                .OrderBy(payment => payment.CreatedTime).ThenBy(payment => payment.Id).ToListAsync(cancel);
            if (earlier.Count == 0) return new ExportOutcome.NotFound();
            var again = await Details(earlier, cancel);
            await Note(operatorId, fileNumber, earlier.Count, cancel);
            return Made(fileNumber, earlier, again);
        }

        var ready = await db.Payments.AsNoTracking().Where(payment => payment.State == PaymentRow.Ready && payment.Rail == CsvRail.RailName)
            .OrderBy(payment => payment.CreatedTime).ThenBy(payment => payment.Id).Take(MostPayments).ToListAsync(cancel);
        var details = await Details(ready, cancel);
        return await Send(operatorId, [.. ready.Select(payment => payment.Id)], details, cancel);
    }

    private async Task<ExportOutcome> Send(Guid operatorId, Guid[] ids, IReadOnlyDictionary<Guid, GetPaymentDestinationResponse> details, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var rules = await db.PaymentRules.FromSql($"SELECT *, xmin FROM settlement.payment_rules WHERE id = 1 FOR UPDATE").SingleAsync(cancel);
        if (rules.HaltedTime is not null) return new ExportOutcome.Halted(rules.HaltReason);
        var locked = await db.Payments
            .FromSql($"SELECT *, xmin FROM settlement.payments WHERE payment_id = ANY ({ids}) AND state = 'READY' ORDER BY payment_id FOR UPDATE").ToListAsync(cancel);

        var now = clock.GetUtcNow();
        foreach (var payment in locked)
        {
            await payments.LetGo(payment, now, cancel);
            if (payment.State == PaymentRow.Sent && !CanBePaid(payment, details))
                await payments.Move(payment, PaymentStep.Fail, now, "The destination was taken out of use before the money left.", cancel);
        }
        var sent = locked.Where(payment => payment.State == PaymentRow.Sent).OrderBy(payment => payment.CreatedTime).ThenBy(payment => payment.Id).ToList();
        if (sent.Count > 0)
        {
            rules.LastFileNumber++;
            foreach (var payment in sent) payment.FileNumber = rules.LastFileNumber;
            db.Tell(Exported(operatorId, rules.LastFileNumber, sent.Count));
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return sent.Count == 0 ? new ExportOutcome.Made(new BankPayments(0, "", 0)) : Made(rules.LastFileNumber, sent, details);
    }

    private static bool CanBePaid(PaymentRow payment, IReadOnlyDictionary<Guid, GetPaymentDestinationResponse> details) =>
        payment.DestinationId is { } id && details.TryGetValue(id, out var to) && to.State == DestinationState.Active
        && to.ParticipantId == payment.ParticipantId.ToString() && to.Holder.Length > 0;

    private async Task<IReadOnlyDictionary<Guid, GetPaymentDestinationResponse>> Details(IEnumerable<PaymentRow> payments, CancellationToken cancel)
    {
        var details = new ConcurrentDictionary<Guid, GetPaymentDestinationResponse>();
        var ids = payments.Select(payment => payment.DestinationId).OfType<Guid>().Distinct();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancel }, async (id, token) =>
        {
            try
            {
                details[id] = await exchange.Participants.GetPaymentDestinationAsync(
                    new GetPaymentDestinationRequest { DestinationId = id.ToString() },
                    deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Limit, cancellationToken: token);
            }
            catch (RpcException gone) when (gone.StatusCode == StatusCode.NotFound)
            {
                // Nobody knows where it would go.
            }
        });
        return details;
    }

    private static ExportOutcome.Made Made(long number, IReadOnlyList<PaymentRow> payments, IReadOnlyDictionary<Guid, GetPaymentDestinationResponse> details) =>
        new(new BankPayments(
            number,
            BankFile.Write(payments.Select(payment => (payment, payment.DestinationId is { } id ? details.GetValueOrDefault(id) ?? new() : new()))),
            payments.Count));

    private async Task Note(Guid operatorId, long number, int count, CancellationToken cancel)
    {
        db.Tell(Exported(operatorId, number, count));
        await db.SaveChangesAsync(cancel);
    }

    private static OperatorActed Exported(Guid operatorId, long number, int count) =>
        OperatorActed.Of(operatorId, "bank payments exported", new { file_number = number, payment_count = count });
}

/// <summary>What became of a bank's statement.</summary>
public abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    /// <summary>All its lines are booked.</summary>
    public sealed record Booked(RailEventsOutcome Events) : ImportOutcome;

    /// <summary>Some lines are wrong; nothing was booked.</summary>
    public sealed record Wrong(IReadOnlyList<string> Lines) : ImportOutcome;

    /// <summary>Some entries were booked before with another content; nothing was booked now.</summary>
    public sealed record Conflict(IReadOnlyList<string> EntryIds) : ImportOutcome;
}

/// <summary>Books a bank's statement: every line once, however often the file comes.</summary>
public sealed class ImportBankStatementHandler(SettlementDb db, ApplyRailEventsHandler apply)
{
    private const int NamedLimit = 20;

    public async Task<ImportOutcome> Handle(Guid operatorId, string csv, CancellationToken cancel)
    {
        var events = BankFile.Read(csv, out var wrong);
        if (wrong.Count > 0) return new ImportOutcome.Wrong(wrong);
        var conflicts = await Conflicts(events, cancel);
        if (conflicts.Count > 0) return new ImportOutcome.Conflict(conflicts);

        var outcome = await apply.Handle(events, cancel);
        db.Tell(OperatorActed.Of(operatorId, "bank statement imported", new { applied = outcome.Applied, repeated = outcome.Repeated, unmatched = outcome.Unmatched }));
        await db.SaveChangesAsync(cancel);
        return outcome.Conflicts.Count > 0 ? new ImportOutcome.Conflict(outcome.Conflicts) : new ImportOutcome.Booked(outcome);
    }

    private async Task<IReadOnlyList<string>> Conflicts(IReadOnlyList<RailEvent> events, CancellationToken cancel)
    {
        var ids = events.Select(happened => happened.Id).ToArray();
        var known = await db.RailEvents.AsNoTracking().Where(row => row.Rail == CsvRail.RailName && ids.Contains(row.EventId))
            .ToDictionaryAsync(row => row.EventId, row => row.ContentHash, StringComparer.Ordinal, cancel);
        var conflicts = new List<string>();
        foreach (var happened in events)
        {
            var hash = happened.ContentHash();
            if (!known.TryAdd(happened.Id, hash) && !known[happened.Id].AsSpan().SequenceEqual(hash)) conflicts.Add(happened.Id);
        }
        return [.. conflicts.Distinct(StringComparer.Ordinal).Take(NamedLimit)];
    }
}
