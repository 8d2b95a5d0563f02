using System.Diagnostics;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Leases;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry;

/// <summary>The door: nodes, leases and meters.</summary>
public sealed class ProviderRegistryGrpc(
    RegisterNodeHandler registerNode, ListNodesHandler listNodes, ListLeasesHandler listLeases, ReportMeterHandler reportMeter)
    : ProviderRegistryService.ProviderRegistryServiceBase
{
    /// <inheritdoc />
    public override async Task<RegisterNodeResponse> RegisterNode(RegisterNodeRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await registerNode.Handle(command, context.CancellationToken) switch
        {
            RegisterNodeOutcome.Registered registered => new RegisterNodeResponse { Node = registered.Node.ToProto() },
            RegisterNodeOutcome.Refused refused => throw Refusal(refused.Reason, command),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<ListNodesResponse> ListNodes(ListNodesRequest request, ServerCallContext context)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 200, most: 1000);
        var nodes = await listNodes.Handle(new ListNodes(OwnOnly(context), size, skip), context.CancellationToken);
        return new ListNodesResponse
        {
            Nodes = { nodes.Select(node => node.ToProto()) },
            NextPageToken = Refuse.NextPage(skip, size, nodes.Count),
        };
    }

    /// <inheritdoc />
    public override async Task<ListLeasesResponse> ListLeases(ListLeasesRequest request, ServerCallContext context)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 1000);
        var query = new ListLeases(OwnOnly(context), request.ParseState(), request.ParseUnmeteredBefore(), size, skip);
        var leases = await listLeases.Handle(query, context.CancellationToken);
        return new ListLeasesResponse
        {
            Leases = { leases.Select(lease => lease.Lease.ToProto(lease.State, lease.Delivery)) },
            NextPageToken = Refuse.NextPage(skip, size, leases.Count),
        };
    }

    /// <inheritdoc />
    public override async Task<ReportMeterResponse> ReportMeter(ReportMeterRequest request, ServerCallContext context)
    {
        var command = new ReportMeter(Caller.Of(context).Participant, request.LeaseId, request.SlotIndex, request.DeliveredGpuSeconds);
        return await reportMeter.Handle(command, context.CancellationToken) switch
        {
            ReportMeterOutcome.NotFound => throw Refuse.NotFound($"There is no lease {command.LeaseId} on your nodes."),
            ReportMeterOutcome.ByAgent => throw Refuse.Rule(
                "METERED_BY_AGENT", $"Lease {command.LeaseId} is on a node with an agent, which measures it: there is nothing to report.", "lease_id"),
            ReportMeterOutcome.NoSuchSlot lease => throw Refuse.Field(
                "slot_index", $"is {command.SlotIndex}; this lease's slots are 0 to {lease.SlotCount - 1}."),
            ReportMeterOutcome.Judged { Slot: var slot, Verdict: var verdict } => verdict switch
            {
                MeterVerdict.Stands or MeterVerdict.Repeated => new ReportMeterResponse { Meter = slot.ToProto() },
                MeterVerdict.OutOfRange => throw Refuse.Field(
                    "delivered_gpu_seconds", $"is {command.DeliveredGpuSeconds}; it can be 0 to {slot.SoldGpuSeconds}, what was sold."),
                MeterVerdict.AlreadyMetered => throw Refuse.Exists(
                    "ALREADY_METERED", $"The slot was metered with {slot.DeliveredGpuSeconds} GPU-seconds, and that stands.",
                    "delivered_gpu_seconds"),
                MeterVerdict.SlotNotEnded => throw Refuse.Rule(
                    "SLOT_NOT_ENDED", $"The slot ends at {slot.ToTime:yyyy-MM-dd HH:mm:ss} UTC: report it then.", "slot_index"),
                _ => throw new UnreachableException($"No reply for {verdict}."),
            },
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <summary>Whose things the caller sees; null: everyone's.</summary>
    private static Guid? OwnOnly(ServerCallContext context)
    {
        var caller = Caller.Of(context);
        return caller.SeesAll ? null : caller.Participant;
    }

    private static RpcException Refusal(NodeRefusal reason, RegisterNode command) => reason switch
    {
        NodeRefusal.DeclaredNodesOff => Refuse.Rule(
            "DECLARED_NODES_OFF", "Nodes are not declared here: make an enrolment token for the region (POST /v1/node-tokens) and run its command on the host.", "gpu_count"),
        NodeRefusal.NodeHasAgent => Refuse.Rule(
            "NODE_HAS_AGENT", "The node's agent says what it has: set its policy to say how much of it is sold, or retire it.", "node_id"),
        NodeRefusal.MarketUnknown => Refuse.Rule(
            "MARKET_UNKNOWN", $"There is no market '{command.Market}': list the markets and take one of theirs.", "market"),
        NodeRefusal.NodeOfAnother => Refuse.Rule(
            "NODE_OF_ANOTHER", $"Node {command.NodeId} belongs to another provider: choose another id.", "node_id"),
        NodeRefusal.NodeMarketFixed => Refuse.Rule(
            "NODE_MARKET_FIXED", "A node's market cannot be changed: take it out with 0 GPUs and register it under a new id.", "market"),
        NodeRefusal.RequestIdReused => Refuse.Exists(
            "REQUEST_ID_REUSED", "This request id was used for another registration: choose a new one.", "request_id"),
        _ => throw new UnreachableException($"No reply for {reason}."),
    };
}
