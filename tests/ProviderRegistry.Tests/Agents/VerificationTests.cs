using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Google.Protobuf;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>Whether a node can be believed, and what of it is sold.</summary>
public sealed class VerificationTests(PostgresServer server)
{
    [Fact]
    public async Task A_node_sells_nothing_before_its_self_test_has_passed_and_all_of_it_after()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();

        var told = await registry.AllTold(agent.NodeId);
        told.First().GpuCount.ShouldBe(0);
        told.Last().GpuCount.ShouldBe(8);
        told.Last().Traits.ShouldSatisfyAllConditions(
            traits => traits.Verified.ShouldBeTrue(), traits => traits.Nvlink.ShouldBeTrue(), traits => traits.Simulated.ShouldBeFalse(),
            traits => traits.Country.ShouldBe("DE"), traits => traits.Zone.ShouldBe("EU"));
        var node = await registry.Node(agent.NodeId);
        node.LastTest.Passed.ShouldBeTrue();
        node.StateBy.ShouldBe("exchange");
        node.Uses.Select(use => use.Use).ShouldBe(Enumerable.Repeat("idle", 8));
        (await registry.Events(agent.NodeId)).ShouldBe(["enrolled", "online", "test_passed", "state"]);
    }

    [Fact]
    public async Task A_wrong_digest_keeps_a_node_out_and_says_which_GPU()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        await agent.Connect();
        await agent.PassTest(report => report.Gpus[3].Digest = new string('0', 64));

        var node = await registry.Node(agent.NodeId);
        node.State.ShouldBe(NodeState.Unverified);
        node.StateReason.ShouldContain("GPU 3 answered the compute check with");
        node.SellableGpuCount.ShouldBe(0);

        // The next one passes.
        await registry.Door(door => door.TestNode(new TestNodeRequest { NodeId = agent.NodeId.ToString() }, registry.AsProvider()));
        await agent.Next(message => message.Desired?.SelfTest is not null ? message : null);
        await agent.PassTest();
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(8));
    }

    [Fact]
    public async Task A_GPU_that_was_left_out_of_the_first_test_keeps_the_node_out()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        await agent.Connect();
        await agent.PassTest(report => report.Gpus.RemoveAt(7));
        (await registry.Node(agent.NodeId)).StateReason.ShouldContain("is not in the report");
    }

    [Theory]
    [InlineData(2, "no H100-SXM-80GB can")]
    [InlineData(-3, "less than half")]
    public async Task A_speed_that_no_such_GPU_has_suspends_the_node(int factor, string why)
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        await agent.Connect();
        await agent.PassTest(report =>
        {
            var speed = report.Gpus[0].MemoryBytesPerSecond;
            report.Gpus[0].MemoryBytesPerSecond = factor > 0 ? speed * factor : speed / -factor;
        });
        var node = await registry.Node(agent.NodeId);
        node.State.ShouldBe(NodeState.Suspended);
        node.StateReason.ShouldContain(why);
        (await registry.Events(agent.NodeId)).ShouldContain("fraud_signal");
    }

    [Fact]
    public async Task A_verified_node_that_fails_a_later_test_sells_nothing_new()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await registry.Door(door => door.TestNode(new TestNodeRequest { NodeId = agent.NodeId.ToString() }, registry.AsOperator()));
        await agent.Next(message => message.Desired?.SelfTest is not null ? message : null);
        await agent.PassTest(report => report.Gpus[0].Failure = "GPU is lost");
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(0));
        (await registry.Node(agent.NodeId)).State.ShouldBe(NodeState.Unverified);
    }

    [Fact]
    public async Task A_result_for_a_test_that_nobody_asked_for_changes_nothing()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        await agent.Connect();
        var ask = new SelfTestAsk { TestId = Guid.NewGuid().ToString(), Seed = 1 };
        await agent.Tell(agent.Record(agent.Report(ask)));
        (await registry.Node(agent.NodeId)).State.ShouldBe(NodeState.Unverified);
    }

    [Fact]
    public async Task A_GPU_that_is_said_to_be_on_two_nodes_suspends_both()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await using var other = await registry.Verified();
        var claimed = other.Inventory.Clone();
        claimed.Gpus[0].Uuid = agent.Inventory.Gpus[5].Uuid;
        claimed.Gpus[0].PciBusId = "00000000:FF:00.0";
        await other.Say(new ConnectRequest { Inventory = claimed });

        foreach (var nodeId in new[] { agent.NodeId, other.NodeId })
        {
            await LiveRegistry.Eventually(async () => (await registry.Told(nodeId)).GpuCount.ShouldBe(0));
            var node = await registry.Node(nodeId);
            node.State.ShouldBe(NodeState.Suspended);
            node.StateReason.ShouldContain(agent.Inventory.Gpus[5].Uuid);
        }
    }

    [Fact]
    public async Task A_host_that_is_enrolled_anew_takes_its_GPUs_with_it()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await registry.Cut(agent);
        registry.Real.Wait(TimeSpan.FromSeconds(31));
        await LiveRegistry.Eventually(async () => (await registry.Node(agent.NodeId)).Presence.ShouldBe(NodePresence.Lost));

        await using var anew = await registry.Verified(agent.Inventory);
        (await registry.Node(agent.NodeId)).Uses.ShouldAllBe(use => use.Use == "missing");
        (await registry.Node(anew.NodeId)).State.ShouldBe(NodeState.Verified);
    }

    [Theory]
    [InlineData("uuid", "says now that it is GPU-new")]
    [InlineData("name", "says now that it is a NVIDIA H200")]
    [InlineData("pci", "PCI device 2331")]
    [InlineData("memory", "of memory and says now")]
    public async Task Hardware_that_becomes_other_hardware_suspends_the_node(string what, string why)
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        var claimed = agent.Inventory.Clone();
        var gpu = claimed.Gpus[2];
        switch (what)
        {
            case "uuid": gpu.Uuid = "GPU-new"; break;
            case "name": gpu.Name = "NVIDIA H200"; break;
            case "pci": gpu.PciDeviceId = "233110DE"; break;
            case "memory": gpu.MemoryBytes /= 2; break;
        }
        await agent.Say(new ConnectRequest { Inventory = claimed });
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(0));
        var node = await registry.Node(agent.NodeId);
        node.State.ShouldBe(NodeState.Suspended);
        node.StateReason.ShouldContain(why);
    }

    [Fact]
    public async Task What_is_broken_gone_split_or_used_by_its_owner_is_not_sold_until_it_is_free_again()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await agent.Beat(new GpuSample { GpuIndex = 0, Healthy = false, Trouble = "XID 79" }, new GpuSample { GpuIndex = 1, Healthy = true, ForeignProcessCount = 2 });
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(6));
        var node = await registry.Node(agent.NodeId);
        node.NotSellableReason.ShouldBe("Of 8 GPUs: 1 not healthy, 1 in use by the owner.");
        node.Uses.Select(use => use.Use).Take(3).ShouldBe(["unhealthy", "owner", "idle"]);

        var smaller = agent.Inventory.Clone();
        smaller.Gpus.RemoveAt(7);
        await agent.Say(new ConnectRequest { Inventory = smaller });
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(5));

        await agent.Say(new ConnectRequest { Inventory = agent.Inventory });
        await agent.Beat(new GpuSample { GpuIndex = 0, Healthy = true }, new GpuSample { GpuIndex = 1, Healthy = true });
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(8));
        (await registry.Node(agent.NodeId)).State.ShouldBe(NodeState.Verified);
    }
}
