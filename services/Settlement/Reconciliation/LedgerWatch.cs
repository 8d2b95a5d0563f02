using System.Diagnostics;
using ComputeExchange.Client;
using ComputeExchange.Settlement.Storage;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>
/// Compares the ledger all the time, in real time: with itself every second, with the engine every few seconds, and, piece
/// by piece, the whole of it. What does not agree stops money from leaving and is told to people.
/// </summary>
/// <remarks>
/// A comparison that takes long is made less often rather than at everyone's cost: about a tenth of the time is its own, as
/// long as it comes round every quarter of a minute. Of several processes one watches: it holds a lock of the database for as long as it is connected.
/// </remarks>
public sealed class LedgerWatch(IServiceScopeFactory scopes, ExchangeClient exchange, ILogger<LedgerWatch> log) : BackgroundService
{
    /// <summary>The lock that the one who watches holds.</summary>
    private const long Lock = 0x4C65_6467_6572;

    private readonly Turn _quick = new(TimeSpan.FromSeconds(1));
    private readonly Turn _engine = new(TimeSpan.FromSeconds(5));
    private readonly Turn _whole = new(TimeSpan.FromSeconds(10));
    private readonly Turn _chain = new(TimeSpan.FromSeconds(2));
    private readonly ChainSweep _sweep = new();
    private readonly List<Break> _chainBreaks = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Watch(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning(failure, "The ledger could not be compared; it is tried again.");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Watch(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var holder = scope.ServiceProvider.GetRequiredService<SettlementDb>();
        await holder.Database.OpenConnectionAsync(cancel);
        var mine = false;
        while (!cancel.IsCancellationRequested)
        {
            // The lock belongs to this connection: who lost it finds out here and begins again.
            mine = (await holder.Database.SqlQuery<bool>($"""SELECT {mine} OR pg_try_advisory_lock({Lock}) AS "Value" """).ToListAsync(cancel)).Single();
            if (mine) await Look(cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancel);
        }
    }

    /// <summary>Makes those comparisons whose turn it is.</summary>
    internal async Task Look(CancellationToken cancel)
    {
        await _quick.Take(async () => await Keep([Checks.Sum, Checks.Limits, Checks.Escrow, Checks.Controls], await Of(SelfChecks.Quick, cancel), null, cancel));
        await _chain.Take(() => Sweep(cancel));
        await _whole.Take(async () => await Keep([Checks.Balances, Checks.History], await Of(SelfChecks.Whole, cancel), null, cancel));
        await _engine.Take(() => Engine(cancel));
    }

    private async Task Sweep(CancellationToken cancel)
    {
        _chainBreaks.AddRange((await Of((db, token) => _sweep.Go(db, 200_000, token), cancel)).Breaks);

        // What a round found stands until the next round is through.
        var round = new Findings(0, [.. _chainBreaks.Distinct()]);
        await Keep(_sweep.AtEnd ? [Checks.Chain] : [], round, db => db.Watch.ExecuteUpdateAsync(w => w.SetProperty(row => row.CheckedNumber, _sweep.Number), cancel), cancel);
        if (_sweep.AtEnd) _chainBreaks.Clear();
    }

    private async Task Engine(CancellationToken cancel)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var compared = await new Reconciler(scope.ServiceProvider.GetRequiredService<SettlementDb>(), exchange)
                .CompareWithEngine((_, _) => Task.FromResult(Findings.None), cancel);
            await Keep([Checks.Engine], compared.Findings, db => db.Watch.ExecuteUpdateAsync(
                w => w.SetProperty(row => row.FeedNumber, compared.FeedNumber).SetProperty(row => row.ComparedTime, TimeProvider.System.GetUtcNow()), cancel), cancel);
        }
        catch (RpcException away) when (away.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled)
        {
            // The alert for this is the age of the last comparison.
            log.LogInformation("The ledger was not compared with the engine: {Reason}", away.Status.Detail);
        }
    }

    private async Task<Findings> Of(Func<SettlementDb, CancellationToken, Task<Findings>> check, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await check(scope.ServiceProvider.GetRequiredService<SettlementDb>(), cancel);
    }

    private async Task Keep(string[] through, Findings findings, Func<SettlementDb, Task>? also, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SettlementDb>();
        var (news, open) = await new KeepBreaks(db, scope.ServiceProvider.GetRequiredService<TimeProvider>()).Keep(through, findings, cancel);
        foreach (var found in news) log.LogError("The ledger does not agree and payments are halted: {Break}", found.Text);
        if (also is not null) await also(db);

        var engine = through.Contains(Checks.Engine);
        var standing = open.Where(found => found.Check == Checks.Engine == engine).ToList();
        Measures.Compared(engine ? "engine" : "itself", findings with { Breaks = standing }, TimeProvider.System.GetUtcNow());
        if (!through.Contains(Checks.Sum)) return;
        var (escrow, openLeases) = await SelfChecks.Held(db, cancel);
        Measures.Held(escrow, openLeases);
        Measures.MayLeave(await db.PaymentRules.AsNoTracking().AllAsync(rules => rules.HaltedTime == null, cancel));
    }

    /// <summary>Something that is done every so often, and about a tenth of the time where it takes long.</summary>
    private sealed class Turn(TimeSpan pause)
    {
        /// <summary>What is wrong is found within a minute: no comparison rests longer.</summary>
        private const double LongestSeconds = 15;

        private long _next = long.MinValue;

        public async Task Take(Func<Task> work)
        {
            if (Stopwatch.GetTimestamp() < _next) return;
            var began = Stopwatch.GetTimestamp();
            await work();
            var took = Stopwatch.GetElapsedTime(began);
            _next = Stopwatch.GetTimestamp() + (long)(Math.Clamp(9 * took.TotalSeconds, pause.TotalSeconds, LongestSeconds) * Stopwatch.Frequency);
        }
    }
}
