using System.Diagnostics;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Settlement.Withdrawals;

/// <summary>Asks for a participant's money to leave the exchange.</summary>
public sealed record RequestWithdrawal(Guid ParticipantId, Guid RequestId, Money Amount, string Destination);

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
}

/// <summary>Records a withdrawal once and asks the engine to let the money go; the feed says whether it did.</summary>
public sealed class RequestWithdrawalHandler(SettlementDb db, TimeProvider clock)
{
    public async Task<WithdrawalOutcome> Handle(RequestWithdrawal command, CancellationToken cancel)
    {
        if (await Earlier(command, cancel) is { } known) return known;

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var ask = Asks.Debit(id, command.ParticipantId, command.Amount);
        var withdrawal = new WithdrawalRow
        {
            Id = id,
            ParticipantId = command.ParticipantId,
            RequestId = command.RequestId,
            AmountMicros = command.Amount.Micros,
            Destination = command.Destination,
            State = WithdrawalRow.Pending,
            RequestedTime = now,
            CommandId = ask.CommandId,
        };
        db.Withdrawals.Add(withdrawal);
        db.Command(ask);
        try
        {
            await db.SaveChangesAsync(cancel);
            return new WithdrawalOutcome.Recorded(withdrawal);
        }
        catch (DbUpdateException race) when (race.InnerException is PostgresException { ConstraintName: WithdrawalTable.Once })
        {
            // Another request with this id was quicker; nothing of this one is kept.
            db.ChangeTracker.Clear();
            return await Earlier(command, cancel) ?? throw new UnreachableException("The request that was quicker is not there.", race);
        }
    }

    private async Task<WithdrawalOutcome?> Earlier(RequestWithdrawal command, CancellationToken cancel)
    {
        var earlier = await db.Withdrawals.AsNoTracking()
            .SingleOrDefaultAsync(w => w.ParticipantId == command.ParticipantId && w.RequestId == command.RequestId, cancel);
        if (earlier is null) return null;
        return earlier.AmountMicros == command.Amount.Micros && earlier.Destination == command.Destination
            ? new WithdrawalOutcome.Recorded(earlier)
            : new WithdrawalOutcome.RequestIdReused();
    }
}
