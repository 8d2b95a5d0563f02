using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>The door of nodes: who sees what, and who may put a node into which state.</summary>
public sealed class NodeStateTests(PostgresServer server)
{
    [Fact]
    public async Task A_node_is_seen_by_its_provider_and_the_operator_alone()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        var request = new GetNodeRequest { NodeId = agent.NodeId.ToString() };
        (await registry.Door(door => door.GetNode(request, registry.AsProvider()))).Node.NodeId.ShouldBe(request.NodeId);
        await registry.Door(door => door.GetNode(request, registry.AsProvider(Guid.NewGuid()))).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await registry.Door(door => door.ListNodeEvents(new ListNodeEventsRequest { NodeId = request.NodeId }, registry.AsProvider(Guid.NewGuid())))
            .ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task The_operator_suspends_with_a_reason_and_lifts_it_by_a_new_test()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await Set(registry, agent, NodeState.Suspended, "Buyers complain.", registry.AsOperator());
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(0));
        var node = await registry.Node(agent.NodeId);
        (node.State, node.StateReason, node.StateBy).ShouldBe((NodeState.Suspended, "Buyers complain.", registry.Operator.ToString()));
        (await registry.InDb(db => db.Facts.AsNoTracking().SingleAsync(fact => fact.Type == "ProviderRegistry.V1.OperatorActed", TestContext.Current.CancellationToken))).Body.ShouldContain("node suspended");

        // A passed test does not lift what people decided.
        await Set(registry, agent, NodeState.Unverified, "They were wrong.", registry.AsOperator());
        await agent.Next(message => message.Desired?.SelfTest is not null ? message : null);
        await agent.PassTest();
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(8));
    }

    [Fact]
    public async Task A_provider_may_only_retire_its_node_and_that_is_for_good()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await Set(registry, agent, NodeState.Suspended, "Mine.", registry.AsProvider()).ShouldBeRefused(StatusCode.PermissionDenied, "OPERATOR_ONLY");
        await Set(registry, agent, NodeState.Retired, "Not mine.", registry.AsProvider(Guid.NewGuid())).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await Set(registry, agent, NodeState.Verified, "", registry.AsOperator()).ShouldBeRefused(StatusCode.InvalidArgument, "state,reason");

        (await Set(registry, agent, NodeState.Retired, "Sold the rack.", registry.AsProvider())).Node.State.ShouldBe(NodeState.Retired);
        (await agent.Next(message => message.Dismissal)).Reason.ShouldBe("RETIRED");
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(0));
        await Set(registry, agent, NodeState.Unverified, "Back.", registry.AsOperator()).ShouldBeRefused(StatusCode.FailedPrecondition, "NODE_RETIRED");

        agent.Begin();
        await agent.Say(new ConnectRequest { Hello = agent.Hello() });
        (await agent.Next(message => message.Dismissal)).Reason.ShouldBe("RETIRED");
        (await agent.End).ShouldBeNull();
    }

    [Fact]
    public async Task An_agents_node_cannot_be_declared_over_and_an_exchange_for_real_takes_no_declared_ones()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        var request = new RegisterNodeRequest { RequestId = Guid.NewGuid().ToString(), NodeId = agent.NodeId.ToString(), Name = "mine", Market = LiveRegistry.Market, GpuCount = 64 };
        await registry.OldDoor(door => door.RegisterNode(request, registry.AsProvider())).ShouldBeRefused(StatusCode.FailedPrecondition, "NODE_HAS_AGENT");
        var listed = (await registry.OldDoor(door => door.ListNodes(new ListNodesRequest(), registry.AsProvider()))).Nodes.Single();
        (listed.State, listed.Presence, listed.GpuCount, listed.ProductClass).ShouldBe((NodeState.Verified, NodePresence.Online, 8, "H100-SXM-80GB"));

        await using var real = await LiveRegistry.Open(server, simulated: false);
        request.NodeId = Guid.NewGuid().ToString();
        await real.OldDoor(door => door.RegisterNode(request, real.AsProvider())).ShouldBeRefused(StatusCode.FailedPrecondition, "DECLARED_NODES_OFF");
    }

    private static Task<SetNodeStateResponse> Set(LiveRegistry registry, TestAgent agent, NodeState state, string reason, DoorCall caller) =>
        registry.Door(door => door.SetNodeState(new SetNodeStateRequest { NodeId = agent.NodeId.ToString(), State = state, Reason = reason }, caller));
}
