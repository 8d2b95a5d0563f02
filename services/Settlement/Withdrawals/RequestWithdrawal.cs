using System.Diagnostics;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Settlement.Withdrawals;

/// <summary>Asks for a participant's money to leave the exchange.</summary>
public sealed record RequestWithdrawal(Guid ParticipantId, Guid RequestId, Money Amount, Guid DestinationId);

/// <summary>What became of it.</summary>
public abstract record WithdrawalOutcome
{
    private WithdrawalOutcome()
    {
    }

    /// <summary>It is recorded, now or by an earlier request, and stands as it says.</summary>
    public sealed record Recorded(WithdrawalRow Withdrawal) : WithdrawalOutcome;

    /// <summary>The request id stands for another withdrawal.</summary>
    public sealed record RequestIdReused : WithdrawalOutcome;

    /// <summary>A rule says no, and nothing was recorded.</summary>
    /// <param name="Limits">The limits in force.</param>
    /// <param name="UsableFrom">From when the destination can be used, where that is why.</param>
    /// <param name="Withdrawn">What was asked for in the last 24 hours.</param>
    /// <param name="Owed">What the participant owes.</param>
    public sealed record Refused(WithdrawalRefusal Reason, PaymentLimitRules Limits, DateTimeOffset? UsableFrom, Money Withdrawn, Money Owed) : WithdrawalOutcome;
}

/// <summary>Records a withdrawal once and asks the engine to let the money go; the feed says whether it did.</summary>
public sealed class RequestWithdrawalHandler(SettlementDb db, PaymentDesk payments, TimeProvider clock)
{
    public async Task<WithdrawalOutcome> Handle(RequestWithdrawal command, CancellationToken cancel)
    {
        if (await Earlier(command, cancel) is { } known) return known;

        // One request of a participant at a time, or two could each be within the limit of the day.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({$"withdrawal of {command.ParticipantId}"}, 0))", cancel);
        var now = clock.GetUtcNow();
        if (await Refusal(command, now, cancel) is { } refused) return refused;

        var id = Guid.CreateVersion7(now);
        var ask = Asks.Debit(id, command.ParticipantId, command.Amount);
        var withdrawal = new WithdrawalRow
        {
            Id = id,
            ParticipantId = command.ParticipantId,
            RequestId = command.RequestId,
            AmountMicros = command.Amount.Micros,
            DestinationId = command.DestinationId,
            State = WithdrawalRow.Pending,
            RequestedTime = now,
            CommandId = ask.CommandId,
        };
        db.Withdrawals.Add(withdrawal);
        db.Command(ask);
        try
        {
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
            return new WithdrawalOutcome.Recorded(withdrawal);
        }
        catch (DbUpdateException race) when (race.InnerException is PostgresException { ConstraintName: WithdrawalTable.Once })
        {
            // Another request with this id was quicker; nothing of this one is kept.
            await transaction.RollbackAsync(cancel);
            db.ChangeTracker.Clear();
            return await Earlier(command, cancel) ?? throw new UnreachableException("The request that was quicker is not there.", race);
        }
    }

    private async Task<WithdrawalOutcome.Refused?> Refusal(RequestWithdrawal command, DateTimeOffset now, CancellationToken cancel)
    {
        var limits = (await payments.Rules(cancel)).Limits();
        var destination = await db.Destinations.AsNoTracking()
            .SingleOrDefaultAsync(d => d.Id == command.DestinationId && d.ParticipantId == command.ParticipantId, cancel);
        var since = now - WithdrawalRules.Day;
        var withdrawn = new Money(await db.Withdrawals
            .Where(w => w.ParticipantId == command.ParticipantId && w.RequestedTime > since && w.RequestId != command.RequestId
                && w.State != WithdrawalRow.Refused && w.State != WithdrawalRow.Failed && w.State != WithdrawalRow.Rejected)
            .SumAsync(w => w.AmountMicros, cancel));
        var owed = await db.Owed(command.ParticipantId, cancel);
        var refusal = WithdrawalRules.Check(
            limits, new PaymentDestination(destination?.AddedTime, destination?.RemovedTime is not null),
            command.Amount, payments.Rail.UnitMicros, withdrawn, owed, now);
        return refusal is { } no ? new WithdrawalOutcome.Refused(no.Reason, limits, no.UsableFrom, withdrawn, owed) : null;
    }

    private async Task<WithdrawalOutcome?> Earlier(RequestWithdrawal command, CancellationToken cancel)
    {
        var earlier = await db.Withdrawals.AsNoTracking()
            .SingleOrDefaultAsync(w => w.ParticipantId == command.ParticipantId && w.RequestId == command.RequestId, cancel);
        if (earlier is null) return null;
        await db.Confirm(cancel);
        return earlier.AmountMicros == command.Amount.Micros && earlier.DestinationId == command.DestinationId
            ? new WithdrawalOutcome.Recorded(earlier)
            : new WithdrawalOutcome.RequestIdReused();
    }
}
