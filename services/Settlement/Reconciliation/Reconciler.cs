using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>A comparison of the ledger with itself and with the engine.</summary>
/// <param name="FeedNumber">The feed number at which the two were compared.</param>
public sealed record Reconciliation(long FeedNumber, Findings Findings);

/// <summary>Compares the ledger with itself and, at one feed number, every participant's collateral with the engine's.</summary>
public sealed class Reconciler(SettlementDb db, ExchangeClient exchange)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the ledger is looked at again while it has not applied what the engine answered for.</summary>
    public int Attempts { get; init; } = 50;

    /// <summary>Compares everything.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the engine is away, or the ledger is behind its feed for too long.</exception>
    public async Task<Reconciliation> Compare(CancellationToken cancel)
    {
        var chain = await new ChainSweep().Go(db, long.MaxValue, cancel);
        var compared = await CompareWithEngine(SelfChecks.Full, cancel);
        return compared with { Findings = compared.Findings + chain };
    }

    /// <summary>Compares with the engine and, in the same snapshot, what is given with the ledger itself.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the engine is away, or the ledger is behind its feed for too long.</exception>
    public async Task<Reconciliation> CompareWithEngine(Func<SettlementDb, CancellationToken, Task<Findings>> itself, CancellationToken cancel)
    {
        var engine = await exchange.Engine.GetHoldingsAsync(
            new GetHoldingsRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
        for (var attempt = 1; ; attempt++)
        {
            // One snapshot: how far the ledger is and what it holds belong together.
            await using var snapshot = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
            var applied = await db.Cursors.AsNoTracking()
                .Where(cursor => cursor.Producer == ServiceNames.Feed).Select(cursor => cursor.AppliedNumber).SingleOrDefaultAsync(cancel);
            if (applied >= engine.FeedNumber)
            {
                var (self, held) = (await itself(db, cancel), await Holdings(engine, cancel));
                var now = TimeProvider.System.GetUtcNow();
                Measures.Compared("itself", self, now);
                Measures.Compared("engine", held, now);
                return new Reconciliation(engine.FeedNumber, self + held);
            }
            if (attempt == Attempts)
                throw new RpcException(new Status(
                    StatusCode.Unavailable, $"The ledger has applied {applied} of the engine's {engine.FeedNumber} feed entries; try again when it has caught up."));
            await snapshot.RollbackAsync(cancel);
            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>The engine's collateral against the ledger's as it was at the engine's number: what came later is taken back out.</summary>
    private async Task<Findings> Holdings(GetHoldingsResponse engine, CancellationToken cancel)
    {
        var ledger = await db.Database.SqlQuery<Held>(
            $"""
            SELECT account.name AS "Account", account.balance_micros - coalesce(later.micros, 0) AS "Micros"
            FROM settlement.accounts AS account
            LEFT JOIN (
                SELECT name, sum(micros)::bigint AS micros
                FROM (
                    SELECT debit_account AS name, -amount_micros AS micros FROM settlement.transfers WHERE feed_number > {engine.FeedNumber}
                    UNION ALL
                    SELECT credit_account, amount_micros FROM settlement.transfers WHERE feed_number > {engine.FeedNumber}
                ) AS sides
                GROUP BY name
            ) AS later ON later.name = account.name
            WHERE account.kind = {AccountKinds.Collateral}
            """).ToDictionaryAsync(held => held.Account, held => held.Micros, cancel);
        var held = engine.Holdings.ToDictionary(
            holding => Account.Collateral(Guid.Parse(holding.ParticipantId)).Name, holding => holding.CollateralMicros);

        var names = ledger.Keys.Union(held.Keys).Order(StringComparer.Ordinal).ToList();
        return new Findings(names.Count, [.. names
            .Where(name => ledger.GetValueOrDefault(name) != held.GetValueOrDefault(name))
            .Select(name => new Break(
                Checks.Engine, name,
                $"{name} holds {new Money(ledger.GetValueOrDefault(name))} in the ledger and "
                + $"{new Money(held.GetValueOrDefault(name))} in the engine at feed number {engine.FeedNumber}."))]);
    }

    private sealed record Held(string Account, long Micros);
}
