using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>From a host with GPUs to a job that ran on them and was paid for: a real agent, a real exchange, and a file that stands for the GPUs.</summary>
public class DeliveryTests
{
    private const string Secret = "correct-horse-battery-staple";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hosts_idle_GPUs_are_found_sold_and_used_and_what_was_delivered_is_paid_for_also_when_agent_and_exchange_are_killed()
    {
        await using var host = await RunningHost.Start();
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        var (provider, buyer) = await Open(story);

        // The host is enrolled with what the exchange says to type, is tested, and is believed.
        await using var agent = await RunningAgent.WithEightH100();
        var token = await provider.Nodes.CreateEnrolmentTokenAsync(new CreateEnrolmentTokenRequest { Region = "us-east", Name = "rack 1", Country = "US" }, cancellationToken: Cancel);
        await agent.Enrol(token.AgentAddress, token.Token);
        agent.Run();
        var node = await Until(
            async () => (await provider.Registry.ListNodesAsync(new ListNodesRequest(), cancellationToken: Cancel)).Nodes.SingleOrDefault(),
            found => found?.State == NodeState.Verified && found.Presence == NodePresence.Online, agent, host);
        node!.Market.ShouldBe(Story.Market);
        node.ProductClass.ShouldBe("H100-SXM-80GB");
        node.Simulated.ShouldBeTrue("A file stands for its hardware, and everyone is told.");

        // Its policy offers what is idle, by itself.
        await provider.Nodes.SetNodePolicyAsync(new SetNodePolicyRequest
        {
            NodeId = node.NodeId,
            Policy = new NodePolicy { Enabled = true, FirmFloorMicrosPerGpuHour = 2_000_000, InterruptibleFloorMicrosPerGpuHour = 1_000_000, HorizonSlotCount = 12 },
        }, cancellationToken: Cancel);
        await Until(
            async () => (await provider.OrderBook.ListOffersAsync(new ListOffersRequest(), cancellationToken: Cancel)).Offers.Sum(offer => offer.GpuCount),
            offered => offered == 8, agent, host);

        // A buyer finds it, bids for a part of it, and says what is to run.
        var found = await buyer.Search.SearchCapacityAsync(new SearchCapacityRequest { Filter = "class = H100-SXM-80GB and gpus >= 4 and verified and nvlink", HourCount = 2 }, cancellationToken: Cancel);
        found.Capacities.ShouldHaveSingleItem().NodeId.ShouldBe(node.NodeId);
        var bid = new PlaceBidRequest
        {
            RequestId = Story.Id("delivered bid"), Kind = BidKind.Block, GpuCount = 4, RunSlotCount = 2, LimitMicrosPerGpuHour = 2_500_000, Confirm = true,
            FromTime = Story.Start.AddHours(1).ToTimestamp(), ToTime = Story.Start.AddHours(3).ToTimestamp(), Where = "verified and nvlink and country = US",
        };
        bid.Markets.Add(Story.Market);
        var placed = await buyer.OrderBook.PlaceBidAsync(bid, cancellationToken: Cancel);
        var workload = new Workload { Command = { "/bin/sh", "-c", "echo started on $CUDA_VISIBLE_DEVICES; echo the secret is $TOKEN; exec sleep 100000" } };
        workload.Environment.Add("TOKEN", Secret);
        await buyer.Deliveries.SetWorkloadAsync(new SetWorkloadRequest { WorkloadId = Story.Id("workload"), BidId = placed.Bid.BidId, Workload = workload }, cancellationToken: Cancel);
        await story.MoveClock(Story.Start.AddMinutes(30));
        var lease = (await buyer.Registry.ListLeasesAsync(new ListLeasesRequest(), cancellationToken: Cancel)).Leases.ShouldHaveSingleItem();

        // It starts in time, on four GPUs of the node, and its secret is not in what it printed.
        await story.MoveClock(Story.Start.AddMinutes(52));
        await Until(async () => await Delivery(buyer, lease), delivery => delivery.GpuUuids.Count == 4, agent, host);
        await story.MoveClock(Story.Start.AddHours(1));
        var active = await Until(async () => await Delivery(buyer, lease), delivery => delivery.Phase == DeliveryPhase.Active, agent, host);
        var log = await Until(async () => await Log(buyer, lease), text => text.Contains("the secret is", StringComparison.Ordinal), agent, host);
        log.ShouldContain("started on " + string.Join(',', active.GpuUuids));
        log.ShouldContain("the secret is ***");
        log.ShouldNotContain(Secret);

        // The agent is killed and goes on with the same process; the exchange is killed and goes on with the same lease.
        await agent.KillHard();
        agent.Run();
        await story.MoveClock(Story.Start.AddMinutes(90));
        await host.KillHard();
        await host.StartAgain();
        await Until(
            async () => (await story.Ask(() => provider.Registry.ListNodesAsync(new ListNodesRequest(), cancellationToken: Cancel).ResponseAsync)).Nodes.Single(),
            back => back.Presence == NodePresence.Online, agent, host);
        (await Delivery(buyer, lease)).Phase.ShouldBe(DeliveryPhase.Active);

        // It ends at its time, leaves nothing behind, and both meters agree.
        await story.MoveClock(Story.Start.AddHours(2).AddMinutes(30));
        await Task.Delay(TimeSpan.FromSeconds(3), Cancel);
        await story.MoveClock(Story.Start.AddHours(3).AddMinutes(1));
        var ended = await Until(async () => await Delivery(buyer, lease), delivery => delivery.Phase == DeliveryPhase.Ended && delivery.Removed && delivery.Meters.All(meter => meter.HasDeliveredGpuSeconds), agent, host);
        ended.CloseReason.ShouldBe(DeliveryCloseReason.Completed);
        foreach (var meter in ended.Meters) meter.DeliveredGpuSeconds.ShouldBe(4 * 3_600, $"{meter.Resolution}\n{agent.Printed}");
        (await Log(buyer, lease)).Split("started on").Length.ShouldBe(2, "It was started once, and went on when the agent was killed.");

        // The money follows.
        await story.MoveClock(Story.Start.AddHours(26));
        var payout = (await story.Ask(() => provider.Settlement.ListPayoutsAsync(new ListPayoutsRequest(), cancellationToken: Cancel).ResponseAsync)).Payouts.ShouldHaveSingleItem();
        payout.AmountMicros.ShouldBe(2_000_000L * 8 * 9_985 / 10_000, "Half of what was offered was sold, so the price is the floor.");
        await story.BooksAreExact();
        Directory.GetFiles(host.Folder, "*.log", SearchOption.AllDirectories).ShouldAllBe(file => !ReadShared(file).Contains(Secret, StringComparison.Ordinal));
        agent.Printed.ShouldNotContain(Secret);
    }

