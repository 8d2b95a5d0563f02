using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Deliveries as they are said on the wire and to webhooks.</summary>
internal static class DeliveryWords
{
    /// <summary>What webhooks are told: never a secret, and nothing that a workload printed.</summary>
    public static object Told(DeliveryRow delivery) => new
    {
        delivery_id = delivery.DeliveryId,
        node_id = delivery.NodeId,
        phase = Name(delivery.Phase),
        gpu_count = delivery.GpuCount,
        from_time = delivery.FromTime.UtcDateTime,
        to_time = delivery.ToTime.UtcDateTime,
        interrupt_time = delivery.InterruptTime?.UtcDateTime,
        interrupt_reason = delivery.InterruptTime is null ? null : Name(delivery.InterruptReason),
        close_reason = delivery.CloseReason == DeliveryCloseReason.Unspecified ? null : Name(delivery.CloseReason),
        exit_code = delivery.ExitCode,
        ssh_endpoint = delivery.SshEndpoint.Length == 0 ? null : delivery.SshEndpoint,
    };

    /// <summary>Where it stands now: what is stored follows the clock by a second or so.</summary>
    public static DeliveryPhase Shown(this DeliveryRow delivery) =>
        delivery is { EndedTime: null, Phase: DeliveryPhase.Active, InterruptTime: not null } ? DeliveryPhase.Interrupting : delivery.Phase;

    /// <summary>A workload as one who is not its buyer sees it: what it takes, and not what it does.</summary>
    public static Workload Outside(this Workload workload) => new()
    {
        WorkloadId = workload.WorkloadId,
        Image = workload.Image,
        CpuCount = workload.CpuCount,
        MemoryBytes = workload.MemoryBytes,
        DiskBytes = workload.DiskBytes,
        RestartOnFailure = workload.RestartOnFailure,
    };

    /// <summary>One slot as both sides measured it: as it was settled, or as it looks until now.</summary>
    public static DeliveryMeter ToMeter(LeaseSlotRow slot, SlotMeasure? live)
    {
        var meter = new DeliveryMeter
        {
            LeaseId = slot.LeaseId,
            SlotIndex = slot.SlotIndex,
            FromTime = slot.FromTime.ToTimestamp(),
            ToTime = slot.ToTime.ToTimestamp(),
            SoldGpuSeconds = slot.SoldGpuSeconds,
            AgentGpuSeconds = slot.AgentGpuSeconds ?? live?.Agent ?? 0,
            RegistryGpuSeconds = slot.RegistryGpuSeconds ?? live?.Registry ?? 0,
            Resolution = slot.Resolution,
        };
        if (slot.DeliveredGpuSeconds is { } delivered) meter.DeliveredGpuSeconds = delivered;
        return meter;
    }

    /// <summary>A delivery as its buyer, or one who is not, sees it.</summary>
    public static Delivery ToProto(
        this DeliveryRow delivery, IReadOnlyList<LeaseRow> leases, NodeRow node, bool simulated, WorkloadRow? workload,
        IEnumerable<DeliveryMeter> meters, IEnumerable<DeliveryEventRow> events, bool toBuyer)
    {
        var told = new Delivery
        {
            DeliveryId = delivery.DeliveryId,
            LeaseIds = { leases.Select(lease => lease.LeaseId) },
            NodeId = delivery.NodeId.ToString(),
            NodeName = node.Name,
            Market = node.Market,
            Simulated = simulated,
            GpuUuids = { delivery.GpuUuids },
            FromTime = delivery.FromTime.ToTimestamp(),
            ToTime = delivery.ToTime.ToTimestamp(),
            Phase = delivery.Shown(),
            CloseReason = delivery.CloseReason,
            Message = delivery.Message,
            SshEndpoint = toBuyer ? delivery.SshEndpoint : "",
            InterruptTime = delivery.InterruptTime?.ToTimestamp(),
            NoticedTime = delivery.InterruptTime is null ? null : delivery.NoticedTime?.ToTimestamp(),
            InterruptReason = delivery.InterruptReason,
            Meters = { meters },
            Removed = delivery.Removed,
            Events = { events.Select(happened => new DeliveryEvent { AtTime = happened.AtTime.ToTimestamp(), Message = happened.Message }) },
            RebidLimitMicrosPerGpuHour = toBuyer ? delivery.RebidLimitMicrosPerGpuHour : 0,
        };
        if (delivery.ExitCode is { } code && toBuyer) told.ExitCode = code;
        if (workload is not null) told.Workload = toBuyer ? workload.Spec() : workload.Spec().Outside();
        return told;
    }

    private static string Name(System.Enum value) => System.Text.Json.JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());
}
