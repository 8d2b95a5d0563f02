using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>What both sides know of some slots of a lease: what the agent measured, when the deliveries were active, and when the node was not heard of.</summary>
internal sealed class Evidence
{
    private readonly IReadOnlyList<LeaseRow> _leases;
    private readonly Dictionary<long, DeliveryRow> _deliveries;
    private readonly ILookup<long, AgentReading> _readings;
    private readonly IReadOnlyList<Stretch> _outages;

    private Evidence(
        IReadOnlyList<LeaseRow> leases, Dictionary<long, DeliveryRow> deliveries, ILookup<long, AgentReading> readings, IReadOnlyList<Stretch> outages) =>
        (_leases, _deliveries, _readings, _outages) = (leases, deliveries, readings, outages);

    /// <summary>Reads it.</summary>
    /// <param name="db">Where.</param>
    /// <param name="leases">The leases of a delivery and their parts.</param>
    /// <param name="within">The time of the slots in question.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Evidence> Read(ProviderRegistryDb db, IReadOnlyList<LeaseRow> leases, Stretch within, CancellationToken cancel)
    {
        var ids = leases.Select(lease => lease.DeliveryId).Where(id => id > 0).Distinct().ToArray();
        var deliveries = await db.Deliveries.Where(delivery => ids.Contains(delivery.DeliveryId)).ToDictionaryAsync(delivery => delivery.DeliveryId, cancel);
        var readings = await db.MeterReadings.AsNoTracking()
            .Where(reading => ids.Contains(reading.DeliveryId) && reading.FromTime < within.To && reading.ToTime > within.From)
            .Select(reading => new { reading.DeliveryId, reading.FromTime, reading.ToTime, reading.HealthyGpuSeconds }).ToListAsync(cancel);
        var node = leases[0].NodeId;
        var outages = await db.Outages.AsNoTracking()
            .Where(outage => outage.NodeId == node && outage.FromTime < within.To && (outage.ToTime == null || outage.ToTime > within.From)).ToListAsync(cancel);
        return new Evidence(
            leases, deliveries,
            readings.ToLookup(reading => reading.DeliveryId, reading => new AgentReading(new Stretch(reading.FromTime, reading.ToTime), reading.HealthyGpuSeconds)),
            [.. outages.Select(outage => new Stretch(outage.FromTime, outage.ToTime ?? DateTimeOffset.MaxValue))]);
    }

    /// <summary>What counts in a slot of one of the leases, or in what of it lies before a time.</summary>
    public SlotMeasure Measure(LeaseRow lease, LeaseSlotRow slot, DateTimeOffset? until = null) => DeliveryMetering.Measure(
        new Stretch(slot.FromTime, until < slot.ToTime ? until.Value : slot.ToTime), lease.GpuCount, slot.SoldGpuSeconds, [.. Tree(lease).Select(HolderOf)], _outages, Announced(lease));

    /// <summary>Whether the node has told all that it measured in a slot, as far as there is anything to tell.</summary>
    public bool IsTold(LeaseRow lease, LeaseSlotRow slot) =>
        Tree(lease).Where(part => part.FromTime < slot.ToTime && part.ToTime > slot.FromTime).All(part => IsToldOf(part, slot));

    /// <summary>Whether nothing of a slot can be delivered any more: it and everything that was sold on of it is over.</summary>
    public bool IsOver(LeaseRow lease, LeaseSlotRow slot) =>
        Tree(lease).Where(part => part.FromTime < slot.ToTime && part.ToTime > slot.FromTime)
            .All(part => _deliveries.TryGetValue(part.DeliveryId, out var delivery) && delivery.EndedTime is not null);

    private bool IsToldOf(LeaseRow lease, LeaseSlotRow slot)
    {
        if (!_deliveries.TryGetValue(lease.DeliveryId, out var delivery)) return true;
        if (delivery.EndedTime is { } ended && (ended <= slot.FromTime || delivery.Removed || delivery.ActiveTime is null || delivery.CloseReason == V1.DeliveryCloseReason.NodeLost)) return true;
        var until = delivery.EndedTime < slot.ToTime ? delivery.EndedTime.Value : slot.ToTime;

        // Clocks agree by the second.
        return _readings[delivery.DeliveryId].Any(reading => reading.When.To >= until.AddSeconds(-1));
    }

    /// <summary>From when on a shortfall was known two hours ahead; null: it was never said.</summary>
    private DateTimeOffset? Announced(LeaseRow lease)
    {
        if (!_deliveries.TryGetValue(lease.DeliveryId, out var delivery) || delivery.EndedTime is not { } ended || !DeliveryRules.LeavesOwed(delivery.CloseReason)) return null;
        var known = (delivery.NoticedTime ?? ended) + DeliveryRules.Notified;
        return known > ended ? known : ended;
    }

    private Holder HolderOf(LeaseRow lease)
    {
        var lent = _leases.Where(part => part.ResoldFromLeaseId == lease.LeaseId).Select(part => new Lent(new Stretch(part.FromTime, part.ToTime), part.GpuCount)).ToList();
        var when = new Stretch(lease.FromTime, lease.ToTime);
        return _deliveries.TryGetValue(lease.DeliveryId, out var delivery)
            ? new Holder(when, lease.GpuCount, delivery.ActiveTime, delivery.EndedTime, DeliveryRules.IsGivenUp(delivery.CloseReason), lent, [.. _readings[delivery.DeliveryId]])
            : new Holder(when, lease.GpuCount, null, null, false, lent, []);
    }

    /// <summary>A lease and all that was sold on of it.</summary>
    private IEnumerable<LeaseRow> Tree(LeaseRow lease) =>
        _leases.Where(part => part.ResoldFromLeaseId == lease.LeaseId).SelectMany(Tree).Prepend(lease);
}
