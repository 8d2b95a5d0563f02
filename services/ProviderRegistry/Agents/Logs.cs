using System.Text;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Keeps what workloads print, by its position: nothing twice, nothing left out, and of each delivery so much and no more.</summary>
internal sealed class Logs : BackgroundService
{
    /// <summary>Bytes that are kept of a delivery.</summary>
    public const int KeptMax = 4 * 1024 * 1024;

    /// <summary>What stands in place of the rest.</summary>
    public const string Cut = "\n[The rest was left out: 4 MiB of a delivery's log are kept.]\n";

    private const int Most = 100;

    private readonly Batches<Arrival> _batches;
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<Logs> _log;

    public Logs(IServiceScopeFactory scopes, ILogger<Logs> log)
    {
        (_scopes, _log) = (scopes, log);
        _batches = new Batches<Arrival>(Most, Keep);
    }

    /// <summary>Keeps a part of a log; the node is told through its stream how much is kept.</summary>
    public void Take(NodeLink link, AgentLog part) => _ = Quietly(link, part);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _batches.Run(stoppingToken);

    private async Task Quietly(NodeLink link, AgentLog part)
    {
        try
        {
            await _batches.Add(new Arrival(link, part));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (failure is not OperationCanceledException) _log.LogWarning(failure, "A log of node {NodeId} could not be kept.", link.NodeId);
            link.Break();
        }
    }

    private async Task Keep(IReadOnlyList<Arrival> arrivals, CancellationToken cancel)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var ids = arrivals.Select(arrival => arrival.Part.DeliveryId).Distinct().Order().ToArray();
        var deliveries = await db.Deliveries
            .FromSql($"SELECT * FROM provider_registry.deliveries WHERE delivery_id = ANY ({ids}) ORDER BY delivery_id FOR UPDATE")
            .ToDictionaryAsync(delivery => delivery.DeliveryId, cancel);
        var kept = new List<(NodeLink Link, LogKept Kept)>();
        foreach (var (link, part) in arrivals)
        {
            // Of a delivery that is not the node's nothing is wanted: it is told that all is kept, so that it forgets it.
            var through = deliveries.TryGetValue(part.DeliveryId, out var delivery) && delivery.NodeId == link.NodeId
                ? Keep(db, delivery, part)
                : part.Offset + part.Text.Length;
            kept.Add((link, new LogKept { DeliveryId = part.DeliveryId, ThroughOffset = through }));
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        foreach (var (link, answer) in kept) link.Post(new ConnectResponse { LogKept = answer });
    }

    /// <summary>Keeps what of a part is new; returns up to where all is.</summary>
    private static long Keep(ProviderRegistryDb db, DeliveryRow delivery, AgentLog part)
    {
        var end = part.Offset + part.Text.Length;
        if (delivery.LogSize >= KeptMax) return end;
        if (part.Offset > delivery.LogSize || end <= delivery.LogSize) return delivery.LogSize;

        var offset = delivery.LogSize;
        var fresh = part.Text.Span[(int)(offset - part.Offset)..];
        var room = KeptMax - (int)offset;
        var text = fresh.Length <= room ? fresh.ToArray() : [.. fresh[..room], .. Encoding.UTF8.GetBytes(Cut)];
        db.DeliveryLogs.Add(new DeliveryLogRow { DeliveryId = delivery.DeliveryId, Offset = offset, Text = text });
        delivery.LogSize = offset + text.Length;
        return end;
    }

    private sealed record Arrival(NodeLink Link, AgentLog Part);
}
