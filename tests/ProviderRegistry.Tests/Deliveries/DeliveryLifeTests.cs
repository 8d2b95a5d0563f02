using ComputeExchange.Access.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>What becomes of leases on a node with an agent, from the gate to the last meter.</summary>
public sealed class DeliveryLifeTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = DeliveryWorld.Noon;
    private static readonly DateTimeOffset One = Noon.AddHours(1);

    private DeliveryWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await DeliveryWorld.Open(database);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_lease_gets_its_GPUs_at_the_gate_runs_is_metered_by_both_sides_and_ends()
    {
        await _world.Paid(7, gpus: 4, One, hours: 1);
        await _world.RunAt(One.AddMinutes(-11));
        (await _world.Delivery(7)).GpuUuids.ShouldBeEmpty();
        var before = await _world.Revision();
        await _world.RunAt(One.AddMinutes(-10));
        (await _world.Delivery(7)).GpuUuids.ShouldBe(["GPU-0", "GPU-1", "GPU-2", "GPU-3"]);
        (await _world.Revision()).ShouldBeGreaterThan(before, "the node must learn of it");

        await _world.RunAt(One);
        await _world.IsActive(7);
        (await _world.Delivery(7)).Phase.ShouldBe(DeliveryPhase.Active);
        await _world.Measures(7, One, One.AddHours(1), healthy: 4);
        await _world.RunAt(One.AddHours(1));

        var delivery = await _world.Delivery(7);
        (delivery.Phase, delivery.CloseReason).ShouldBe((DeliveryPhase.Ended, DeliveryCloseReason.Completed));
        var meter = delivery.Meters.ShouldHaveSingleItem();
        (meter.AgentGpuSeconds, meter.RegistryGpuSeconds, meter.DeliveredGpuSeconds).ShouldBe((14_400, 14_400, 14_400));
        (await _world.Told()).ShouldBe(["metered 7.0 14400/14400", "ended 7 whole"]);
    }

    [Fact]
    public async Task The_smaller_figure_counts_and_the_sentence_says_how()
    {
        await Running(7, hours: 1);
        await _world.Measures(7, One, One.AddMinutes(59));
        await _world.Measures(7, One.AddMinutes(59), One.AddHours(1), healthy: 0);
        await _world.RunAt(One.AddHours(1));
        (await _world.Told())[0].ShouldBe("metered 7.0 28320/28800 unnotified 480");
        (await _world.Delivery(7)).Meters[0].Resolution.ShouldBe("Agent 28,320, exchange 28,800 of 28,800 GPU-seconds sold: the smaller counts, the agent's.");
    }

    [Fact]
    public async Task A_time_in_which_the_node_was_not_heard_of_is_not_delivered_whatever_its_agent_measured()
    {
        await Running(7, hours: 1);
        await _world.Measures(7, One, One.AddHours(1));
        await _world.InTransaction(db =>
        {
            db.Outages.Add(new OutageRow { NodeId = _world.Node, FromTime = One.AddMinutes(10), ToTime = One.AddMinutes(12) });
            return Task.CompletedTask;
        });
        await _world.RunAt(One.AddHours(1));
        (await _world.Told())[0].ShouldBe($"metered 7.0 {28_800 - (8 * 120)}/28800 unnotified 960");
    }

    [Fact]
    public async Task A_slot_waits_for_the_nodes_last_readings_and_then_no_longer()
    {
        await Running(7, hours: 1);
        await _world.Measures(7, One, One.AddMinutes(30));
        await _world.RunAt(One.AddHours(1));
        await _world.RunAt(One.AddMinutes(69));
        (await _world.Told()).ShouldBeEmpty();
        await _world.RunAt(One.AddMinutes(71));
        (await _world.Told()).ShouldBeEmpty("no time has passed really: the node could not answer");
        _world.Real.Pass(DeliveryRules.RealPatience);
        await _world.Run();
        (await _world.Told())[0].ShouldStartWith("metered 7.0 14400/28800");
    }

    [Fact]
    public async Task A_lost_node_fails_its_leases_and_the_rest_is_metered_and_bid_for_again()
    {
        await Running(7, hours: 4);
        await _world.Door(door => door.SetRebid(
            new SetRebidRequest { LeaseId = 7, Enabled = true, LimitMicrosPerGpuHour = 2_500_000 }, DoorCall.Of(_world.Buyer, Role.Buyer)));
        await _world.Measures(7, One, One.AddMinutes(70));
        await _world.RunAt(One.AddMinutes(70));
        await _world.IsLost(One.AddMinutes(70));
        await _world.RunAt(One.AddMinutes(74));
        (await _world.Delivery(7)).Phase.ShouldBe(DeliveryPhase.Active, "in real time no minute has passed");

        _world.Real.Pass(DeliveryRules.RealLostGrace);
        await _world.Run();
        var delivery = await _world.Delivery(7);
        (delivery.Phase, delivery.CloseReason).ShouldBe((DeliveryPhase.Failed, DeliveryCloseReason.NodeLost));
        (await _world.Told()).ShouldBe(
        [
            "metered 7.0 28800/28800", "metered 7.1 4800/28800 unnotified 24000", "metered 7.2 0/28800 unnotified 28800", "metered 7.3 0/28800 unnotified 6720", "ended 7 short",
        ]);

        var bid = (await _world.Asked()).ShouldHaveSingleItem().PlaceBid;
        (bid.Kind, bid.GpuCount, bid.NodeGpuCount, bid.ReplacesLeaseId, bid.LimitMicrosPerGpuHour).ShouldBe((BidKind.Block, 8, 8, 7L, 2_500_000L));
        (bid.FromTime.ToDateTimeOffset(), bid.ToTime.ToDateTimeOffset(), bid.RunSlotCount).ShouldBe((One.AddHours(1), One.AddHours(4), 3));

        await _world.Run();
        (await _world.Told()).Count.ShouldBe(5, "nothing is metered twice");
        (await _world.Asked()).Count.ShouldBe(1, "nothing is bid for twice");
    }

    [Fact]
    public async Task What_was_bought_in_place_of_a_failed_lease_runs_the_same_workload_and_is_bid_for_again_too()
    {
        await Running(7, hours: 2);
        await SetWorkload(lease: 7);
        await _world.Door(door => door.SetRebid(new SetRebidRequest { LeaseId = 7, Enabled = true, LimitMicrosPerGpuHour = 2_000_000 }, DoorCall.Of(_world.Buyer, Role.Buyer)));
        await Fails(7, DeliveryCloseReason.GpuFailed, One.AddMinutes(5));
        await _world.InTransaction(db => Rebid.Placed(
            db, new BidPlaced { BidId = 99, Bid = new PlaceBid { BuyerId = _world.Buyer.ToString(), ReplacesLeaseId = 7 } }, _world.Clock.Now, TestContext.Current.CancellationToken));
        await _world.Paid(8, gpus: 8, One.AddHours(1), hours: 1, bid: 99);

        var replacement = await _world.Delivery(8);
        replacement.Workload.Command.ShouldBe(["train.sh"]);
        replacement.RebidLimitMicrosPerGpuHour.ShouldBe(2_000_000);
    }

    [Fact]
    public async Task A_bid_for_the_rest_that_the_engine_refuses_is_told_to_the_buyer()
    {
        await Running(7, hours: 2);
        await _world.Door(door => door.SetRebid(new SetRebidRequest { LeaseId = 7, Enabled = true, LimitMicrosPerGpuHour = 2_000_000 }, DoorCall.Of(_world.Buyer, Role.Buyer)));
        await Fails(7, DeliveryCloseReason.GpuFailed, One.AddMinutes(5));
        var command = await _world.InDb(db => db.EngineCommands.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken));
        await _world.InTransaction(db => Rebid.Refused(
            db, new CommandRefused { CommandId = command.CommandId.ToString(), Message = "2.00 is free: deposit." }, _world.Clock.Now, TestContext.Current.CancellationToken));
        (await _world.Delivery(7)).Events[^1].Message.ShouldBe("The rest was not bid for again: 2.00 is free: deposit.");
    }

    [Fact]
    public async Task A_failed_GPU_ends_the_delivery_at_once_and_what_was_delivered_until_then_counts()
    {
        await Running(7, hours: 2);
        await _world.Measures(7, One, One.AddMinutes(20));
        await Fails(7, DeliveryCloseReason.GpuFailed, One.AddMinutes(20));
        var delivery = await _world.Delivery(7);
        (delivery.Phase, delivery.CloseReason).ShouldBe((DeliveryPhase.Failed, DeliveryCloseReason.GpuFailed));
        (await _world.Told()).ShouldBe(["metered 7.0 9600/28800 unnotified 19200", "metered 7.1 0/28800 unnotified 28800", "ended 7 short"]);
        (await _world.Called()).ShouldBeEmpty("nobody asked to be called");
    }

    [Fact]
    public async Task What_never_became_active_within_ten_minutes_could_not_be_provided()
    {
        await _world.Paid(7, gpus: 8, One, hours: 1);
        await _world.RunAt(One);
        await _world.RunAt(One.AddMinutes(10));
        (await _world.Delivery(7)).Phase.ShouldBe(DeliveryPhase.Scheduled);
        _world.Real.Pass(DeliveryRules.RealPatience);
        await _world.Run();
        (await _world.Delivery(7)).CloseReason.ShouldBe(DeliveryCloseReason.ProvisionFailed);
        (await _world.Told()).ShouldBe(["metered 7.0 0/28800 unnotified 28800", "ended 7 short"]);
    }

    [Fact]
    public async Task A_reclaimed_delivery_gets_its_notice_and_what_was_announced_two_hours_ahead_is_told_apart()
    {
        await Running(7, hours: 5);
        var reclaim = new ReclaimLeaseRequest { LeaseId = 7, Reason = "the rack moves" };
        await _world.Door(door => door.ReclaimLease(reclaim, DoorCall.Of(_world.Buyer, Role.Provider))).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        var told = (await _world.Door(door => door.ReclaimLease(reclaim, DoorCall.Of(_world.Provider, Role.Provider)))).Delivery;
        told.InterruptTime.ToDateTimeOffset().ShouldBe(One.AddHours(1), "an hour is what a provider gives who said nothing else");
        (await _world.Delivery(7)).Phase.ShouldBe(DeliveryPhase.Interrupting);

        await _world.Measures(7, One, One.AddHours(1));
        await _world.RunAt(One.AddHours(1));
        (await _world.Delivery(7)).CloseReason.ShouldBe(DeliveryCloseReason.Reclaimed);
        (await _world.Told()).ShouldBe(
        [
            "metered 7.0 28800/28800", "metered 7.1 0/28800 unnotified 28800", "metered 7.2 0/28800", "metered 7.3 0/28800", "metered 7.4 0/28800", "ended 7 short",
        ]);
    }

    [Fact]
    public async Task A_reclaim_whose_notice_is_longer_than_the_delivery_is_refused()
    {
        await Running(7, hours: 1);
        _world.Clock.Now = One.AddMinutes(5);
        await _world.Door(door => door.ReclaimLease(new ReclaimLeaseRequest { LeaseId = 7, Reason = "mine" }, DoorCall.Of(_world.Provider, Role.Provider)))
            .ShouldBeRefused(StatusCode.FailedPrecondition, "ENDS_BEFORE_NOTICE");
    }

    [Fact]
    public async Task A_suspended_node_gives_its_buyers_the_least_notice()
    {
        await Running(7, hours: 2);
        await _world.InTransaction(async db =>
        {
            var agent = await db.Agents.SingleAsync(TestContext.Current.CancellationToken);
            (agent.Standing, agent.StandingReason) = (NodeStanding.Suspended, "The same GPU is on another node.");
        });
        await _world.Run();
        (await _world.Delivery(7)).InterruptTime.ToDateTimeOffset().ShouldBe(_world.Clock.Now + DeliveryRules.LeastNotice);
        await _world.RunAt(One.AddMinutes(2));
        (await _world.Delivery(7)).CloseReason.ShouldBe(DeliveryCloseReason.NodeSuspended);
    }

    [Fact]
    public async Task A_buyer_who_ends_a_delivery_pays_all_of_it()
    {
        await Running(7, hours: 2);
        await _world.Measures(7, One, One.AddMinutes(20));
        _world.Clock.Now = One.AddMinutes(20);
        var end = new EndDeliveryRequest { LeaseId = 7 };
        (await _world.Door(door => door.EndDelivery(end, DoorCall.Of(_world.Buyer, Role.Buyer)))).Delivery.CloseReason.ShouldBe(DeliveryCloseReason.BuyerEnded);
        (await _world.Door(door => door.EndDelivery(end, DoorCall.Of(_world.Buyer, Role.Buyer)))).Delivery.Phase.ShouldBe(DeliveryPhase.Ended);
        await _world.RunAt(One.AddHours(1));
        await _world.RunAt(One.AddHours(2));
        (await _world.Told()).ShouldBe(["metered 7.0 28800/28800", "metered 7.1 28800/28800", "ended 7 whole"]);
    }

    [Fact]
    public async Task A_lease_that_extends_another_goes_on_with_what_runs()
    {
        await Running(7, hours: 1);
        _world.Engine = request => new SubmitResponse { Events = { new EngineEvent { BidPlaced = new BidPlaced { BidId = 55, Bid = request.Command.PlaceBid } } } };
        BidPlaced placed = null!;
        var engine = _world.Engine;
        _world.Engine = request =>
        {
            var answer = engine(request);
            placed = answer.Events[0].BidPlaced;
            return answer;
        };
        var asked = new ExtendLeaseRequest { RequestId = Guid.NewGuid().ToString(), LeaseId = 7, SlotCount = 2, LimitMicrosPerGpuHour = 3_000_000 };
        var answer = await _world.Door(door => door.ExtendLease(asked, DoorCall.Of(_world.Buyer, Role.Buyer)));
        (answer.Accepted, answer.BidId).ShouldBe((true, 55L));
        placed.Bid.Needs.NodeIds.ShouldBe([_world.Node.ToString()]);
        (placed.Bid.FromTime.ToDateTimeOffset(), placed.Bid.RunSlotCount, placed.Bid.ExtendsLeaseId).ShouldBe((One.AddHours(1), 2, 7L));

        await _world.InTransaction(db => Rebid.Placed(db, placed, _world.Clock.Now, TestContext.Current.CancellationToken));
        await _world.Paid(8, gpus: 8, One.AddHours(1), hours: 2, bid: 55);
        var delivery = await _world.Delivery(8);
        (delivery.DeliveryId, delivery.ToTime.ToDateTimeOffset()).ShouldBe((7L, One.AddHours(3)));

        await _world.Measures(7, One, One.AddHours(2));
        await _world.RunAt(One.AddHours(2));
        (await _world.Delivery(7)).Phase.ShouldBe(DeliveryPhase.Active);
        (await _world.Told()).ShouldBe(["metered 7.0 28800/28800", "ended 7 whole", "metered 8.0 28800/28800"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_hour_of_the_same_standing_bid_goes_on_whichever_is_heard_first(bool paidFirst)
    {
        await Running(7, hours: 1, bid: 50);
        if (paidFirst)
        {
            await _world.Paid(8, gpus: 8, One.AddHours(1), hours: 1);
            (await _world.Delivery(8)).DeliveryId.ShouldBe(8);
            await _world.Sold(8, bid: 50, gpus: 8, One.AddHours(1));
        }
        else await _world.Paid(8, gpus: 8, One.AddHours(1), hours: 1, bid: 50);
        (await _world.Delivery(8)).DeliveryId.ShouldBe(7);
        (await _world.Delivery(7)).LeaseIds.ShouldBe([7L, 8L]);
    }

    [Fact]
    public async Task Of_a_standing_bid_that_keeps_a_part_only_the_rest_is_interrupted()
    {
        await _world.Paid(7, gpus: 4, One, hours: 1, bid: 50);
        await _world.Paid(8, gpus: 2, One, hours: 1, bid: 50);
        await _world.RunAt(One);
        await _world.IsActive(7);
        await _world.IsActive(8);
        await _world.Sold(9, bid: 50, gpus: 4, One.AddHours(1));
        await _world.InTransaction(db => Interrupt.Standing(
            db, new StandingInterrupted
            {
                BidId = 50, BuyerId = _world.Buyer.ToString(), EndTime = One.AddHours(1).ToTimestamp(), HeldGpuCount = 6, KeptGpuCount = 4, Reason = InterruptionReason.Outbid,
            },
            One.AddMinutes(50), TestContext.Current.CancellationToken));
        (await _world.Delivery(7)).InterruptTime.ShouldBeNull();
        var interrupted = await _world.Delivery(8);
        (interrupted.Phase, interrupted.InterruptReason, interrupted.InterruptTime.ToDateTimeOffset())
            .ShouldBe((DeliveryPhase.Interrupting, DeliveryCloseReason.Outbid, One.AddHours(1)));
        await _world.Measures(8, One, One.AddHours(1), healthy: 2);
        await _world.RunAt(One.AddHours(1));
        (await _world.Delivery(8)).CloseReason.ShouldBe(DeliveryCloseReason.Outbid);
        (await _world.Told()).ShouldContain("metered 8.0 7200/7200");
    }

    [Fact]
    public async Task A_part_that_is_sold_on_takes_its_GPUs_and_gives_them_back_and_both_are_metered_by_what_ran()
    {
        var other = Guid.Parse("22222222-0000-0000-0000-000000000002");
        await Running(7, hours: 3);
        await _world.Paid(8, gpus: 3, One.AddHours(1), hours: 1, resoldFrom: 7, buyer: other);
        await _world.RunAt(One.AddMinutes(50));
        (await _world.Delivery(8, other)).GpuUuids.Count.ShouldBe(3);
        await _world.RunAt(One.AddHours(1));
        (await _world.Delivery(7)).GpuUuids.Count.ShouldBe(5);
        (await _world.Delivery(7)).GpuUuids.Intersect((await _world.Delivery(8, other)).GpuUuids).ShouldBeEmpty();
        await _world.IsActive(8);
        await _world.Measures(7, One, One.AddHours(1));
        await _world.Measures(7, One.AddHours(1), One.AddHours(2), healthy: 5);
        await _world.Measures(8, One.AddHours(1), One.AddMinutes(90), healthy: 3);
        await _world.Measures(8, One.AddMinutes(90), One.AddHours(2), healthy: 0);
        await _world.RunAt(One.AddHours(2));
        await _world.Run();
        (await _world.Delivery(7)).GpuUuids.Count.ShouldBe(8);
        (await _world.Told()).Skip(1).ShouldBe(
        [
            $"metered 7.1 {28_800 - 5_400}/28800 unnotified 5400", $"metered 8.0 {10_800L * 23_400 / 28_800}/10800 unnotified 2025", "ended 8 short",
        ]);
    }

    [Fact]
    public async Task A_buyer_who_sold_all_of_it_on_has_nothing_left_and_the_node_is_paid_for_what_the_other_got()
    {
        var other = Guid.Parse("22222222-0000-0000-0000-000000000002");
        await Running(7, hours: 2);
        await _world.Measures(7, One, One.AddHours(1));
        await _world.Paid(8, gpus: 8, One.AddHours(1), hours: 1, resoldFrom: 7, buyer: other);
        await _world.RunAt(One.AddHours(1));
        await _world.Run();
        (await _world.Delivery(7)).CloseReason.ShouldBe(DeliveryCloseReason.Resold);
        await _world.IsActive(8);
        await _world.Measures(8, One.AddHours(1), One.AddHours(2));
        await _world.RunAt(One.AddHours(2));
        (await _world.Told()).ShouldBe(["metered 7.0 28800/28800", "metered 7.1 28800/28800", "ended 7 whole", "metered 8.0 28800/28800", "ended 8 whole"]);
    }

    [Fact]
    public async Task GPUs_that_another_lease_has_or_that_are_ill_are_not_given_away()
    {
        await _world.InTransaction(async db => (await db.Gpus.SingleAsync(gpu => gpu.GpuIndex == 1, TestContext.Current.CancellationToken)).Healthy = false);
        await _world.Paid(7, gpus: 2, One, hours: 2);
        await _world.Paid(8, gpus: 4, One.AddHours(1), hours: 1);
        await _world.RunAt(One);
        await _world.RunAt(One.AddMinutes(55));
        (await _world.Delivery(7)).GpuUuids.ShouldBe(["GPU-0", "GPU-2"]);
        (await _world.Delivery(8)).GpuUuids.ShouldBe(["GPU-3", "GPU-4", "GPU-5", "GPU-6"]);
    }

    [Fact]
    public async Task What_an_agent_measures_is_neither_reported_by_hand_nor_counted_as_unreported()
    {
        await Running(7, hours: 1);
        (await _world.Report(7, 0, 28_800)).ShouldBeOfType<Meters.ReportMeterOutcome.ByAgent>();
        await _world.RunJob(One.AddHours(3));
        (await _world.Told()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_loop_does_what_is_due_and_leases_are_listed_with_where_their_delivery_stands()
    {
        await _world.Paid(7, gpus: 8, One, hours: 1);
        _world.Clock.Now = One;
        await _world.Loop();
        await _world.IsActive(7);
        var lease = (await _world.Leases()).ShouldHaveSingleItem();
        (lease.DeliveryId, lease.Phase, lease.State).ShouldBe((7L, DeliveryPhase.Active, V1.LeaseState.Active));
        await _world.Measures(7, One, One.AddHours(1));
        _world.Clock.Now = One.AddHours(1);
        await _world.Loop();
        lease = (await _world.Leases()).ShouldHaveSingleItem();
        (lease.State, lease.CloseReason, lease.Meters[0].AgentGpuSeconds).ShouldBe((V1.LeaseState.Ended, DeliveryCloseReason.Completed, 28_800L));
    }

    [Fact]
    public async Task What_is_said_of_an_ended_delivery_changes_nothing_but_what_was_left_behind()
    {
        await Running(7, hours: 1);
        await _world.Measures(7, One, One.AddHours(1));
        await _world.RunAt(One.AddHours(1));
        await _world.Reports(7, new DeliveryReport { Phase = DeliveryPhase.Failed, CloseReason = DeliveryCloseReason.GpuFailed, Removed = true });
        var delivery = await _world.Delivery(7);
        (delivery.Phase, delivery.CloseReason, delivery.Removed).ShouldBe((DeliveryPhase.Ended, DeliveryCloseReason.Completed, true));
    }

    [Fact]
    public async Task Nobody_but_its_buyer_its_provider_and_the_operator_sees_a_delivery()
    {
        await Running(7, hours: 1);
        (await _world.Delivery(7, _world.Provider)).DeliveryId.ShouldBe(7);
        (await _world.Door(door => door.GetDelivery(new GetDeliveryRequest { LeaseId = 7 }, DoorCall.Of(Guid.NewGuid(), Role.Operator)))).Delivery.DeliveryId.ShouldBe(7);
        await _world.Door(door => door.GetDelivery(new GetDeliveryRequest { LeaseId = 7 }, DoorCall.Of(Guid.NewGuid(), Role.Buyer)))
            .ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    private async Task Running(long lease, int hours, long bid = 0)
    {
        await _world.Paid(lease, gpus: 8, One, hours, bid);
        await _world.RunAt(One);
        await _world.IsActive(lease);
    }

    private async Task Fails(long lease, DeliveryCloseReason reason, DateTimeOffset at)
    {
        _world.Clock.Now = at;
        await _world.Reports(lease, new DeliveryReport { Phase = DeliveryPhase.Failed, CloseReason = reason, Message = "Xid 79", Removed = true });
        await _world.Run();
    }

    private Task SetWorkload(long lease) => _world.Door(door => door.SetWorkload(
        new SetWorkloadRequest { WorkloadId = Guid.NewGuid().ToString(), LeaseId = lease, Workload = new Workload { Command = { "train.sh" } } },
        DoorCall.Of(_world.Buyer, Role.Buyer)));
}
