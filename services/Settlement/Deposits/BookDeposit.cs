using System.Diagnostics;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Settlement.Deposits;

/// <summary>A line of the bank's statement: money that came in for a participant.</summary>
public sealed record BookDeposit(Guid OperatorId, Guid RequestId, Guid ParticipantId, Money Amount);

/// <summary>What became of it.</summary>
public abstract record DepositOutcome
{
    private DepositOutcome()
    {
    }

    /// <summary>It is booked, now or by an earlier request.</summary>
    public sealed record Booked(Guid DepositId) : DepositOutcome;

    /// <summary>The request id stands for another deposit.</summary>
    public sealed record RequestIdReused : DepositOutcome;
}

/// <summary>Books a deposit once, and has the engine make it tradable.</summary>
public sealed class BookDepositHandler(SettlementDb db, TimeProvider clock)
{
    public async Task<DepositOutcome> Handle(BookDeposit command, CancellationToken cancel)
    {
        if (await Earlier(command, cancel) is { } known) return known;

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var ask = Asks.CreditDeposit(id, command.ParticipantId, command.Amount);
        db.Deposits.Add(new DepositRow
        {
            Id = id,
            RequestId = command.RequestId,
            ParticipantId = command.ParticipantId,
            AmountMicros = command.Amount.Micros,
            OperatorId = command.OperatorId,
            BookedTime = now,
            CommandId = ask.CommandId,
            State = DepositRow.Booked,
            Rail = DepositRow.ManualRail,
            RailReference = "",
        });
        db.Post(Postings.Deposited(id, command.ParticipantId, command.Amount, now));
        db.Command(ask);
        db.Tell(new DepositBooked
        {
            DepositId = id,
            ParticipantId = command.ParticipantId,
            AmountMicros = command.Amount.Micros,
            OperatorId = command.OperatorId,
        });
        try
        {
            await db.SaveChangesAsync(cancel);
            return new DepositOutcome.Booked(id);
        }
        catch (DbUpdateException race) when (race.InnerException is PostgresException { ConstraintName: DepositTable.Once })
        {
            // Another request with this id was quicker; nothing of this one is kept.
            db.ChangeTracker.Clear();
            return await Earlier(command, cancel) ?? throw new UnreachableException("The request that was quicker is not there.", race);
        }
    }

    private async Task<DepositOutcome?> Earlier(BookDeposit command, CancellationToken cancel)
    {
        var earlier = await db.Deposits.AsNoTracking().SingleOrDefaultAsync(deposit => deposit.RequestId == command.RequestId, cancel);
        if (earlier is null) return null;
        await db.Confirm(cancel);
        return earlier.ParticipantId == command.ParticipantId && earlier.AmountMicros == command.Amount.Micros
            ? new DepositOutcome.Booked(earlier.Id)
            : new DepositOutcome.RequestIdReused();
    }
}
