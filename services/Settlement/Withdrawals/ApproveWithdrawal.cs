using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Withdrawals;

/// <summary>What became of an operator's word on a large withdrawal.</summary>
public abstract record ReviewOutcome
{
    private ReviewOutcome()
    {
    }

    /// <summary>The withdrawal as it stands now.</summary>
    public sealed record Stands(WithdrawalRow Withdrawal) : ReviewOutcome;

    /// <summary>There is none of that id.</summary>
    public sealed record NotFound : ReviewOutcome;

    /// <summary>It is for another amount than the operator said.</summary>
    public sealed record AmountDiffers(Money Amount) : ReviewOutcome;

    /// <summary>It does not wait for operators.</summary>
    public sealed record NotWaiting(string State) : ReviewOutcome;
}

/// <summary>Lets a large withdrawal go once two operators have said so.</summary>
public sealed class ApproveWithdrawalHandler(SettlementDb db, PaymentDesk payments, TimeProvider clock)
{
    /// <summary>How many operators must agree.</summary>
    public const int Approvers = 2;

    public async Task<ReviewOutcome> Handle(Guid operatorId, Guid withdrawalId, Money amount, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockWithdrawal(withdrawalId, cancel) is not { } withdrawal) return new ReviewOutcome.NotFound();
        if (withdrawal.AmountMicros != amount.Micros) return new ReviewOutcome.AmountDiffers(new Money(withdrawal.AmountMicros));
        var approved = await db.Approvals.Where(approval => approval.WithdrawalId == withdrawalId).Select(approval => approval.OperatorId).ToListAsync(cancel);
        if (approved.Contains(operatorId)) return new ReviewOutcome.Stands(withdrawal);
        if (withdrawal.State != WithdrawalRow.AwaitingApproval) return new ReviewOutcome.NotWaiting(withdrawal.State);

        var now = clock.GetUtcNow();
        db.Approvals.Add(new ApprovalRow { WithdrawalId = withdrawalId, OperatorId = operatorId, ApprovedTime = now });
        if (approved.Count + 1 >= Approvers) await payments.Pay(withdrawal, now, cancel);
        db.Tell(OperatorActed.Of(operatorId, "withdrawal approved", new { withdrawal_id = withdrawalId, amount_micros = amount.Micros }));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new ReviewOutcome.Stands(withdrawal);
    }
}

/// <summary>Turns a large withdrawal down: its money can be traded with again.</summary>
public sealed class RejectWithdrawalHandler(SettlementDb db)
{
    public async Task<ReviewOutcome> Handle(Guid operatorId, Guid withdrawalId, string reason, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockWithdrawal(withdrawalId, cancel) is not { } withdrawal) return new ReviewOutcome.NotFound();
        if (withdrawal.State == WithdrawalRow.Rejected) return new ReviewOutcome.Stands(withdrawal);
        if (withdrawal.State != WithdrawalRow.AwaitingApproval) return new ReviewOutcome.NotWaiting(withdrawal.State);

        withdrawal.State = WithdrawalRow.Rejected;
        withdrawal.Explanation = reason;
        db.Command(Asks.CreditWithdrawal(withdrawal.Id, withdrawal.ParticipantId, new Money(withdrawal.AmountMicros), "rejected"));
        db.Tell(OperatorActed.Of(operatorId, "withdrawal rejected", new { withdrawal_id = withdrawalId, amount_micros = withdrawal.AmountMicros, reason }));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new ReviewOutcome.Stands(withdrawal);
    }
}

/// <summary>Withdrawals as those find them who act on them.</summary>
internal static class Reviews
{
    /// <summary>A withdrawal, and nobody else acts on it until the transaction ends; null if there is none.</summary>
    public static Task<WithdrawalRow?> LockWithdrawal(this SettlementDb db, Guid id, CancellationToken cancel) =>
        db.Withdrawals.FromSql($"SELECT *, xmin FROM settlement.withdrawals WHERE withdrawal_id = {id} FOR UPDATE").SingleOrDefaultAsync(cancel);
}
