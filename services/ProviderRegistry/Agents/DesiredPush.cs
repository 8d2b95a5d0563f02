using ComputeExchange.Facts.Hearing;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Tells nodes within a second when something else is wanted of them, and on a simulated clock what time it is.</summary>
internal sealed class DesiredPush(
    IServiceScopeFactory scopes, Pulses pulses, Secrets secrets, AgentTimes times, TimeProvider clock, ILogger<DesiredPush> log) : BackgroundService
{
    private const int Most = 200;

    /// <summary>Longer than a transaction takes: of two revisions the smaller may be committed so much later.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private readonly Queue<(long At, long Highest)> _seen = new();
    private readonly bool _simulated = clock is ExchangeClock { Simulated: true };
    private long _settled;
    private long _highest;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
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
                log.LogWarning(failure, "Nodes could not be told what is wanted of them; it is tried again.");
            }
        }
    }

    private async Task Look(CancellationToken cancel)
    {
        if (_simulated) TellTime();
        if (pulses.All.All(pulse => pulse.Link is null)) return;

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        var wanted = await db.Agents.AsNoTracking().Where(agent => agent.DesiredRevision > _settled)
            .Select(agent => new { agent.NodeId, agent.DesiredRevision }).ToListAsync(cancel);
        var anew = wanted.Where(agent => pulses.Find(agent.NodeId)?.Link is { Ready: true } link && link.SentRevision < agent.DesiredRevision).Select(agent => agent.NodeId);
        foreach (var some in anew.Chunk(Most)) await Push(db, some, cancel);
        if (wanted.Count > 0) _highest = Math.Max(_highest, wanted.Max(agent => agent.DesiredRevision));
        Settle();
    }

    private async Task Push(ProviderRegistryDb db, Guid[] nodeIds, CancellationToken cancel)
    {
        var wanted = await db.LoadDesired(nodeIds, secrets, cancel);
        foreach (var nodeId in nodeIds.Where(nodeId => !wanted.ContainsKey(nodeId))) pulses.Find(nodeId)?.Link?.Dismiss("RETIRED", "The node was retired.");
        foreach (var (nodeId, state) in wanted)
        {
            if (pulses.Find(nodeId)?.Link is not { Ready: true } link || link.SentRevision >= state.Revision) continue;
            link.SentRevision = state.Revision;
            link.Post(new ConnectResponse { Desired = state });
        }
    }

    /// <summary>What was the highest a while ago: everything up to it is committed by now.</summary>
    private void Settle()
    {
        _seen.Enqueue((times.Real.GetTimestamp(), _highest));
        while (_seen.TryPeek(out var oldest) && times.Real.GetElapsedTime(oldest.At) > Overlap) _settled = _seen.Dequeue().Highest;
    }

    private void TellTime()
    {
        var now = clock.GetUtcNow();
        foreach (var pulse in pulses.All)
        {
            if (pulse.Link is not { Ready: true } link || (now - link.ToldTime).Duration() <= TimeSpan.FromSeconds(1)) continue;
            link.ToldTime = now;
            link.Post(new ConnectResponse { Heartbeat = new HeartbeatAnswer { ClockTime = now.ToTimestamp() } });
        }
    }
}
