using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Accounts;

/// <summary>What people read of the ledger: balances, transfers, payouts, the trial balance.</summary>
public sealed class ReadAccounts(SettlementDb db, ExchangeClient exchange)
{
    /// <summary>A participant's balances: the ledger's, and how the engine holds the tradable part.</summary>
    public async Task<GetAccountResponse> Of(Guid participant, CancellationToken cancel)
    {
        var engine = await exchange.Engine.GetHoldingsAsync(
            new GetHoldingsRequest { ParticipantId = participant.ToString() },
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
        var held = engine.Holdings.SingleOrDefault() ?? new Holding();

        var micros = await db.Accounts.AsNoTracking().Where(account => account.OwnerId == participant)
            .GroupBy(account => account.Kind)
            .Select(kind => new { Kind = kind.Key, Micros = kind.Sum(account => account.BalanceMicros) })
            .ToDictionaryAsync(kind => kind.Kind, kind => kind.Micros, cancel);
        return new GetAccountResponse
        {
            ParticipantId = participant.ToString(),
            CollateralMicros = micros.GetValueOrDefault(AccountKinds.Collateral),
            ReservedMicros = held.ReservedMicros,
            BondMicros = held.BondMicros,
            FreeMicros = held.FreeMicros,
            EscrowMicros = micros.GetValueOrDefault(AccountKinds.Escrow),
            EarningsMicros = micros.GetValueOrDefault(AccountKinds.Earnings),
            TransitMicros = micros.GetValueOrDefault(AccountKinds.Transit),
        };
    }

    /// <summary>Transfers, newest first: a participant's, or everyone's.</summary>
    public async Task<IReadOnlyList<TransferRow>> Transfers(Guid? participant, int size, int skip, CancellationToken cancel)
    {
        var transfers = db.Transfers.AsNoTracking();
        if (participant is { } owner) transfers = transfers.Where(t => t.DebitOwnerId == owner || t.CreditOwnerId == owner);
        return await transfers.OrderByDescending(t => t.Number).Skip(skip).Take(size).ToListAsync(cancel);
    }

    /// <summary>Payouts, newest first: a provider's, or everyone's.</summary>
    public async Task<IReadOnlyList<PayoutRow>> Payouts(Guid? provider, int size, int skip, CancellationToken cancel)
    {
        var payouts = db.Payouts.AsNoTracking();
        if (provider is { } owner) payouts = payouts.Where(payout => payout.ProviderId == owner);
        return await payouts.OrderByDescending(payout => payout.Day).ThenBy(payout => payout.ProviderId).Skip(skip).Take(size).ToListAsync(cancel);
    }

    /// <summary>A withdrawal; null if there is none.</summary>
    public async Task<WithdrawalRow?> Withdrawal(Guid id, CancellationToken cancel) =>
        await db.Withdrawals.AsNoTracking().SingleOrDefaultAsync(withdrawal => withdrawal.Id == id, cancel);

    /// <summary>Every kind of account with its total, in one reading, so that the totals belong together.</summary>
    public async Task<GetTrialBalanceResponse> TrialBalance(CancellationToken cancel)
    {
        var kinds = await db.Accounts.AsNoTracking().GroupBy(account => account.Kind).OrderBy(kind => kind.Key)
            .Select(kind => new TrialBalanceRow
            {
                AccountKind = kind.Key,
                AccountCount = kind.LongCount(),
                BalanceMicros = kind.Sum(account => account.BalanceMicros),
            })
            .ToListAsync(cancel);
        return new GetTrialBalanceResponse { Rows = { kinds }, TotalMicros = kinds.Sum(kind => kind.BalanceMicros) };
    }
}
