using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>How a host becomes a node.</summary>
public sealed class EnrolmentTests(PostgresServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_with_a_token_becomes_a_node_in_the_market_of_what_its_driver_reports()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = new TestAgent(registry, Hosts.H100());
        var answer = await agent.Enrol(await registry.Token(name: "rack 4"));

        answer.Market.ShouldBe(LiveRegistry.Market);
        answer.Name.ShouldBe("rack 4");
        var node = await registry.Node(agent.NodeId);
        node.ProviderId.ShouldBe(registry.Provider.ToString());
        node.State.ShouldBe(NodeState.Unverified);
        node.ProductClass.ShouldBe("H100-SXM-80GB");
        node.Country.ShouldBe("DE");
        node.Simulated.ShouldBeFalse();
        node.Inventory.ShouldBe(agent.Inventory);
        node.SellableGpuCount.ShouldBe(0);
        node.NotSellableReason.ShouldContain("not verified");
        node.LastTest.Occasion.ShouldBe("enrolment");
        (await registry.Events(agent.NodeId)).ShouldBe(["enrolled"]);
    }

    [Fact]
    public async Task The_same_token_with_the_same_key_is_answered_with_the_same_node_and_with_another_key_refused()
    {
        await using var registry = await LiveRegistry.Open(server);
        var token = await registry.Token();
        await using var agent = new TestAgent(registry, Hosts.H100());
        var first = await agent.Enrol(token);
        (await agent.Enrol(token)).ShouldBe(first);

        await using var other = new TestAgent(registry, Hosts.H100());
        await other.Enrol(token).ShouldBeRefused(StatusCode.PermissionDenied, "TOKEN_NOT_VALID");
        (await registry.InDb(db => db.Agents.CountAsync(Cancel))).ShouldBe(1);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 7 * 24)]
    public async Task A_token_for_which_no_time_was_asked_lives_an_hour_or_a_week_of_a_simulated_clock(bool simulated, int hours)
    {
        await using var registry = await LiveRegistry.Open(server, simulated: simulated);
        var before = registry.Clock.GetUtcNow();
        var answer = await registry.Door(door => door.CreateEnrolmentToken(new CreateEnrolmentTokenRequest { Region = "us-east" }, registry.AsProvider()));
        answer.ExpiresTime.ToDateTimeOffset().ShouldBeInRange(before.AddHours(hours), registry.Clock.GetUtcNow().AddHours(hours));
    }

    [Fact]
    public async Task A_token_past_its_time_or_made_up_is_refused_and_who_guesses_has_to_wait()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = new TestAgent(registry, Hosts.H100());
        var token = await registry.Token(minutes: 5);
        registry.MoveClock(Registry.Noon.AddMinutes(6));
        await agent.Enrol(token).ShouldBeRefused(StatusCode.PermissionDenied, "TOKEN_NOT_VALID");

        for (var guess = 1; guess < 10; guess++)
            await agent.Enrol($"cxn_{new string('a', 42)}{guess}").ShouldBeRefused(StatusCode.PermissionDenied, "TOKEN_NOT_VALID");
        await agent.Enrol($"cxn_{new string('b', 43)}").ShouldBeRefused(StatusCode.ResourceExhausted, "");
    }

    [Fact]
    public async Task Who_does_not_hold_the_key_or_says_nonsense_is_told_which_field_is_wrong()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = new TestAgent(registry, Hosts.H100());
        var token = await registry.Token();
        await agent.Enrol(token, request => request.Proof = ByteString.CopyFrom(new byte[64])).ShouldBeRefused(StatusCode.InvalidArgument, "proof");
        await agent.Enrol(token, request => request.PublicKey = ByteString.CopyFrom([1, 2, 3])).ShouldBeRefused(StatusCode.InvalidArgument, "public_key");
        await agent.Enrol(token, request => request.Inventory = null).ShouldBeRefused(StatusCode.InvalidArgument, "inventory");
        await agent.Enrol(token, request =>
        {
            request.Inventory = request.Inventory.Clone();
            request.Inventory.Gpus[1].Uuid = request.Inventory.Gpus[0].Uuid;
            request.Inventory.Gpus[2].MemoryBytes = 0;
        }).ShouldBeRefused(StatusCode.InvalidArgument, "inventory.gpus[2].memory_bytes,inventory.gpus");
        (await agent.Enrol(token)).Market.ShouldBe(LiveRegistry.Market);
    }

    [Fact]
    public async Task Hardware_of_no_class_or_of_one_that_is_not_traded_there_is_refused_and_the_token_stays_good()
    {
        await using var registry = await LiveRegistry.Open(server);
        var token = await registry.Token();
        await using var agent = new TestAgent(registry, Hosts.H100());
        var honest = agent.Inventory.Clone();

        foreach (var gpu in agent.Inventory.Gpus) gpu.Name = "NVIDIA GeForce GT 710";
        await agent.Enrol(token).ShouldBeRefused(StatusCode.FailedPrecondition, "CLASS_UNKNOWN");

        // It calls itself an H200 and has the memory of an H100.
        agent.Inventory = honest.Clone();
        foreach (var gpu in agent.Inventory.Gpus) gpu.Name = "NVIDIA H200";
        await agent.Enrol(token).ShouldBeRefused(StatusCode.FailedPrecondition, "CLASS_UNKNOWN");

        agent.Inventory = honest.Clone();
        foreach (var gpu in agent.Inventory.Gpus) (gpu.Name, gpu.MemoryBytes, gpu.PciDeviceId) = ("NVIDIA L40S", 46_068L << 20, "26B910DE");
        await agent.Enrol(token).ShouldBeRefused(StatusCode.FailedPrecondition, "MARKET_UNKNOWN");

        agent.Inventory = honest;
        (await agent.Enrol(token)).Market.ShouldBe(LiveRegistry.Market);
    }

    [Fact]
    public async Task An_inventory_file_stays_out_of_markets_for_real_ones_and_is_marked_where_it_may_stand()
    {
        await using var registry = await LiveRegistry.Open(server, simulated: false, "H100-SXM-80GB.sim-lab");
        await using var agent = new TestAgent(registry, Hosts.H100(origin: "inventory"));
        await agent.Enrol(await registry.Token()).ShouldBeRefused(StatusCode.FailedPrecondition, "SIMULATED_IN_REAL_MARKET");

        (await agent.Enrol(await registry.Token("sim-lab"))).Market.ShouldBe("H100-SXM-80GB.sim-lab");
        (await registry.Node(agent.NodeId)).Simulated.ShouldBeTrue();
        await LiveRegistry.Eventually(async () => (await registry.Told(agent.NodeId)).Traits.Simulated.ShouldBeTrue());
    }

    [Fact]
    public async Task A_token_is_kept_as_its_hash_alone_and_its_request_is_checked_field_by_field()
    {
        await using var registry = await LiveRegistry.Open(server);
        var token = await registry.Token();
        var kept = await registry.InDb(db => db.EnrolmentTokens.AsNoTracking().SingleAsync(Cancel));
        token.Split('.')[1].ShouldBe(System.Buffers.Text.Base64Url.EncodeToString(LiveRegistry.Pin));
        kept.TokenHash.ShouldBe(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));

        await registry.Door(door => door.CreateEnrolmentToken(
            new CreateEnrolmentTokenRequest { Region = "US East", Country = "Germany", Minutes = 1, Name = new string('x', 101) }, registry.AsProvider()))
            .ShouldBeRefused(StatusCode.InvalidArgument, "region,name,country,minutes");
        await registry.Door(door => door.CreateEnrolmentToken(new CreateEnrolmentTokenRequest { Region = "mars-1" }, registry.AsProvider()))
            .ShouldBeRefused(StatusCode.FailedPrecondition, "REGION_UNKNOWN");
    }
}
