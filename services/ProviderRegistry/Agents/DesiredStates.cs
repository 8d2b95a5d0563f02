using System.Security.Cryptography;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>What is wanted of nodes, whole: their deliveries and tests. The only place where a workload's environment is opened.</summary>
internal static class DesiredStates
{
    /// <summary>Seconds between a workload's end signal and its being killed.</summary>
    public const int GraceSeconds = 30;

    /// <summary>What is wanted of these nodes, at the revision that is said or later; of a retired one nothing.</summary>
    public static async Task<Dictionary<Guid, DesiredState>> LoadDesired(
        this ProviderRegistryDb db, Guid[] nodeIds, Secrets secrets, CancellationToken cancel)
    {
        // The revisions first: what is read after them may be newer, and is then sent again.
        var states = (await db.Agents.AsNoTracking().Where(agent => nodeIds.Contains(agent.NodeId) && agent.Standing != NodeStanding.Retired)
            .Select(agent => new { agent.NodeId, agent.DesiredRevision }).ToListAsync(cancel))
            .ToDictionary(agent => agent.NodeId, agent => new DesiredState { Revision = agent.DesiredRevision });
        var deliveries = await db.Deliveries.AsNoTracking()
            .Where(delivery => nodeIds.Contains(delivery.NodeId) && delivery.EndedTime == null && delivery.GpuUuids.Count > 0)
            .OrderBy(delivery => delivery.DeliveryId).ToListAsync(cancel);
        var workloadIds = deliveries.Where(delivery => delivery.WorkloadId is not null).Select(delivery => delivery.WorkloadId!.Value).ToList();
        var workloads = workloadIds.Count == 0 ? [] : await db.Workloads.AsNoTracking()
            .Where(workload => workloadIds.Contains(workload.WorkloadId)).ToDictionaryAsync(workload => workload.WorkloadId, cancel);
        var tests = await db.SelfTests.AsNoTracking()
            .Where(test => nodeIds.Contains(test.NodeId) && test.DoneTime == null).OrderBy(test => test.AskedTime).ThenBy(test => test.TestId).ToListAsync(cancel);

        foreach (var delivery in deliveries)
            if (states.TryGetValue(delivery.NodeId, out var state)) state.Deliveries.Add(Wanted(delivery, workloads, secrets));
        foreach (var test in tests.GroupBy(test => test.NodeId).Select(group => group.First()))
            if (states.TryGetValue(test.NodeId, out var state)) state.SelfTest = await Asked(db, test, cancel);
        return states;
    }

    private static DesiredDelivery Wanted(DeliveryRow delivery, Dictionary<Guid, WorkloadRow> workloads, Secrets secrets)
    {
        var wanted = new DesiredDelivery
        {
            DeliveryId = delivery.DeliveryId,
            BuyerId = delivery.BuyerId.ToString(),
            GpuUuids = { delivery.GpuUuids },
            FromTime = delivery.FromTime.ToTimestamp(),
            ToTime = delivery.ToTime.ToTimestamp(),
            InterruptTime = delivery.InterruptTime?.ToTimestamp(),
            InterruptReason = delivery.InterruptReason,
            NoticedTime = delivery.NoticedTime?.ToTimestamp(),
            GraceSeconds = GraceSeconds,
        };
        if (delivery.WorkloadId is { } workloadId && workloads.TryGetValue(workloadId, out var row))
        {
            wanted.Workload = Opened(row, secrets);
            wanted.Workload.WorkloadId = workloadId.ToString();
        }
        return wanted;
    }

    private static Workload Opened(WorkloadRow row, Secrets secrets)
    {
        try
        {
            return WorkloadBox.Open(secrets, row);
        }
        catch (CryptographicException)
        {
            // Sealed under a key that is gone: what can be run without it is run, and the rest says so by itself.
            return row.Spec();
        }
    }

    private static async Task<SelfTestAsk> Asked(ProviderRegistryDb db, SelfTestRow test, CancellationToken cancel)
    {
        var ask = new SelfTestAsk { TestId = test.TestId.ToString(), Seed = test.Seed };
        if (test.Occasion == "dispute")
        {
            // The GPUs that the dispute is about are tested even while its delivery holds them.
            ask.OfDeliveryId = await db.Disputes.Where(dispute => dispute.TestId == test.TestId)
                .Join(db.Leases, dispute => dispute.LeaseId, lease => lease.LeaseId, (_, lease) => lease.DeliveryId).FirstOrDefaultAsync(cancel);
        }
        return ask;
    }
}
