using ComputeExchange.Hosting.Access;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>The door of policies and maintenance.</summary>
public sealed partial class NodesGrpc
{
    /// <inheritdoc />
    public override Task<SetNodePolicyResponse> SetNodePolicy(SetNodePolicyRequest request, ServerCallContext context) =>
        selling.SetPolicy(Caller.Of(context).Participant, request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<ScheduleMaintenanceResponse> ScheduleMaintenance(ScheduleMaintenanceRequest request, ServerCallContext context) =>
        selling.Schedule(Caller.Of(context).Participant, request, context.CancellationToken);

    /// <inheritdoc />
    public override Task<CancelMaintenanceResponse> CancelMaintenance(CancelMaintenanceRequest request, ServerCallContext context) =>
        selling.Cancel(Caller.Of(context).Participant, request, context.CancellationToken);
}
