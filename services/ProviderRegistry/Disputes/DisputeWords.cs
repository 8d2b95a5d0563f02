using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Disputes;

/// <summary>Disputes as they are said on the wire: both sides' records side by side.</summary>
internal static class DisputeWords
{
    private const int MostEvents = 100;

    private static readonly TimeSpan Around = TimeSpan.FromMinutes(15);

    /// <summary>Disputes with the meters, the re-tests, and what was noted around the slots.</summary>
    public static async Task<List<Dispute>> Tell(this ProviderRegistryDb db, IReadOnlyList<DisputeRow> disputes, CancellationToken cancel)
    {
        var leaseIds = disputes.Select(dispute => dispute.LeaseId).ToArray();
        var leases = await db.Leases.AsNoTracking().Where(lease => leaseIds.Contains(lease.LeaseId)).Include(lease => lease.Slots).ToDictionaryAsync(lease => lease.LeaseId, cancel);
        var testIds = disputes.Select(dispute => dispute.TestId).OfType<Guid>().ToArray();
        var tests = await db.SelfTests.AsNoTracking().Where(test => testIds.Contains(test.TestId)).ToDictionaryAsync(test => test.TestId, cancel);
        var told = new List<Dispute>(disputes.Count);
        foreach (var dispute in disputes)
        {
            var lease = leases[dispute.LeaseId];
            var slot = lease.Slots.Single(one => one.SlotIndex == dispute.SlotIndex);
            told.Add(ToProto(dispute, slot, dispute.TestId is { } id ? tests.GetValueOrDefault(id) : null, await Record(db, lease, slot, cancel)));
        }
        return told;
    }

    /// <summary>What webhooks are told.</summary>
    public static object Told(DisputeRow dispute) => new
    {
        dispute_id = dispute.DisputeId,
        lease_id = dispute.LeaseId,
        slot_index = dispute.SlotIndex,
        kind = dispute.Kind.ToString(),
        state = dispute.State.ToString(),
        claimed_gpu_seconds = dispute.ClaimedGpuSeconds,
        delivered_gpu_seconds = dispute.State == DisputeState.Decided ? dispute.DeliveredGpuSeconds : (long?)null,
    };

    private static async Task<List<DeliveryEvent>> Record(ProviderRegistryDb db, LeaseRow lease, LeaseSlotRow slot, CancellationToken cancel)
    {
        var (from, to) = (slot.FromTime - Around, slot.ToTime + Around);
        var ofNode = await db.NodeEvents.AsNoTracking()
            .Where(happened => happened.NodeId == lease.NodeId && happened.AtTime >= from && happened.AtTime <= to)
            .OrderBy(happened => happened.EventId).Take(MostEvents).Select(happened => new { happened.AtTime, happened.Message }).ToListAsync(cancel);
        var ofDelivery = await db.DeliveryEvents.AsNoTracking()
            .Where(happened => happened.DeliveryId == lease.DeliveryId && lease.DeliveryId > 0 && happened.AtTime >= from && happened.AtTime <= to)
            .OrderBy(happened => happened.EventId).Take(MostEvents).Select(happened => new { happened.AtTime, happened.Message }).ToListAsync(cancel);
        return
        [
            .. ofNode.Select(happened => (happened.AtTime, Message: "Node: " + happened.Message))
                .Concat(ofDelivery.Select(happened => (happened.AtTime, Message: "Delivery: " + happened.Message)))
                .OrderBy(happened => happened.AtTime)
                .Select(happened => new DeliveryEvent { AtTime = happened.AtTime.ToTimestamp(), Message = happened.Message }),
        ];
    }

    private static Dispute ToProto(DisputeRow dispute, LeaseSlotRow slot, SelfTestRow? test, List<DeliveryEvent> record) => new()
    {
        DisputeId = dispute.DisputeId.ToString(),
        LeaseId = dispute.LeaseId,
        SlotIndex = dispute.SlotIndex,
        BuyerId = dispute.BuyerId.ToString(),
        ProviderId = dispute.ProviderId.ToString(),
        Kind = dispute.Kind,
        Statement = dispute.Statement,
        ClaimedGpuSeconds = dispute.ClaimedGpuSeconds,
        OpenedTime = dispute.OpenedTime.ToTimestamp(),
        State = dispute.State,
        Answer = dispute.Answer,
        Meter = DeliveryWords.ToMeter(slot, live: null),
        Test = test is null ? null : ToProto(test),
        DeliveredGpuSeconds = dispute.DeliveredGpuSeconds,
        Reason = dispute.Reason,
        ProposedBy = dispute.ProposedBy?.ToString() ?? "",
        DecidedBy = dispute.DecidedBy?.ToString() ?? "",
        DecidedTime = dispute.DecidedTime?.ToTimestamp(),
        Record = { record },
    };

    private static NodeTest ToProto(SelfTestRow test) => new()
    {
        TestId = test.TestId.ToString(),
        AskedTime = test.AskedTime.ToTimestamp(),
        DoneTime = test.DoneTime?.ToTimestamp(),
        Occasion = test.Occasion,
        Passed = test.Passed,
        Findings = { test.Findings },
        Report = test.Report is null ? null : SelfTestReport.Parser.ParseFrom(test.Report),
    };
}
