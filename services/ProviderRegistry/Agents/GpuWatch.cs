using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Writes down when a GPU falls ill or gets well, and when its owner comes and goes.</summary>
internal sealed class GpuWatch : BackgroundService
{
    private const int Most = 500;

    private readonly Batches<News> _batches;
    private readonly IServiceScopeFactory _scopes;
    private readonly NodesChanged _changed;
    private readonly TimeProvider _clock;
    private readonly ILogger<GpuWatch> _log;

    public GpuWatch(IServiceScopeFactory scopes, NodesChanged changed, TimeProvider clock, ILogger<GpuWatch> log)
    {
        (_scopes, _changed, _clock, _log) = (scopes, changed, clock, log);
        _batches = new Batches<News>(Most, Write);
    }

    /// <summary>Writes news of a node's GPUs.</summary>
    public void Take(NodeLink link, IReadOnlyList<GpuNow> gpus) => _ = Quietly(link, gpus);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _batches.Run(stoppingToken);

    private async Task Quietly(NodeLink link, IReadOnlyList<GpuNow> gpus)
    {
        try
        {
            await _batches.Add(new News(link.NodeId, gpus));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (failure is not OperationCanceledException) _log.LogWarning(failure, "News of node {NodeId} could not be written; the next heartbeat says it again.", link.NodeId);
            link.Forget();
        }
    }

    private async Task Write(IReadOnlyList<News> news, CancellationToken cancel)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var ids = news.Select(some => some.NodeId).Distinct().Order().ToArray();
        await db.LockAgents(ids, cancel);
        var rows = (await db.Gpus.Where(gpu => ids.Contains(gpu.NodeId)).ToListAsync(cancel)).ToDictionary(gpu => (gpu.NodeId, gpu.Uuid));
        var now = _clock.GetUtcNow();
        foreach (var some in news)
        foreach (var gpu in some.Gpus)
        {
            if (!rows.TryGetValue((some.NodeId, gpu.Uuid), out var row)) continue;
            if (row.Healthy != gpu.Healthy)
                db.Note(some.NodeId, now, "inventory_changed", "agent", gpu.Healthy ? $"GPU {row.GpuIndex} is healthy again." : $"GPU {row.GpuIndex} is not healthy: {gpu.Trouble}");
            (row.Healthy, row.Trouble) = (gpu.Healthy, gpu.Trouble);
            if (gpu.OwnerOnIt) (row.OwnerSince, row.OwnerLastTime) = (row.OwnerSince ?? now, now);
            else if (row.OwnerSince is not null) (row.OwnerSince, row.OwnerLastTime) = (null, now);
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        foreach (var nodeId in ids) _changed.Mark(nodeId);
    }

    private sealed record News(Guid NodeId, IReadOnlyList<GpuNow> Gpus);
}
