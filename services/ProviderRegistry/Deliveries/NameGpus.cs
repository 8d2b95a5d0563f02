using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Gives deliveries their GPUs, by UUID: at the gate, and again when a part of them is sold on or comes back.</summary>
internal static class NameGpus
{
    /// <summary>Names the GPUs of a delivery that has none yet; the caller holds it and saves.</summary>
    public static async Task Name(ProviderRegistryDb db, HeldDelivery held, DateTimeOffset now, CancellationToken cancel)
    {
        var (delivery, lease) = (held.Delivery, held.LeaseAt(now));
        var gpus = (await db.Gpus.AsNoTracking().Where(gpu => gpu.NodeId == delivery.NodeId && gpu.Present && !gpu.Mig).ToListAsync(cancel))
            .GroupBy(gpu => gpu.GpuIndex).Select(same => same.First()).OrderBy(gpu => gpu.GpuIndex).ToList();
        var named = held.IsPart ? await OfWhole(db, held, gpus, cancel) : await OfNode(db, held, gpus, cancel);
        if (named.Count < delivery.GpuCount)
        {
            var wanting = $"Of its {delivery.GpuCount} GPUs {named.Count} can be had on the node now.";
            if (delivery.Message == wanting) return;
            delivery.Message = wanting;
            db.Note(delivery, now, wanting);
            return;
        }
        if (delivery.Message.StartsWith("Of its ", StringComparison.Ordinal)) delivery.Message = "";
        lease.Gpus = [.. gpus.Where(gpu => named.Contains(gpu.Uuid)).Select(gpu => gpu.GpuIndex)];
        delivery.GpuUuids = [.. named];
        db.Note(delivery, now, $"Its GPUs are {string.Join(", ", lease.Gpus)} of the node.");
        await db.WantAnew([delivery.NodeId], cancel);
    }

    /// <summary>
    /// What a delivery has now of its lease's GPUs: those that no part of it holds that was sold on. Nothing, while all of it is others'.
    /// </summary>
    public static async Task<List<string>> Left(ProviderRegistryDb db, HeldDelivery held, DateTimeOffset now, CancellationToken cancel)
    {
        var lease = held.LeaseAt(now);
        var lent = held.Parts.Where(part => part.ResoldFromLeaseId == lease.LeaseId && part.FromTime <= now && part.ToTime > now).SelectMany(part => part.Gpus).ToHashSet();
        if (lent.Count == 0 && held.Delivery.GpuUuids.Count == lease.GpuCount) return held.Delivery.GpuUuids;
        var uuids = (await db.Gpus.AsNoTracking().Where(gpu => gpu.NodeId == lease.NodeId && gpu.Present).ToListAsync(cancel))
            .GroupBy(gpu => gpu.GpuIndex).ToDictionary(same => same.Key, same => same.First().Uuid);
        return [.. lease.Gpus.Where(gpu => !lent.Contains(gpu)).Select(gpu => uuids.GetValueOrDefault(gpu)).OfType<string>()];
    }

    /// <summary>GPUs of the node that no other lease has in its time: the healthy ones that their owner does not use.</summary>
    private static async Task<IReadOnlyList<string>> OfNode(ProviderRegistryDb db, HeldDelivery held, List<GpuRow> gpus, CancellationToken cancel)
    {
        var delivery = held.Delivery;
        var taken = (await (
            from other in db.Leases.AsNoTracking()
            join its in db.Deliveries.AsNoTracking() on other.DeliveryId equals its.DeliveryId
            where other.NodeId == delivery.NodeId && other.ResoldFromLeaseId == 0 && its.DeliveryId != delivery.DeliveryId && its.EndedTime == null
                && other.FromTime < delivery.ToTime && other.ToTime > delivery.FromTime
            select other.Gpus).ToListAsync(cancel)).SelectMany(indices => indices).ToHashSet();
        return Placement.ChooseGpus(
            [.. gpus.Select(gpu => new PlaceableGpu(gpu.Uuid, gpu.GpuIndex, gpu.NvlinkPeers, gpu.Healthy && gpu.OwnerSince is null && !taken.Contains(gpu.GpuIndex)))],
            delivery.GpuCount, []);
    }

    /// <summary>GPUs of the lease that it was sold on out of, which no other part of that has in its time.</summary>
    private static async Task<IReadOnlyList<string>> OfWhole(ProviderRegistryDb db, HeldDelivery held, List<GpuRow> gpus, CancellationToken cancel)
    {
        var part = held.Leases[0];
        var whole = await db.Leases.AsNoTracking().SingleOrDefaultAsync(lease => lease.LeaseId == part.ResoldFromLeaseId, cancel);
        if (whole is null) return [];
        var taken = (await db.Leases.AsNoTracking()
            .Where(other => other.ResoldFromLeaseId == whole.LeaseId && other.LeaseId != part.LeaseId && other.FromTime < part.ToTime && other.ToTime > part.FromTime)
            .Select(other => other.Gpus).ToListAsync(cancel)).SelectMany(indices => indices).ToHashSet();
        return Placement.ChooseGpus(
            [.. gpus.Select(gpu => new PlaceableGpu(gpu.Uuid, gpu.GpuIndex, gpu.NvlinkPeers, whole.Gpus.Contains(gpu.GpuIndex) && !taken.Contains(gpu.GpuIndex)))],
            part.GpuCount, []);
    }
}