    /// <summary>A market, a provider and a buyer with money.</summary>
    private static async Task<(ExchangeClient Provider, ExchangeClient Buyer)> Open(Story story)
    {
        await story.MoveClock(Story.Start);
        await story.Ask(() => story.Operator.Markets.DefineMarketAsync(new DefineMarketRequest
        {
            RequestId = Story.Id("market"), Market = new DefineMarket { Market = Story.Market, State = MarketState.Open },
        }, cancellationToken: Cancel).ResponseAsync);
        var settings = (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = 1_800;
        await story.Ask(() => story.Operator.Markets.ChangeSettingsAsync(new ChangeSettingsRequest { RequestId = Story.Id("settings"), Settings = settings }, cancellationToken: Cancel).ResponseAsync);
        await story.Admit("rack owner", Role.Provider);
        await story.Admit("trainer", Role.Buyer);
        foreach (var name in (string[])["rack owner", "trainer"])
            await story.Ask(() => story.Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Story.Id("deposit", name), ParticipantId = Story.Id("participant", name), AmountMicros = 500 * Money.MicrosPerDollar,
            }, cancellationToken: Cancel).ResponseAsync);
        var both = (await story.As("rack owner"), await story.As("trainer"));
        await story.MoveClock(Story.Start);
        return both;
    }

    private static async Task<Delivery> Delivery(ExchangeClient buyer, Lease lease) =>
        (await buyer.Deliveries.GetDeliveryAsync(new GetDeliveryRequest { LeaseId = lease.LeaseId }, cancellationToken: Cancel)).Delivery;

    private static async Task<string> Log(ExchangeClient buyer, Lease lease) =>
        (await buyer.Deliveries.ReadDeliveryLogAsync(new ReadDeliveryLogRequest { LeaseId = lease.LeaseId }, cancellationToken: Cancel)).Text;

    private static async Task<T> Until<T>(Func<Task<T>> ask, Func<T, bool> isSo, RunningAgent agent, RunningHost host)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var now = await ask();
            if (isSo(now)) return now;
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"It did not come to be so, but is: {now}\nThe agent printed:\n{agent.Printed}\nThe exchange printed:\n{host.Printed}");
            await Task.Delay(200, Cancel);
        }
    }

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
