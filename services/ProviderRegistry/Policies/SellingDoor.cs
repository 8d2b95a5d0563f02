using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Maintenance;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>What NodesService does about selling: policies and maintenance.</summary>
public sealed class SellingDoor(SetNodePolicyHandler setPolicy, ScheduleMaintenanceHandler schedule, CancelMaintenanceHandler cancelMaintenance)
{
    public async Task<SetNodePolicyResponse> SetPolicy(Guid provider, SetNodePolicyRequest request, CancellationToken cancel)
    {
        var nodeId = Refuse.ParseId("node_id", request.NodeId);
        var policy = request.Policy ?? throw Refuse.Field("policy", "is missing: give the whole policy.");
        return new SetNodePolicyResponse { Policy = await setPolicy.Handle(provider, nodeId, policy, cancel) };
    }

    public async Task<ScheduleMaintenanceResponse> Schedule(Guid provider, ScheduleMaintenanceRequest request, CancellationToken cancel)
    {
        var (window, reclaimed) = await schedule.Handle(provider, ScheduleMaintenance.Of(request), cancel);
        return new ScheduleMaintenanceResponse { Window = window.ToProto(), ReclaimedLeaseIds = { reclaimed } };
    }

    public async Task<CancelMaintenanceResponse> Cancel(Guid provider, CancelMaintenanceRequest request, CancellationToken cancel)
    {
        await cancelMaintenance.Handle(provider, Refuse.ParseId("node_id", request.NodeId), Refuse.ParseId("window_id", request.WindowId), cancel);
        return new CancelMaintenanceResponse();
    }
}
