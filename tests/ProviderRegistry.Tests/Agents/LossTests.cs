using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>Nodes that are not heard of any more.</summary>
public sealed class LossTests(PostgresServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_node_is_lost_and_sells_nothing_and_when_it_speaks_again_it_sells()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await agent.Beat();
        registry.MoveClock(Registry.Noon.AddMinutes(10));
        registry.Real.Wait(TimeSpan.FromSeconds(26));
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(0));
        (await registry.Node(agent.NodeId)).Presence.ShouldBe(NodePresence.Lost);

        // The line stood still and goes on.
        registry.MoveClock(Registry.Noon.AddMinutes(30));
        await agent.Beat();
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(8));
        (await registry.Node(agent.NodeId)).Presence.ShouldBe(NodePresence.Online);
        (await registry.Events(agent.NodeId)).TakeLast(2).ShouldBe(["lost", "online"]);

        // It was away from its last sign of life to the first after it.
        var outage = await registry.InDb(db => db.Outages.AsNoTracking().SingleAsync(Cancel));
        (outage.FromTime, outage.ToTime).ShouldBe((Registry.Noon, Registry.Noon.AddMinutes(30)));
    }

    [Fact]
    public async Task A_node_that_opens_a_new_stream_within_twenty_seconds_was_never_lost()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await agent.Beat();
        registry.Real.Wait(TimeSpan.FromSeconds(10));
        await registry.Cut(agent);
        registry.Real.Wait(TimeSpan.FromSeconds(20));
        await Task.Delay(200, Cancel);
        await agent.Connect();
        await agent.Beat();
        await Task.Delay(200, Cancel);
        (await registry.Events(agent.NodeId)).ShouldNotContain("lost");
        (await registry.InDb(db => db.Outages.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_whose_stream_broke_is_lost_when_it_does_not_come_back_and_its_next_stream_ends_that()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await registry.Cut(agent);
        registry.Real.Wait(TimeSpan.FromSeconds(27));
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(0));
        registry.MoveClock(Registry.Noon.AddHours(1));
        await agent.Connect();
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).GpuCount.ShouldBe(8));
        (await registry.InDb(db => db.Outages.AsNoTracking().SingleAsync(Cancel))).ToTime.ShouldBe(Registry.Noon.AddHours(1));
    }

    [Fact]
    public async Task Nodes_that_come_back_to_a_registry_that_was_started_anew_were_not_lost_and_the_others_were()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var back = await registry.Verified();
        await using var gone = await registry.Verified();
        registry.MoveClock(Registry.Noon.AddMinutes(5));
        await back.Beat();
        await gone.Beat();
        await LiveRegistry.Eventually(async () =>
            (await registry.InDb(db => db.Agents.AsNoTracking().Select(agent => agent.LastSeenTime).ToListAsync(Cancel))).ShouldAllBe(seen => seen == Registry.Noon.AddMinutes(5)));

        back.Cut();
        gone.Cut();
        await registry.Restart();
        registry.MoveClock(Registry.Noon.AddMinutes(20));
        await back.Connect();
        await back.Beat();
        (await registry.Events(gone.NodeId)).ShouldNotContain("lost");

        // Who has not come after half a minute was away since before.
        registry.Real.Wait(TimeSpan.FromSeconds(15));
        await back.Beat();
        registry.Real.Wait(TimeSpan.FromSeconds(16));
        await back.Beat();
        await LiveRegistry.Eventually(async () => (await registry.Told(gone.NodeId)).GpuCount.ShouldBe(0));
        var outage = await registry.InDb(db => db.Outages.AsNoTracking().SingleAsync(Cancel));
        (outage.NodeId, outage.FromTime, outage.ToTime).ShouldBe((gone.NodeId, Registry.Noon.AddMinutes(5), null));
        (await registry.Events(back.NodeId)).ShouldNotContain("lost");
    }
}
