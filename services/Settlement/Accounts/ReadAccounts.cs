using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Statements;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Accounts;

/// <summary>What people read of the ledger: balances, transfers, the trial balance.</summary>
public sealed class ReadAccounts(SettlementDb db, ExchangeClient exchange, AccountReasons reasons)
{
    /// <summary>A participant's balances: the ledger's, and how the engine holds the tradable part.</summary>
    public async Task<GetAccountResponse> Of(Guid participant, CancellationToken cancel)
    {
        var engine = await exchange.Engine.GetHoldingsAsync(
            new GetHoldingsRequest { ParticipantId = participant.ToString() },
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
        var held = engine.Holdings.SingleOrDefault() ?? new Holding();

        var accounts = await db.Accounts.AsNoTracking().Where(account => account.OwnerId == participant).OrderBy(account => account.Name).ToListAsync(cancel);
        var micros = accounts.GroupBy(account => account.Kind).ToDictionary(kind => kind.Key, kind => kind.Sum(account => account.BalanceMicros), StringComparer.Ordinal);
        return new GetAccountResponse
        {
            ParticipantId = participant.ToString(),
            CollateralMicros = micros.GetValueOrDefault(AccountKinds.Collateral),
            ReservedMicros = held.ReservedMicros + held.MarginMicros,
            BondMicros = held.BondMicros,
            FreeMicros = held.FreeMicros,
            EscrowMicros = micros.GetValueOrDefault(AccountKinds.Escrow),
            EarningsMicros = micros.GetValueOrDefault(AccountKinds.Earnings),
            TransitMicros = micros.GetValueOrDefault(AccountKinds.Transit),
            SetAsideMicros = accounts.Sum(account => account.PendingOutMicros),
            OwedMicros = -micros.GetValueOrDefault(AccountKinds.Receivable),
            Reasons = { await reasons.Of(participant, accounts, held, cancel) },
        };
    }

    /// <summary>Transfers, newest first: a participant's, or everyone's.</summary>
    public async Task<IReadOnlyList<TransferRow>> Transfers(Guid? participant, int size, int skip, CancellationToken cancel)
    {
        var transfers = db.Transfers.AsNoTracking();
        if (participant is { } owner) transfers = transfers.Where(t => t.DebitOwnerId == owner || t.CreditOwnerId == owner);
        return await transfers.OrderByDescending(t => t.Number).Skip(skip).Take(size).ToListAsync(cancel);
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
                PendingOutMicros = kind.Sum(account => account.PendingOutMicros),
                PendingInMicros = kind.Sum(account => account.PendingInMicros),
            })
            .ToListAsync(cancel);
        return new GetTrialBalanceResponse { Rows = { kinds }, TotalMicros = kinds.Sum(kind => kind.BalanceMicros) };
    }
}
