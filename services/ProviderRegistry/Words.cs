using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using LeaseState = ComputeExchange.ProviderRegistry.Domain.LeaseState;
using WireState = ComputeExchange.ProviderRegistry.V1.LeaseState;

namespace ComputeExchange.ProviderRegistry;

/// <summary>What is said on the wire in the words of this service, and back.</summary>
internal static class Words
{
    /// <summary>The registration asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">Fields are wrong; all of them are named.</exception>
    public static RegisterNode Parse(this RegisterNodeRequest request, Guid providerId)
    {
        var wrong = new List<(string Field, string Description)>();
        var requestId = Id(wrong, "request_id", request.RequestId);
        var nodeId = Id(wrong, "node_id", request.NodeId);
        Text(wrong, "name", request.Name);
        Text(wrong, "location", request.Location);
        if (request.Market.Length == 0) wrong.Add(("market", "is missing: give the name of a market."));
        else Text(wrong, "market", request.Market);
        if (request.GpuCount is < 0 or > NodeRules.GpuCountMax)
            wrong.Add(("gpu_count", $"is {request.GpuCount}; it can be 0 to {NodeRules.GpuCountMax}."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new RegisterNode(providerId, requestId, nodeId, request.Name, request.Market, request.GpuCount, request.Location);
    }

    /// <summary>The state asked for; null: any.</summary>
    public static LeaseState? ParseState(this ListLeasesRequest request) => request.State switch
    {
        WireState.Unspecified => null,
        WireState.Scheduled => LeaseState.Scheduled,
        WireState.Active => LeaseState.Active,
        WireState.Ended => LeaseState.Ended,
        WireState.Failed => LeaseState.Failed,
        var unknown => throw Refuse.Field("state", $"is {(int)unknown}, which is no state of a lease."),
    };

    /// <summary>The time before which slots should have been metered; null: not asked.</summary>
    public static DateTimeOffset? ParseUnmeteredBefore(this ListLeasesRequest request) =>
        request.UnmeteredBeforeTime is null ? null : Refuse.ParseTime("unmetered_before_time", request.UnmeteredBeforeTime);

    public static Node ToProto(this NodeRequestRow node) => new()
    {
        NodeId = node.NodeId.ToString(),
        ProviderId = node.ProviderId.ToString(),
        Name = node.Name,
        Market = node.Market,
        GpuCount = node.GpuCount,
        Location = node.Location,
        ReliabilityPpm = node.ReliabilityPpm,
        State = NodeState.Declared,
    };

    public static Node ToProto(this NodeRow node) => new()
    {
        NodeId = node.NodeId.ToString(),
        ProviderId = node.ProviderId.ToString(),
        Name = node.Name,
        Market = node.Market,
        GpuCount = node.GpuCount,
        Location = node.Location,
        ReliabilityPpm = NodeRules.ReliabilityPpm(node.DeliveredGpuSeconds, node.SoldGpuSeconds),
    };

    public static Lease ToProto(this LeaseRow lease, LeaseState state, DeliveryRow? delivery = null) => new()
    {
        LeaseId = lease.LeaseId,
        NodeId = lease.NodeId.ToString(),
        ProviderId = lease.ProviderId.ToString(),
        BuyerId = lease.BuyerId.ToString(),
        Market = lease.Market,
        GpuCount = lease.GpuCount,
        FromTime = lease.FromTime.ToTimestamp(),
        ToTime = lease.ToTime.ToTimestamp(),
        State = state switch
        {
            LeaseState.Scheduled => WireState.Scheduled,
            LeaseState.Active => WireState.Active,
            LeaseState.Ended => WireState.Ended,
            _ => WireState.Failed,
        },
        ResoldFromLeaseId = lease.ResoldFromLeaseId,
        Meters = { lease.Slots.Select(slot => slot.ToProto()) },
        DeliveryId = lease.DeliveryId,
        Phase = delivery?.Shown() ?? DeliveryPhase.Unspecified,
        CloseReason = delivery?.CloseReason ?? DeliveryCloseReason.Unspecified,
        InterruptTime = delivery is { EndedTime: null, InterruptTime: { } interrupted } ? interrupted.ToTimestamp() : null,
        BidId = lease.BidId,
        ExtendsLeaseId = lease.ExtendsLeaseId,
        ReplacesLeaseId = lease.ReplacesLeaseId,
    };

    public static LeaseMeter ToProto(this LeaseSlotRow slot) => new()
    {
        SlotIndex = slot.SlotIndex,
        FromTime = slot.FromTime.ToTimestamp(),
        ToTime = slot.ToTime.ToTimestamp(),
        Metered = slot.MeteredTime is not null,
        SoldGpuSeconds = slot.SoldGpuSeconds,
        DeliveredGpuSeconds = slot.DeliveredGpuSeconds ?? 0,
        AgentGpuSeconds = slot.AgentGpuSeconds ?? 0,
        RegistryGpuSeconds = slot.RegistryGpuSeconds ?? 0,
    };

    private static Guid Id(List<(string, string)> wrong, string field, string value)
    {
        if (Guid.TryParse(value, out var id) && id != Guid.Empty) return id;
        wrong.Add((field, value.Length == 0 ? "is missing: give a UUID." : $"'{value}' is not a UUID."));
        return Guid.Empty;
    }

    private static void Text(List<(string, string)> wrong, string field, string value)
    {
        if (value.Length > NodeRules.TextLengthMax)
            wrong.Add((field, $"has {value.Length} characters; it can have {NodeRules.TextLengthMax}."));
        else if (value.Any(char.IsControl))
            wrong.Add((field, "has control characters: leave them out."));
    }
}
