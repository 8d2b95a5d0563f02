using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Keeps what nodes tell for ever: each record once, in the node's own order, acknowledged when it is kept.</summary>
internal sealed class Records : BackgroundService
{
    private const int Most = 500;

    private readonly Batches<Arrival> _batches;
    private readonly IServiceScopeFactory _scopes;
    private readonly NodesChanged _changed;
    private readonly NodeKeys _keys;
    private readonly TimeProvider _clock;
    private readonly ILogger<Records> _log;

    public Records(IServiceScopeFactory scopes, NodesChanged changed, NodeKeys keys, TimeProvider clock, ILogger<Records> log)
    {
        (_scopes, _changed, _keys, _clock, _log) = (scopes, changed, keys, clock, log);
        _batches = new Batches<Arrival>(Most, Keep);
    }

    /// <summary>Whether the node signed the record.</summary>
    public async Task<bool> IsSigned(Guid nodeId, AgentRecord record, CancellationToken cancel)
    {
        if (await _keys.Of(nodeId, cancel) is not { } publicKey) return false;
        using var key = NodeKeys.Import(publicKey);
        return key?.VerifyData(Signed(record), record.Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) == true;
    }

    /// <summary>What of a record is signed.</summary>
    public static byte[] Signed(AgentRecord record)
    {
        var body = record.RecordCase switch
        {
            AgentRecord.RecordOneofCase.Meter => record.Meter.ToByteArray(),
            AgentRecord.RecordOneofCase.Delivery => record.Delivery.ToByteArray(),
            AgentRecord.RecordOneofCase.SelfTest => record.SelfTest.ToByteArray(),
            _ => [],
        };
        return [.. Encoding.ASCII.GetBytes(record.Number.ToString(CultureInfo.InvariantCulture) + "|"), .. body];
    }

    /// <summary>Keeps a signed record; the node is told through its stream.</summary>
    public void Take(NodeLink link, AgentRecord record) => _ = Quietly(link, record);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _batches.Run(stoppingToken);

    private async Task Quietly(NodeLink link, AgentRecord record)
    {
        try
        {
            await _batches.Add(new Arrival(link, record));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Not acknowledged: the node sends it again on its next stream.
            if (failure is not OperationCanceledException) _log.LogWarning(failure, "Record {Number} of node {NodeId} could not be kept.", record.Number, link.NodeId);
            link.Break();
        }
    }

    private async Task Keep(IReadOnlyList<Arrival> arrivals, CancellationToken cancel)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var ids = arrivals.Select(arrival => arrival.Link.NodeId).Distinct().Order().ToArray();
        var agents = (await db.LockAgents(ids, cancel)).ToDictionary(agent => agent.NodeId);
        var deliveries = await LockDeliveries(db, arrivals, cancel);
        var now = _clock.GetUtcNow();

        var (tested, asked) = (new HashSet<Guid>(), new HashSet<Guid>());
        foreach (var (link, record) in arrivals)
        {
            if (!agents.TryGetValue(link.NodeId, out var agent) || record.Number != agent.LastRecordNumber + 1) continue;
            agent.LastRecordNumber = record.Number;
            switch (record.RecordCase)
            {
                case AgentRecord.RecordOneofCase.Meter:
                    if (Reading(record, link.NodeId, deliveries) is { } reading) db.MeterReadings.Add(reading);
                    break;
                case AgentRecord.RecordOneofCase.Delivery when deliveries.TryGetValue(record.Delivery.DeliveryId, out var delivery) && delivery.NodeId == link.NodeId:
                    await ApplyReport.Apply(db, delivery, record.Delivery, TimeOf(record, now), cancel);
                    break;
                case AgentRecord.RecordOneofCase.SelfTest:
                    asked.Add(link.NodeId);
                    if (await db.TakeTest(agent, record.SelfTest, now, cancel)) tested.Add(link.NodeId);
                    break;
            }
        }
        await db.SaveChangesAsync(cancel);
        if (asked.Count > 0) await db.WantAnew(asked, cancel);
        await transaction.CommitAsync(cancel);

        foreach (var link in arrivals.Select(arrival => arrival.Link).Distinct())
            if (agents.TryGetValue(link.NodeId, out var agent))
                link.Post(new ConnectResponse { RecordsKept = new RecordsKept { ThroughNumber = agent.LastRecordNumber } });
        foreach (var nodeId in tested) _changed.Mark(nodeId);
    }

    private static async Task<Dictionary<long, DeliveryRow>> LockDeliveries(ProviderRegistryDb db, IReadOnlyList<Arrival> arrivals, CancellationToken cancel)
    {
        var ids = arrivals.Select(arrival => arrival.Record)
            .Select(record => record.Delivery?.DeliveryId ?? record.Meter?.DeliveryId ?? 0).Where(id => id > 0).Distinct().Order().ToArray();
        return ids.Length == 0 ? [] : await db.Deliveries
            .FromSql($"SELECT * FROM provider_registry.deliveries WHERE delivery_id = ANY ({ids}) ORDER BY delivery_id FOR UPDATE")
            .ToDictionaryAsync(delivery => delivery.DeliveryId, cancel);
    }

    /// <summary>The reading, if it is one: of a delivery of the node, with GPU-seconds that fit into its time.</summary>
    private MeterReadingRow? Reading(AgentRecord record, Guid nodeId, Dictionary<long, DeliveryRow> deliveries)
    {
        var meter = record.Meter;
        if (meter.FromTime is null || meter.ToTime is null || meter.FromTime.CompareTo(meter.ToTime) >= 0) return Unfit();
        if (!deliveries.TryGetValue(meter.DeliveryId, out var delivery) || delivery.NodeId != nodeId) return Unfit();
        var (from, to) = (meter.FromTime.ToDateTimeOffset(), meter.ToTime.ToDateTimeOffset());
        if (meter.HealthyGpuSeconds < 0 || meter.HealthyGpuSeconds > (Int128)delivery.GpuCount * ((to - from).Ticks / TimeSpan.TicksPerSecond + 1)) return Unfit();
        return new MeterReadingRow
        {
            NodeId = nodeId,
            Number = record.Number,
            DeliveryId = meter.DeliveryId,
            FromTime = from,
            ToTime = to,
            HealthyGpuSeconds = meter.HealthyGpuSeconds,
            UtilisationPercent = Math.Clamp(meter.UtilisationPercent, 0, 100),
            Signature = record.Signature.ToByteArray(),
        };

        MeterReadingRow? Unfit()
        {
            _log.LogWarning("Record {Number} of node {NodeId} is a reading that fits no delivery of its; it counts for nothing.", record.Number, nodeId);
            return null;
        }
    }

    // What a node says of the time to come is not believed.
    private static DateTimeOffset TimeOf(AgentRecord record, DateTimeOffset now) =>
        record.AtTime is { } at && at.ToDateTimeOffset() is var said && said < now ? said : now;

    private sealed record Arrival(NodeLink Link, AgentRecord Record);
}
