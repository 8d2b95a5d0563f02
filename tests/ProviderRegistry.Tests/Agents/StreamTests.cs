using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>The stream of a node: who may open it, what is told once and for all, and what it learns.</summary>
public sealed class StreamTests(PostgresServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_nodes_own_key_opens_its_stream()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        await using var other = await registry.Enrolled();
        foreach (var token in new[]
        {
            agent.Token(key: other.Key), agent.Token(audience: "someone-else"), agent.Token(seconds: -31), agent.Token(seconds: 3_600),
            agent.Token(nodeId: Guid.NewGuid()), agent.Token(algorithm: "none"), "gibberish", "",
        })
        {
            agent.Begin(token);
            (await agent.End).ShouldNotBeNull().StatusCode.ShouldBe(StatusCode.Unauthenticated, token);
        }
        await agent.Connect();
        agent.Welcome.NodeId.ShouldBe(agent.NodeId.ToString());
        agent.Welcome.HeartbeatSeconds.ShouldBe(10);
    }

    [Fact]
    public async Task A_heartbeat_is_answered_with_the_time_and_what_it_says_of_the_GPUs_is_shown()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        registry.MoveClock(Registry.Noon.AddHours(1));
        var answer = await agent.Beat(new GpuSample { GpuIndex = 0, Healthy = true, TemperatureCelsius = 61 });
        answer.ClockTime.ToDateTimeOffset().ShouldBe(Registry.Noon.AddHours(1));
        (await registry.Node(agent.NodeId)).Samples.Single().TemperatureCelsius.ShouldBe(61);

        // On a simulated clock nobody has to ask for the time.
        registry.MoveClock(Registry.Noon.AddHours(2));
        var told = await agent.Next(message => message.Heartbeat);
        (told.Sequence, told.ClockTime.ToDateTimeOffset()).ShouldBe((0, Registry.Noon.AddHours(2)));
    }

    [Fact]
    public async Task The_first_message_is_a_hello_and_says_what_is_there()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        agent.Begin();
        await agent.Say(new ConnectRequest { Heartbeat = new AgentHeartbeat { Sequence = 1 } });
        (await agent.End).ShouldNotBeNull().Status.Detail.ShouldContain("hello");

        agent.Begin();
        var hello = agent.Hello();
        hello.Inventory = new NodeInventory { Origin = "nvml" };
        await agent.Say(new ConnectRequest { Hello = hello });
        (await agent.End).ShouldNotBeNull().Status.Detail.ShouldContain("hello.inventory.gpus");
    }

    [Fact]
    public async Task A_second_stream_of_a_node_ends_the_first()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Enrolled();
        await agent.Connect();
        var first = agent.End;
        await agent.Connect();
        (await first).ShouldBeNull();
        (await agent.Beat()).Sequence.ShouldBe(1);
        (await registry.Node(agent.NodeId)).Presence.ShouldBe(NodePresence.Online);
    }

    [Fact]
    public async Task Every_record_is_kept_once_in_its_order_however_often_and_in_whatever_order_it_comes()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await Deliver(registry, agent, 7);
        var readings = Enumerable.Range(0, 5).Select(minute => agent.Record(Reading(7, minute))).ToList();

        // The third before the second: it is asked for again.
        await agent.Tell(readings[0]);
        await agent.Say(new ConnectRequest { Record = readings[2] });
        (await agent.Next(message => message.RecordsKept)).ThroughNumber.ShouldBe(readings[0].Number);
        await agent.Say(new ConnectRequest { Record = readings[0] });
        await agent.Say(new ConnectRequest { Record = readings[1] });
        await agent.Tell(readings[2]);

        agent.Cut();
        await agent.Connect();
        agent.Welcome.LastRecordNumber.ShouldBe(readings[2].Number);
        foreach (var record in readings) await agent.Say(new ConnectRequest { Record = record });
        await agent.Next(message => message.RecordsKept?.ThroughNumber == readings[4].Number ? message : null);

        var kept = await registry.InDb(db => db.MeterReadings.AsNoTracking().OrderBy(reading => reading.Number).ToListAsync(Cancel));
        kept.Select(reading => reading.Number).ShouldBe(readings.Select(record => record.Number));
        kept.ShouldAllBe(reading => reading.HealthyGpuSeconds == 480 && reading.DeliveryId == 7);
    }

    [Fact]
    public async Task A_record_that_the_node_did_not_sign_is_not_kept()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await Deliver(registry, agent, 7);
        var record = agent.Record(Reading(7, 0));
        record.Meter.HealthyGpuSeconds++;
        await agent.Say(new ConnectRequest { Record = record });
        (await agent.End).ShouldNotBeNull().Status.Detail.ShouldContain("record.signature");
        (await registry.InDb(db => db.MeterReadings.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task Readings_that_cannot_be_true_and_those_of_other_nodes_deliveries_count_for_nothing()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await using var other = await registry.Verified();
        await Deliver(registry, agent, 7);
        var tooMuch = Reading(7, 0);
        tooMuch.HealthyGpuSeconds = 1_000;
        await agent.Tell(agent.Record(tooMuch));
        await other.Tell(other.Record(Reading(7, 0)));
        await agent.Tell(agent.Record(Reading(8, 0)));
        (await registry.InDb(db => db.MeterReadings.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_is_told_what_is_wanted_of_it_with_secrets_that_stand_nowhere_else()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await Deliver(registry, agent, 7, new Workload { Image = "pytorch/pytorch:2.5", Environment = { ["HF_TOKEN"] = "hf_verysecret" } });

        await agent.Next(message => message.Desired?.Deliveries.Count == 1 ? message : null);
        var wanted = agent.Desired.Deliveries.Single();
        (wanted.DeliveryId, wanted.BuyerId, wanted.GpuUuids.Count).ShouldBe((7, Guid.Empty.ToString(), 8));
        wanted.Workload.Environment["HF_TOKEN"].ShouldBe("hf_verysecret");
        var kept = await registry.InDb(db => db.Workloads.AsNoTracking().SingleAsync(Cancel));
        foreach (var bytes in new[] { kept.Spec, kept.Sealed }) System.Text.Encoding.UTF8.GetString(bytes).ShouldNotContain("verysecret");

        // What was wanted while the line was down is there when it is up again.
        agent.Cut();
        await Deliver(registry, agent, 9);
        await agent.Connect();
        agent.Desired.Deliveries.Select(delivery => delivery.DeliveryId).ShouldBe([7, 9]);
    }

    [Fact]
    public async Task What_a_workload_prints_is_kept_by_its_position_and_not_beyond_its_room()
    {
        await using var registry = await LiveRegistry.Open(server);
        await using var agent = await registry.Verified();
        await Deliver(registry, agent, 7);

        (await Print(agent, 0, "hello "u8.ToArray())).ShouldBe(6);
        (await Print(agent, 10, "too early"u8.ToArray())).ShouldBe(6);
        (await Print(agent, 3, "lo world"u8.ToArray())).ShouldBe(11);
        (await Print(agent, 0, "hello "u8.ToArray())).ShouldBe(11);
        (await Text(registry)).ShouldBe("hello world");

        var part = new byte[1024 * 1024];
        Array.Fill(part, (byte)'x');
        var through = 11L;
        for (var i = 0; i < 6; i++)
        {
            through += part.Length;
            (await Print(agent, through - part.Length, part)).ShouldBe(through);
        }
        var text = await Text(registry);
        text.Length.ShouldBeLessThan((4 * 1024 * 1024) + 100);
        text.ShouldEndWith("xxx\n[The rest was left out: 4 MiB of a delivery's log are kept.]\n");
    }

    private static async Task<long> Print(TestAgent agent, long offset, byte[] text)
    {
        await agent.Say(new ConnectRequest { Log = new AgentLog { DeliveryId = 7, Offset = offset, Text = ByteString.CopyFrom(text) } });
        return (await agent.Next(message => message.LogKept)).ThroughOffset;
    }

    private static async Task<string> Text(LiveRegistry registry) =>
        string.Concat((await registry.InDb(db => db.DeliveryLogs.AsNoTracking().OrderBy(part => part.Offset).ToListAsync(Cancel))).Select(part => System.Text.Encoding.UTF8.GetString(part.Text)));

    private static MeterReading Reading(long deliveryId, int minute) => new()
    {
        DeliveryId = deliveryId,
        FromTime = Registry.Noon.AddMinutes(minute).ToTimestamp(),
        ToTime = Registry.Noon.AddMinutes(minute + 1).ToTimestamp(),
        HealthyGpuSeconds = 480,
        UtilisationPercent = 97,
    };

    /// <summary>A delivery that runs on the node's GPUs, as its life's own tests bring it about.</summary>
    private static Task Deliver(LiveRegistry registry, TestAgent agent, long deliveryId, Workload? workload = null) => registry.InDb(async db =>
    {
        var workloadId = workload is null ? (Guid?)null : Guid.NewGuid();
        if (workload is not null)
        {
            db.Workloads.Add(new WorkloadRow
            {
                WorkloadId = workloadId!.Value,
                BuyerId = Guid.Empty,
                LeaseId = deliveryId,
                BidId = 0,
                Spec = workload.Shown().ToByteArray(),
                Sealed = registry.Service<Secrets>().SealEnvironment(workload, workloadId.Value),
                SetTime = Registry.Noon,
            });
        }
        db.Deliveries.Add(new DeliveryRow
        {
            DeliveryId = deliveryId,
            NodeId = agent.NodeId,
            ProviderId = registry.Provider,
            BuyerId = Guid.Empty,
            GpuCount = 8,
            GpuUuids = [.. agent.Inventory.Gpus.Select(gpu => gpu.Uuid)],
            FromTime = Registry.Noon,
            ToTime = Registry.Noon.AddHours(4),
            WorkloadId = workloadId,
        });
        await db.SaveChangesAsync(Cancel);
        await db.WantAnew([agent.NodeId], Cancel);
    });
}
