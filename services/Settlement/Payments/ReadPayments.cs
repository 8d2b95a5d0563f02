using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payments;

/// <summary>What people read of money coming in and going out.</summary>
public sealed class ReadPayments(SettlementDb db, RailBook rails)
{
    /// <summary>The one row of the rules.</summary>
    public Task<PaymentRulesRow> Rules(CancellationToken cancel) => db.PaymentRules.AsNoTracking().SingleAsync(cancel);

    /// <summary>Withdrawals, newest first: a participant's, or everyone's.</summary>
    public async Task<IReadOnlyList<Withdrawal>> Withdrawals(Guid? participant, bool awaiting, int size, int skip, CancellationToken cancel)
    {
        var rows = db.Withdrawals.AsNoTracking();
        if (participant is { } owner) rows = rows.Where(withdrawal => withdrawal.ParticipantId == owner);
        if (awaiting) rows = rows.Where(withdrawal => withdrawal.State == WithdrawalRow.AwaitingApproval);
        return await Explained(await rows.OrderByDescending(withdrawal => withdrawal.Id).Skip(skip).Take(size).ToListAsync(cancel), cancel);
    }

    /// <summary>A withdrawal with why it stands as it does.</summary>
    public async Task<Withdrawal> Explained(WithdrawalRow row, CancellationToken cancel) => (await Explained([row], cancel))[0];

    /// <summary>Deposits, newest first: a participant's, or everyone's.</summary>
    public async Task<IReadOnlyList<DepositRow>> Deposits(Guid? participant, bool unmatched, int size, int skip, CancellationToken cancel)
    {
        var rows = db.Deposits.AsNoTracking();
        if (participant is { } owner) rows = rows.Where(deposit => deposit.ParticipantId == owner);
        if (unmatched) rows = rows.Where(deposit => deposit.State == DepositRow.Unmatched);
        return await rows.OrderByDescending(deposit => deposit.Id).Skip(skip).Take(size).ToListAsync(cancel);
    }

    /// <summary>Payouts, newest first, with how they stand: a provider's, or everyone's.</summary>
    public async Task<IReadOnlyList<Payout>> Payouts(Guid? provider, int size, int skip, CancellationToken cancel)
    {
        var rows = db.Payouts.AsNoTracking();
        if (provider is { } owner) rows = rows.Where(payout => payout.ProviderId == owner);
        var payouts = await rows.OrderByDescending(payout => payout.Day).ThenBy(payout => payout.ProviderId).Skip(skip).Take(size).ToListAsync(cancel);
        var ids = payouts.ConvertAll(payout => payout.Id);
        var payments = await db.Payments.AsNoTracking().Where(payment => ids.Contains(payment.Id)).ToDictionaryAsync(payment => payment.Id, cancel);
        var rules = await Rules(cancel);
        return payouts.ConvertAll(payout => Wire.ToProto(payout, payments.GetValueOrDefault(payout.Id), rules));
    }

    /// <summary>Proposals, newest first.</summary>
    public async Task<IReadOnlyList<ProposalRow>> Proposals(int size, int skip, CancellationToken cancel) =>
        await db.Proposals.AsNoTracking().OrderByDescending(proposal => proposal.Id).Skip(skip).Take(size).ToListAsync(cancel);

    /// <summary>Whether money may leave, and what waits for operators.</summary>
    public async Task<GetPaymentStatusResponse> Status(CancellationToken cancel)
    {
        var rules = await Rules(cancel);
        var watch = await db.Watch.AsNoTracking().SingleAsync(cancel);
        var breaks = await db.Breaks.AsNoTracking().Where(found => found.ClearedTime == null).OrderBy(found => found.Id).Take(100)
            .Select(found => found.Text).ToListAsync(cancel);
        return new GetPaymentStatusResponse
        {
            Halted = rules.HaltedTime is not null,
            HaltedTime = rules.HaltedTime?.ToTimestamp(),
            Reasons = { rules.HaltReason.Split('\n', StringSplitOptions.RemoveEmptyEntries).Union(breaks) },
            Limits = rules.ToProto(),
            Rail = rails.InUse.Name,
            ComparedTime = watch.ComparedTime?.ToTimestamp(),
            FeedNumber = watch.FeedNumber,
            CheckedTransferId = watch.CheckedNumber,
            AwaitingApprovalCount = await db.Withdrawals.CountAsync(withdrawal => withdrawal.State == WithdrawalRow.AwaitingApproval, cancel),
            UnmatchedCount = await db.Deposits.CountAsync(deposit => deposit.State == DepositRow.Unmatched, cancel),
            SentCount = await db.Payments.CountAsync(payment => payment.State == PaymentRow.Sent, cancel),
        };
    }

    private async Task<IReadOnlyList<Withdrawal>> Explained(IReadOnlyList<WithdrawalRow> rows, CancellationToken cancel)
    {
        var ids = rows.Select(row => row.Id).ToList();
        var approvals = (await db.Approvals.AsNoTracking().Where(approval => ids.Contains(approval.WithdrawalId))
            .OrderBy(approval => approval.ApprovedTime).ToListAsync(cancel)).ToLookup(approval => approval.WithdrawalId, approval => approval.OperatorId);
        var rules = await Rules(cancel);
        return [.. rows.Select(row => Wire.ToProto(row, [.. approvals[row.Id]], rules))];
    }
}
