using System.Diagnostics;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Settlement.Payments;

/// <summary>What became of what a rail said.</summary>
/// <param name="Applied">How many were new.</param>
/// <param name="Repeated">How many were known.</param>
/// <param name="Unmatched">How many of the new ones no participant or payment was found for.</param>
/// <param name="Conflicts">The ids that came again with another content; nothing was done for them.</param>
/// <param name="Owing">The participants who owe something since.</param>
public sealed record RailEventsOutcome(int Applied, int Repeated, int Unmatched, IReadOnlyList<string> Conflicts, IReadOnlyList<Guid> Owing)
{
    public static RailEventsOutcome operator +(RailEventsOutcome left, RailEventsOutcome right) => new(
        left.Applied + right.Applied, left.Repeated + right.Repeated, left.Unmatched + right.Unmatched,
        [.. left.Conflicts, .. right.Conflicts], [.. left.Owing.Union(right.Owing)]);
}

/// <summary>Applies what a rail says of payments and deposits: each event once, in whatever order and however often it comes.</summary>
public sealed class ApplyRailEventsHandler(SettlementDb db, PaymentDesk payments, RailDeposits deposits, TimeProvider clock, ILogger<ApplyRailEventsHandler> log)
{
    /// <summary>How many events share a transaction.</summary>
    private const int BatchSize = 200;

    /// <summary>How often a batch is tried that others were in the way of.</summary>
    private const int Attempts = 5;

    /// <summary>Applies events of one rail, in the order given.</summary>
    public async Task<RailEventsOutcome> Handle(IReadOnlyList<RailEvent> events, CancellationToken cancel)
    {
        var all = new RailEventsOutcome(0, 0, 0, [], []);
        foreach (var batch in events.Chunk(BatchSize)) all += await Patiently(batch, cancel);
        return all;
    }

    private async Task<RailEventsOutcome> Patiently(RailEvent[] batch, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Apply(batch, cancel);
            }
            catch (DbUpdateException race) when (attempt < Attempts && IsRace(race))
            {
                // Somebody else applied some of it, or moved a payment, and was quicker: look again.
                db.ChangeTracker.Clear();
            }
        }
    }

    private static bool IsRace(DbUpdateException failure) =>
        failure is DbUpdateConcurrencyException
        || failure.InnerException is PostgresException { ConstraintName: RailEventTable.Once or DepositTable.Once };

    private async Task<RailEventsOutcome> Apply(RailEvent[] batch, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var (rail, now) = (batch[0].Rail, clock.GetUtcNow());
        var ids = batch.Select(happened => happened.Id).ToArray();
        var known = await db.RailEvents.AsNoTracking().Where(row => row.Rail == rail && ids.Contains(row.EventId))
            .ToDictionaryAsync(row => row.EventId, row => row.ContentHash, StringComparer.Ordinal, cancel);
        var paymentIds = batch.Where(happened => happened.PaymentId is not null).Select(happened => happened.PaymentId!.Value).ToArray();
        await db.Payments.FromSql($"SELECT *, xmin FROM settlement.payments WHERE payment_id = ANY ({paymentIds}) ORDER BY payment_id FOR UPDATE").LoadAsync(cancel);
        await deposits.Load([.. batch.Where(happened => !happened.IsOfPayment)], cancel);

        var outcome = new RailEventsOutcome(0, 0, 0, [], []);
        foreach (var happened in batch)
        {
            var hash = happened.ContentHash();
            if (known.TryGetValue(happened.Id, out var earlier))
            {
                outcome = earlier.AsSpan().SequenceEqual(hash)
                    ? outcome with { Repeated = outcome.Repeated + 1 }
                    : outcome with { Conflicts = [.. outcome.Conflicts, happened.Id] };
                continue;
            }
            known.Add(happened.Id, hash);
            var said = happened.IsOfPayment ? await OfPayment(happened, now, cancel) : deposits.Apply(happened, now);
            if (said.Suspicious) log.LogError("Rail {Rail}, event {Event}, {Kind}: {What}", rail, happened.Id, happened.Kind, said.What);
            outcome = outcome with
            {
                Applied = outcome.Applied + 1,
                Unmatched = outcome.Unmatched + (said.Unmatched ? 1 : 0),
                Owing = said.Owing is { } owing ? [.. outcome.Owing.Append(owing).Distinct()] : outcome.Owing,
            };
            db.RailEvents.Add(new RailEventRow
            {
                Rail = rail,
                EventId = happened.Id,
                Kind = happened.Kind,
                PaymentId = happened.PaymentId,
                RailReference = happened.RailReference,
                AmountMicros = happened.Amount.Micros,
                ContentHash = hash,
                HappenedTime = happened.Happened,
                ReceivedTime = now,
                Outcome = said.What,
            });
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return outcome;
    }

    private async Task<EventEffect> OfPayment(RailEvent happened, DateTimeOffset now, CancellationToken cancel)
    {
        var payment = await db.Payments.FindAsync([happened.PaymentId], cancel);
        if (payment is null || payment.Rail != happened.Rail) return new EventEffect("This rail has no such payment: nothing moved.") { Unmatched = true, Suspicious = true };
        if (payment.AmountMicros != happened.Amount.Micros)
            return new EventEffect($"The payment is for {payment.AmountMicros} micro-dollars: nothing moved.") { Suspicious = true };

        var step = RailSteps.Of(Standing(payment), happened.Says);
        switch (step)
        {
            case PaymentStep.Nothing:
                return new EventEffect($"The payment is {payment.State} already.");
            case PaymentStep.Contradiction:
                return new EventEffect($"The payment is {payment.State}: nothing moved.") { Suspicious = true };
            default:
                if (payment.RailReference.Length == 0) payment.RailReference = happened.RailReference;
                await payments.Move(payment, step, now, Why(step), cancel);
                return new EventEffect($"The payment is {payment.State}.")
                {
                    Suspicious = step == PaymentStep.PayAfterAll,
                    Owing = step == PaymentStep.PayAfterAll ? payment.ParticipantId : null,
                };
        }
    }

    private static PaymentStanding Standing(PaymentRow payment) => payment.State switch
    {
        PaymentRow.Ready => PaymentStanding.Ready,
        PaymentRow.Sent => PaymentStanding.Sent,
        PaymentRow.Paid => PaymentStanding.Paid,
        PaymentRow.Failed => PaymentStanding.Failed,
        PaymentRow.Reversed => PaymentStanding.Reversed,
        var other => throw new UnreachableException($"A payment cannot be {other}."),
    };

    private static string Why(PaymentStep step) => step switch
    {
        PaymentStep.Fail => "The bank could not pay it; the money is back.",
        PaymentStep.Return or PaymentStep.PayAndReturn => "It was paid and the bank sent it back; the money is back.",
        PaymentStep.PayAfterAll => "The bank said that it could not pay it, and paid it later: what was given back is owed.",
        _ => "",
    };
}

/// <summary>What an event did.</summary>
/// <param name="What">In a sentence, for operators.</param>
public sealed record EventEffect(string What)
{
    /// <summary>No participant or payment was found for it.</summary>
    public bool Unmatched { get; init; }

    /// <summary>People should look at it.</summary>
    public bool Suspicious { get; init; }

    /// <summary>The participant who owes something since.</summary>
    public Guid? Owing { get; init; }
}
