using ComputeExchange.Access.V1;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>A buyer disputes an hour, both sides are heard, and two operators decide.</summary>
public sealed class DisputeTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset One = DeliveryWorld.Noon.AddHours(1);

    private readonly Guid _id = Guid.NewGuid();
    private readonly Guid _proposer = Guid.NewGuid();
    private readonly Guid _approver = Guid.NewGuid();

    private DeliveryWorld _world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Lease 7: eight GPUs for an hour, all of it delivered; three of them sold on as lease 8.</summary>
    public async ValueTask InitializeAsync()
    {
        _world = await DeliveryWorld.Open(database);
        await _world.Paid(7, gpus: 8, One, hours: 1);
        await _world.Paid(8, gpus: 3, One, hours: 1, resoldFrom: 7, buyer: Guid.Parse("22222222-0000-0000-0000-000000000002"));
        await _world.RunAt(One);
        await _world.Run();
        await _world.IsActive(7);
        await _world.IsActive(8);
        await _world.Measures(7, One, One.AddHours(1), healthy: 5);
        await _world.Measures(8, One, One.AddHours(1), healthy: 3);
        await _world.RunAt(One.AddHours(1));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_dispute_shows_both_records_asks_for_a_re_test_and_is_answered_once()
    {
        var revision = await _world.Revision();
        var dispute = await Open();
        (dispute.Meter.AgentGpuSeconds, dispute.Meter.RegistryGpuSeconds, dispute.Meter.DeliveredGpuSeconds).ShouldBe((28_800, 28_800, 28_800));
        dispute.Test.Occasion.ShouldBe("dispute");
        dispute.Record.ShouldContain(happened => happened.Message.StartsWith("Delivery: "));
        (await _world.Revision()).ShouldBeGreaterThan(revision);
        (await Open()).DisputeId.ShouldBe(dispute.DisputeId, "said twice is said once");

        var answer = new AnswerDisputeRequest { DisputeId = _id.ToString(), Answer = "Our graphs show full speed." };
        (await _world.Door(door => door.AnswerDispute(answer, As(_world.Provider, Role.Provider)))).Dispute.Answer.ShouldBe(answer.Answer);
        answer.Answer = "Something else.";
        await _world.Door(door => door.AnswerDispute(answer, As(_world.Provider, Role.Provider))).ShouldBeRefused(StatusCode.AlreadyExists, "ALREADY_ANSWERED");
        await _world.Door(door => door.AnswerDispute(answer, As(_world.Buyer, Role.Provider))).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Two_operators_decide_the_meter_is_corrected_and_so_is_what_was_sold_on()
    {
        await Open();
        await Approve(_approver, 7_200).ShouldBeRefused(StatusCode.FailedPrecondition, "NOTHING_PROPOSED");
        await Propose(7_200);
        await Approve(_proposer, 7_200).ShouldBeRefused(StatusCode.FailedPrecondition, "OWN_PROPOSAL");
        await Approve(_approver, 7_201).ShouldBeRefused(StatusCode.FailedPrecondition, "DECISION_DIFFERS");
        (await Approve(_approver, 7_200)).State.ShouldBe(DisputeState.Decided);
        (await Approve(_approver, 7_200)).State.ShouldBe(DisputeState.Decided, "said twice is said once");
        (await _world.Told()).Skip(4).ShouldBe(["OperatorActed", "corrected 7.0 7200/28800", "corrected 8.0 2700/10800", "OperatorActed"]);

        var meter = (await _world.Delivery(7)).Meters[0];
        (meter.AgentGpuSeconds, meter.DeliveredGpuSeconds).ShouldBe((28_800, 7_200));
        meter.Resolution.ShouldEndWith("By a dispute 7,200 count, in place of 28,800.");
        (await _world.InDb(db => db.Nodes.AsNoTracking().SingleAsync(Cancel))).DeliveredGpuSeconds.ShouldBe(7_200);
        await Propose(0).ShouldBeRefused(StatusCode.FailedPrecondition, "DISPUTE_DECIDED");
    }

    [Fact]
    public async Task A_decision_that_leaves_the_figure_as_it_is_moves_nothing()
    {
        await Open();
        await Propose(28_800);
        await Approve(_approver, 28_800);
        (await _world.Told()).ShouldNotContain(told => told.StartsWith("corrected"));
    }

    [Fact]
    public async Task What_cannot_be_disputed_is_refused_with_the_reason()
    {
        await Open(slot: 5).ShouldBeRefused(StatusCode.InvalidArgument, "slot_index");
        await Open(claimed: 28_800).ShouldBeRefused(StatusCode.InvalidArgument, "claimed_gpu_seconds");
        await Open(statement: " ").ShouldBeRefused(StatusCode.InvalidArgument, "statement");
        await Open(lease: 8).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await _world.Paid(9, gpus: 1, One.AddHours(2), hours: 1);
        await Open(lease: 9).ShouldBeRefused(StatusCode.FailedPrecondition, "SLOT_NOT_METERED");
        await Open();
        await Open(id: Guid.NewGuid()).ShouldBeRefused(StatusCode.AlreadyExists, "ALREADY_DISPUTED");
        await Open(claimed: 1).ShouldBeRefused(StatusCode.AlreadyExists, "DISPUTE_ID_REUSED");
    }

    [Fact]
    public async Task After_two_days_it_is_too_late()
    {
        _world.Clock.Now = One.AddHours(49).AddSeconds(1);
        await Open().ShouldBeRefused(StatusCode.FailedPrecondition, "DISPUTE_TOO_LATE");
    }

    [Fact]
    public async Task Each_side_sees_its_disputes_and_operators_see_all()
    {
        await Open();
        (await List(_world.Buyer, Role.Buyer)).ShouldBe(1);
        (await List(_world.Provider, Role.Provider)).ShouldBe(1);
        (await List(Guid.NewGuid(), Role.Operator)).ShouldBe(1);
        (await List(Guid.NewGuid(), Role.Buyer)).ShouldBe(0);
        (await List(_world.Buyer, Role.Buyer, DisputeState.Decided)).ShouldBe(0);
    }

    private static DoorCall As(Guid participant, Role role) => DoorCall.Of(participant, role);

    private async Task<Dispute> Open(long lease = 7, int slot = 0, long claimed = 7_200, string statement = "It ran at a quarter of its speed.", Guid? id = null) =>
        (await _world.Door(door => door.OpenDispute(
            new OpenDisputeRequest
            {
                DisputeId = (id ?? _id).ToString(), LeaseId = lease, SlotIndex = slot, Kind = DisputeKind.Slow, Statement = statement, ClaimedGpuSeconds = claimed,
            },
            As(_world.Buyer, Role.Buyer)))).Dispute;

    private async Task<Dispute> Propose(long delivered) => (await _world.Door(door => door.ProposeDecision(
        new ProposeDecisionRequest { DisputeId = _id.ToString(), DeliveredGpuSeconds = delivered, Reason = "The re-test shows a quarter of the class's speed." },
        As(_proposer, Role.Operator)))).Dispute;

    private async Task<Dispute> Approve(Guid who, long delivered) => (await _world.Door(door => door.ApproveDecision(
        new ApproveDecisionRequest { DisputeId = _id.ToString(), DeliveredGpuSeconds = delivered }, As(who, Role.Operator)))).Dispute;

    private async Task<int> List(Guid who, Role role, DisputeState state = DisputeState.Unspecified) =>
        (await _world.Door(door => door.ListDisputes(new ListDisputesRequest { State = state }, As(who, role)))).Disputes.Count;
}
