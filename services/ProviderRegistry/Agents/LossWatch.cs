using ComputeExchange.Facts.Hearing;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Writes down the nodes' signs of life, and finds those that are not heard of any more, in real time.</summary>
/// <remarks>
/// A process watches the nodes that it heard of itself. Those that none has a stream of - the process that had it is gone - every
/// process looks for, once it has been up for long enough for them to come back to it.
/// </remarks>
internal sealed class LossWatch(
    IServiceScopeFactory scopes, Pulses pulses, NodesChanged changed, AgentTimes times, TimeProvider clock, ILogger<LossWatch> log) : BackgroundService
{
    private const int Most = 500;

    /// <summary>So many new streams between two writings are a crowd.</summary>
    private const int ManyStreams = 20;

    private readonly bool _simulated = clock is ExchangeClock { Simulated: true };
    private long _begun;
    private long _waitingSince;
    private long _openedBefore;
    private long _writtenAt;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _begun = _waitingSince = _writtenAt = times.Real.GetTimestamp();
        using var timer = new PeriodicTimer(times.LookEvery);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await timer.WaitForNextTickAsync(stoppingToken)) await Look(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Without the database nobody's signs are written, and other processes' look old that are not.
                _waitingSince = times.Real.GetTimestamp();
                log.LogWarning(failure, "It could not be written down who is heard of; it is tried again.");
            }
        }
    }

    private async Task Look(CancellationToken cancel)
    {
        var (lost, back) = (new List<Pulse>(), new List<Pulse>());
        foreach (var pulse in pulses.All)
        {
            // One that is being greeted speaks: it waits for us.
            if (pulse.Link is { Ready: false }) continue;
            var silent = pulse.IsSilent(times);
            if (silent && !pulse.Lost) lost.Add(pulse);
            else if (silent && pulse.Link is null) pulses.Forget(pulse);
            else if (!silent && pulse.Lost && pulse.Link is { Ready: true }) back.Add(pulse);
        }
        foreach (var some in lost.Chunk(Most)) await Lose(some.ToDictionary(pulse => pulse.NodeId, pulse => (Pulse?)pulse), cancel);
        foreach (var some in back.Chunk(Most)) await ComeBack(some, cancel);

        if (times.Real.GetElapsedTime(_writtenAt) < times.WriteEvery) return;
        _writtenAt = times.Real.GetTimestamp();
        await Write(cancel);
        WaitForTheRest();
        if (times.Real.GetElapsedTime(_waitingSince) > times.FirstWait) await LoseUnheard(cancel);
    }

    /// <summary>After a start, while nodes still come back in numbers, the others are only waiting for their turn.</summary>
    private void WaitForTheRest()
    {
        var opened = pulses.OpenedCount;
        if (opened - _openedBefore >= ManyStreams && times.Real.GetElapsedTime(_begun) < times.FirstWaitMost) _waitingSince = times.Real.GetTimestamp();
        _openedBefore = opened;
    }

    private async Task Write(CancellationToken cancel)
    {
        var (ids, heard) = (new List<Guid>(), new List<DateTimeOffset>());
        foreach (var pulse in pulses.All)
        {
            if (pulse.Lost || pulse.Unwritten() is not { } time) continue;
            ids.Add(pulse.NodeId);
            heard.Add(time);
        }
        if (ids.Count == 0) return;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();

        // Rows that someone holds are left out and not waited for: their next sign comes soon.
        var (nodeIds, seenTimes) = (ids.ToArray(), heard.ToArray());
        await db.Database.ExecuteSqlAsync(
            $"""
            WITH free AS (
                SELECT agent.node_id, heard.at FROM provider_registry.agents AS agent
                JOIN unnest({nodeIds}, {seenTimes}) AS heard (node_id, at) ON heard.node_id = agent.node_id
                WHERE agent.last_seen_time < heard.at AND agent.lost_time IS NULL
                FOR UPDATE OF agent SKIP LOCKED)
            UPDATE provider_registry.agents AS agent SET last_seen_time = free.at FROM free WHERE agent.node_id = free.node_id
            """, cancel);
    }

    /// <summary>Nodes that were heard of once, and that nobody hears of now.</summary>
    private async Task LoseUnheard(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();

        // On a simulated clock times say nothing of what was heard when; there one process serves all nodes.
        var before = _simulated ? DateTimeOffset.MaxValue : clock.GetUtcNow() - times.LostAfter;
        var silent = await db.Agents.AsNoTracking()
            .Where(agent => agent.LostTime == null && agent.Standing != NodeStanding.Retired && agent.LastSeenTime < before)
            .Select(agent => agent.NodeId).ToListAsync(cancel);
        foreach (var some in silent.Where(nodeId => pulses.Find(nodeId) is null).Chunk(Most)) await Lose(some.ToDictionary(nodeId => nodeId, _ => (Pulse?)null), cancel);
    }

    private async Task Lose(Dictionary<Guid, Pulse?> nodes, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var now = clock.GetUtcNow();
        var agents = await db.LockAgents([.. nodes.Keys.Order()], cancel);
        var gone = new List<(AgentRow Agent, DateTimeOffset LastSign)>();
        foreach (var agent in agents.Where(agent => agent.LostTime is null && agent.Standing != NodeStanding.Retired))
        {
            var pulse = nodes[agent.NodeId];
            if (pulse is null ? pulses.Find(agent.NodeId) is not null : !pulse.IsSilent(times)) continue;

            // Another process hears of it.
            if (!_simulated && agent.LastSeenTime > now - times.LostAfter + times.WriteEvery && (pulse is null || agent.LastSeenTime > pulse.HeardTime)) continue;
            gone.Add((agent, pulse is null || pulse.HeardTime < agent.LastSeenTime ? agent.LastSeenTime : pulse.HeardTime));
        }
        await db.Lose(gone, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        foreach (var pulse in nodes.Values.OfType<Pulse>()) pulse.Lost = true;
        foreach (var (agent, _) in gone) changed.Mark(agent.NodeId);
        if (gone.Count > 0) log.LogWarning("{Count} nodes are not heard of any more.", gone.Count);
    }

    /// <summary>Nodes whose streams stood still and go on.</summary>
    private async Task ComeBack(Pulse[] back, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var agents = await db.LockAgents([.. back.Select(pulse => pulse.NodeId).Order()], cancel);
        await db.ComeBack([.. agents.Where(agent => agent.LostTime is not null && agent.Standing != NodeStanding.Retired)], clock.GetUtcNow(), cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        foreach (var pulse in back)
        {
            pulse.Lost = false;
            changed.Mark(pulse.NodeId);
        }
    }
}
