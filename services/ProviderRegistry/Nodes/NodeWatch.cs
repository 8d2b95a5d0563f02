using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Sees to it that the engine knows of nodes what is so: at once where something changed, and of all of them every minute.</summary>
internal sealed class NodeWatch(
    IServiceScopeFactory scopes, NodesChanged changed, AgentTimes times, TimeProvider clock, ILogger<NodeWatch> log) : BackgroundService
{
    /// <summary>How long a passed self-test is good for.</summary>
    public static readonly TimeSpan TestAgain = TimeSpan.FromDays(7);

    private const int Most = 200;
    private const int TestsAtOnce = 50;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? sweptAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var taken = changed.Take();
            try
            {
                if (taken.Count > 0) await Follow(taken, stoppingToken);
                if (sweptAt is not { } at || times.Real.GetElapsedTime(at) > times.SweepEvery)
                {
                    await Sweep(stoppingToken);
                    sweptAt = times.Real.GetTimestamp();
                }
                await changed.Marked.Wait(times.SweepEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning(failure, "The engine could not be told of {Count} nodes; it is tried again.", taken.Count);
                foreach (var (nodeId, gpus) in taken) changed.Mark(nodeId, gpus);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Follow(IReadOnlyDictionary<Guid, bool> nodes, CancellationToken cancel)
    {
        var ids = nodes.Keys.ToHashSet();
        foreach (var some in nodes.Where(node => node.Value).Select(node => node.Key).Chunk(Most))
            ids.UnionWith(await InDb(db => db.SuspendSharersOfGpus(some, clock.GetUtcNow(), cancel)));
        foreach (var some in ids.Chunk(Most)) await Tell(some, cancel);
    }

    private async Task Sweep(CancellationToken cancel)
    {
        var ids = await InDb(db => db.Agents.AsNoTracking().Select(agent => agent.NodeId).ToListAsync(cancel));
        if (ids.Count == 0) return;
        await InDb(db => db.SuspendSharersOfGpus(null, clock.GetUtcNow(), cancel));
        foreach (var some in ids.Chunk(Most))
        {
            var others = await InDb(db => db.ToldOtherwise(some, clock.GetUtcNow(), cancel));
            if (others.Count > 0) await Tell([.. others], cancel);
        }
        await InDb(db => AskAgain(db, cancel));
    }

    private Task Tell(Guid[] nodeIds, CancellationToken cancel) => InDb(async db =>
    {
        await db.TellSellable(nodeIds, clock.GetUtcNow(), cancel);
        return 0;
    });

    /// <summary>Asks nodes for a test whose last one was long ago and on which nothing runs.</summary>
    private async Task<int> AskAgain(ProviderRegistryDb db, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var before = now - TestAgain;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var due = await db.Agents.AsNoTracking()
            .Where(agent => agent.Standing == NodeStanding.Verified && agent.LostTime == null && agent.VerifiedTime < before
                && !db.SelfTests.Any(test => test.NodeId == agent.NodeId && (test.DoneTime == null || test.AskedTime > before))
                && !db.Deliveries.Any(delivery => delivery.NodeId == agent.NodeId && delivery.EndedTime == null && delivery.FromTime < now))
            .OrderBy(agent => agent.VerifiedTime).Take(TestsAtOnce).Select(agent => agent.NodeId).ToListAsync(cancel);
        if (due.Count == 0) return 0;

        // Another process may have asked since: the locks decide, and what is asked already is left out.
        await db.LockAgents([.. due.Order()], cancel);
        var asked = await db.SelfTests.Where(test => due.Contains(test.NodeId) && test.DoneTime == null).Select(test => test.NodeId).ToListAsync(cancel);
        foreach (var nodeId in due.Except(asked)) db.Ask(nodeId, "periodic", now);
        await db.SaveChangesAsync(cancel);
        await db.WantAnew(due, cancel);
        await transaction.CommitAsync(cancel);
        return due.Count;
    }

    private async Task<T> InDb<T>(Func<ProviderRegistryDb, Task<T>> work)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>());
    }
}
