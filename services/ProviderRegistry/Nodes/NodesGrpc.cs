using System.Diagnostics;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>The door of nodes with an agent.</summary>
public sealed partial class NodesGrpc(
    CreateEnrolmentTokenHandler createToken, GetNodeHandler getNode, ListNodeEventsHandler listEvents, TestNodeHandler testNode, SetNodeStateHandler setState,
    SellingDoor selling)
    : NodesService.NodesServiceBase
{
    private const int ReasonLengthMax = 200;

    /// <inheritdoc />
    public override async Task<CreateEnrolmentTokenResponse> CreateEnrolmentToken(CreateEnrolmentTokenRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await createToken.Handle(command, context.CancellationToken) switch
        {
            CreateEnrolmentTokenOutcome.Created created => new CreateEnrolmentTokenResponse
            {
                Token = created.Token,
                ExpiresTime = created.ExpiresTime.ToTimestamp(),
                AgentAddress = created.AgentAddress.ToString().TrimEnd('/'),
                Command = $"cx-agent enrol --exchange {created.AgentAddress.ToString().TrimEnd('/')} --token {created.Token}",
            },
            CreateEnrolmentTokenOutcome.RegionUnknown unknown => throw Refuse.Rule(
                "REGION_UNKNOWN", $"There is no market in region '{command.Region}'; there are markets in {string.Join(", ", unknown.Regions)}.", "region"),
            CreateEnrolmentTokenOutcome.DoorClosed => throw Refuse.Rule(
                "AGENT_DOOR_CLOSED", "This exchange does not listen for agents: its operator sets Exchange:AgentListen and Exchange:AgentCertificateFile."),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
        new() { Node = await Detail(Refuse.ParseId("node_id", request.NodeId), context) };

    /// <inheritdoc />
    public override async Task<ListNodeEventsResponse> ListNodeEvents(ListNodeEventsRequest request, ServerCallContext context)
    {
        var nodeId = Refuse.ParseId("node_id", request.NodeId);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 1000);
        var events = await listEvents.Handle(new ListNodeEvents(nodeId, OwnOnly(context), size, skip), context.CancellationToken) ?? throw NotThere(nodeId);
        return new ListNodeEventsResponse
        {
            Events = { events.Select(happened => happened.ToProto()) },
            NextPageToken = Refuse.NextPage(skip, size, events.Count),
        };
    }

    /// <inheritdoc />
    public override async Task<TestNodeResponse> TestNode(TestNodeRequest request, ServerCallContext context)
    {
        var nodeId = Refuse.ParseId("node_id", request.NodeId);
        return await testNode.Handle(new TestNode(nodeId, OwnOnly(context)), context.CancellationToken) switch
        {
            TestNodeOutcome.Asked asked => new TestNodeResponse { Test = asked.Test.ToProto() },
            TestNodeOutcome.NotFound => throw NotThere(nodeId),
            TestNodeOutcome.NoAgent => throw Refuse.Rule("NODE_HAS_NO_AGENT", "The node has no agent that could make a test: it was declared, or it is retired.", "node_id"),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<SetNodeStateResponse> SetNodeState(SetNodeStateRequest request, ServerCallContext context)
    {
        var command = Parse(request, Caller.Of(context));
        return await setState.Handle(command, context.CancellationToken) switch
        {
            SetNodeStateOutcome.Done => new SetNodeStateResponse { Node = await Detail(command.NodeId, context) },
            SetNodeStateOutcome.NotFound => throw NotThere(command.NodeId),
            SetNodeStateOutcome.NoAgent => throw Refuse.Rule("NODE_HAS_NO_AGENT", "The node was declared: take it out by registering it with 0 GPUs.", "node_id"),
            SetNodeStateOutcome.OperatorOnly => throw Refuse.Denied("OPERATOR_ONLY", "Providers may only retire their nodes: ask the operator."),
            SetNodeStateOutcome.IsRetired => throw Refuse.Rule("NODE_RETIRED", "The node is retired for good: enrol the host anew.", "state"),
            SetNodeStateOutcome.NotSuspended => throw Refuse.Rule("NODE_NOT_SUSPENDED", "The node is not suspended: there is nothing to lift.", "state"),
            SetNodeStateOutcome.HasLeases => throw Refuse.Rule(
                "NODE_HAS_LEASES", "The node has leases that are not over: end its offers, and retire it when the last lease has ended.", "state"),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    private static SetNodeState Parse(SetNodeStateRequest request, Caller caller)
    {
        var wrong = new List<(string Field, string Description)>();
        if (!Guid.TryParse(request.NodeId, out var nodeId) || nodeId == Guid.Empty) wrong.Add(("node_id", request.NodeId.Length == 0 ? "is missing: give a UUID." : $"'{request.NodeId}' is not a UUID."));
        NodeStanding? standing = request.State switch
        {
            NodeState.Suspended => NodeStanding.Suspended,
            NodeState.Unverified => NodeStanding.Unverified,
            NodeState.Retired => NodeStanding.Retired,
            _ => null,
        };
        if (standing is null) wrong.Add(("state", "can be SUSPENDED, UNVERIFIED or RETIRED: only a self-test verifies a node."));
        if (string.IsNullOrWhiteSpace(request.Reason)) wrong.Add(("reason", "is missing: say why, its provider reads it."));
        else if (request.Reason.Length > ReasonLengthMax) wrong.Add(("reason", $"has {request.Reason.Length} characters; it can have {ReasonLengthMax}."));
        else if (request.Reason.Any(char.IsControl)) wrong.Add(("reason", "has control characters: leave them out."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new SetNodeState(nodeId, standing!.Value, request.Reason, caller.Participant, caller.Roles.Contains(Role.Operator));
    }

    private static RpcException NotThere(Guid nodeId) => Refuse.NotFound($"There is no node {nodeId} of yours.");

    /// <summary>Whose nodes the caller sees; null: everyone's.</summary>
    private static Guid? OwnOnly(ServerCallContext context)
    {
        var caller = Caller.Of(context);
        return caller.SeesAll ? null : caller.Participant;
    }

    private async Task<NodeDetail> Detail(Guid nodeId, ServerCallContext context) =>
        await getNode.Handle(new GetNode(nodeId, OwnOnly(context)), context.CancellationToken) ?? throw NotThere(nodeId);
}
