using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

public sealed class LeaseLifeTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    private Registry _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await Registry.Open(database);
        await _registry.Register(gpuCount: 8);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_lease_is_scheduled_runs_is_metered_hour_by_hour_and_ends()
    {
        await _registry.Hear(_registry.Paid(1, leaseId: 7, gpus: 8, Noon.AddHours(1), hours: 2));
        var lease = (await _registry.Leases()).ShouldHaveSingleItem();
        lease.State.ShouldBe(LeaseState.Scheduled);
        (lease.FromTime.ToDateTimeOffset(), lease.ToTime.ToDateTimeOffset()).ShouldBe((Noon.AddHours(1), Noon.AddHours(3)));
        lease.Meters.Select(meter => (meter.SlotIndex, meter.SoldGpuSeconds, meter.Metered)).ShouldBe([(0, 28_800, false), (1, 28_800, false)]);

        await _registry.MoveTo(Noon.AddHours(1));
        (await State()).ShouldBe(LeaseState.Active);

        await _registry.MoveTo(Noon.AddHours(2));
        (await _registry.Report(7, 0, 28_800)).Metered.ShouldBeTrue();
        (await State()).ShouldBe(LeaseState.Active);

        await _registry.MoveTo(Noon.AddHours(3));
        (await State()).ShouldBe(LeaseState.Active);
        await _registry.Report(7, 1, 28_800);
        (await State()).ShouldBe(LeaseState.Ended);
        (await _registry.Told()).ShouldBe(["1 metered 7.0 28800/28800", "2 metered 7.1 28800/28800", "3 ended 7 whole"]);
    }

    [Fact]
    public async Task A_lease_that_was_not_delivered_whole_failed_and_costs_reliability()
    {
        await _registry.Hear(_registry.Paid(1, leaseId: 7, gpus: 4, Noon, hours: 2));
        await _registry.MoveTo(Noon.AddHours(1));
        await _registry.Report(7, 0, 7_200);
        await _registry.MoveTo(Noon.AddHours(2));
        await _registry.Report(7, 1, 14_400);

        (await State()).ShouldBe(LeaseState.Failed);
        (await _registry.Told())[^1].ShouldBe("3 ended 7 short");
        var nodes = await _registry.Door(door => door.ListNodes(new ListNodesRequest(), DoorCall.Of(_registry.Provider, Role.Provider)));
        nodes.Nodes.ShouldHaveSingleItem().ReliabilityPpm.ShouldBe(750_000);
    }

    [Fact]
    public async Task The_state_shown_follows_the_clock_before_any_job_has_run()
    {
        await _registry.Hear(_registry.Paid(1, leaseId: 7, gpus: 1, Noon.AddHours(1), hours: 1));
        _registry.Clock.Now = Noon.AddHours(1).AddTicks(-10);
        (await State()).ShouldBe(LeaseState.Scheduled);
        _registry.Clock.Now = Noon.AddHours(1);
        (await State()).ShouldBe(LeaseState.Active);
        (await _registry.Leases(new ListLeasesRequest { State = LeaseState.Active })).ShouldHaveSingleItem();
        (await _registry.Leases(new ListLeasesRequest { State = LeaseState.Scheduled })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Part_of_an_hour_is_sold_and_metered_by_the_second()
    {
        var bought = Noon.AddMinutes(23).AddSeconds(7);
        await _registry.Hear(_registry.Paid(1, 7, gpus: 3, [new PaidSlot(bought, Noon.AddHours(1))]));
        (await _registry.Leases()).ShouldHaveSingleItem().Meters.ShouldHaveSingleItem().SoldGpuSeconds.ShouldBe(3 * (37 * 60 - 7));
    }

    [Fact]
    public async Task Capacity_paid_that_comes_again_after_a_crash_or_twice_makes_one_lease()
    {
        var paid = _registry.Paid(1, leaseId: 7, gpus: 8, Noon.AddHours(1), hours: 2);

        // The process dies before the commit: nothing was heard.
        await Should.ThrowAsync<JsonException>(() => _registry.Hear(paid, paid with { Number = 2, Body = "null" }));
        (await _registry.Leases()).ShouldBeEmpty();

        await _registry.Hear(paid);
        await _registry.Hear(paid);
        await _registry.Hear(paid with { Number = 2 });
        (await _registry.Leases()).ShouldHaveSingleItem().Meters.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_job_that_crashes_and_runs_again_does_everything_once()
    {
        await _registry.Hear(_registry.Paid(1, 7, 8, Noon, 1), _registry.Paid(2, 8, 2, Noon.AddHours(1), 1));
        await _registry.RunJob(Noon.AddHours(2), thenCrash: true);
        (await _registry.Told()).ShouldBeEmpty();

        await _registry.RunJob(Noon.AddHours(2));
        await _registry.RunJob(Noon.AddHours(2));
        (await _registry.Told()).ShouldBe(["1 metered 7.0 0/28800", "2 ended 7 short"]);
    }

    [Fact]
    public async Task GPUs_are_named_when_leases_begin_and_free_again_when_they_end()
    {
        await _registry.Hear(
            _registry.Paid(1, 1, gpus: 3, Noon, hours: 2), _registry.Paid(2, 2, gpus: 5, Noon, hours: 1),
            _registry.Paid(3, 3, gpus: 2, Noon.AddHours(1), hours: 2), _registry.Paid(4, 4, gpus: 3, Noon.AddHours(1), hours: 1));
        await _registry.RunJob(Noon);
        (await Gpus()).ShouldBe(["0,1,2", "3,4,5,6,7", "", ""]);
        await _registry.RunJob(Noon.AddHours(1));
        (await Gpus()).ShouldBe(["0,1,2", "3,4,5,6,7", "3,4", "5,6,7"]);
    }

    [Fact]
    public async Task A_job_that_was_away_for_hours_names_the_GPUs_that_it_would_have_named()
    {
        await _registry.Hear(
            _registry.Paid(1, 1, gpus: 3, Noon, hours: 2), _registry.Paid(2, 2, gpus: 5, Noon, hours: 1),
            _registry.Paid(3, 3, gpus: 2, Noon.AddHours(1), hours: 2), _registry.Paid(4, 4, gpus: 3, Noon.AddHours(1), hours: 1));
        await _registry.RunJob(Noon.AddHours(5));
        (await Gpus()).ShouldBe(["0,1,2", "3,4,5,6,7", "3,4", "5,6,7"]);
    }

    [Fact]
    public async Task Leases_on_different_nodes_do_not_share_their_GPUs()
    {
        var another = Guid.NewGuid();
        await _registry.Register(nodeId: another);
        await _registry.Hear(
            _registry.Paid(1, 1, gpus: 8, Noon, hours: 1),
            _registry.Paid(2, 2, gpus: 8, [new PaidSlot(Noon, Noon.AddHours(1))], node: another));
        await _registry.RunJob(Noon);
        (await Gpus()).ShouldBe(["0,1,2,3,4,5,6,7", "0,1,2,3,4,5,6,7"]);
    }

    [Fact]
    public async Task Leases_are_seen_by_their_buyer_and_their_provider_and_by_who_watches()
    {
        await _registry.Hear(_registry.Paid(1, 7, 1, Noon, 1), _registry.Paid(2, 8, 1, Noon, 1));
        (await Ids(_registry.Provider, Role.Provider)).ShouldBe([8, 7]);
        (await Ids(_registry.Buyer, Role.Buyer)).ShouldBe([8, 7]);
        (await Ids(Guid.NewGuid(), Role.Operator)).ShouldBe([8, 7]);
        (await Ids(Guid.NewGuid(), Role.Auditor)).ShouldBe([8, 7]);
        (await Ids(Guid.NewGuid(), Role.Provider)).ShouldBeEmpty();
        (await Ids(Guid.NewGuid(), Role.Buyer)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Leases_that_wait_for_their_meter_can_be_asked_for()
    {
        await _registry.Hear(_registry.Paid(1, 7, 1, Noon, 2), _registry.Paid(2, 8, 1, Noon.AddHours(1), 1));
        await _registry.MoveTo(Noon.AddHours(1));
        (await Waiting(Noon.AddHours(1))).ShouldBe([7L]);
        (await Waiting(Noon.AddHours(1).AddTicks(-10))).ShouldBeEmpty();
        (await Waiting(Noon.AddHours(9))).ShouldBe([7L], "a slot that has not ended yet waits for nothing");

        await _registry.Report(7, 0, 3_600);
        (await Waiting(Noon.AddHours(1))).ShouldBeEmpty();
        await _registry.MoveTo(Noon.AddHours(2));
        (await Waiting(Noon.AddHours(2))).ShouldBe([8L, 7L]);
    }

    [Fact]
    public async Task Leases_come_newest_first_page_by_page_with_all_their_slots()
    {
        await _registry.Hear([.. Enumerable.Range(1, 5).Select(id => _registry.Paid(id, id, 1, Noon, hours: 3))]);
        var seen = new List<Lease>();
        var token = "";
        do
        {
            var page = await _registry.Door(door => door.ListLeases(
                new ListLeasesRequest { PageSize = 2, PageToken = token }, DoorCall.Of(_registry.Buyer, Role.Buyer)));
            seen.AddRange(page.Leases);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        seen.Select(lease => lease.LeaseId).ShouldBe([5L, 4, 3, 2, 1]);
        seen.ShouldAllBe(lease => lease.Meters.Select(meter => meter.SlotIndex).SequenceEqual(new[] { 0, 1, 2 }));
    }

    [Fact]
    public async Task A_state_that_is_none_is_refused()
    {
        var request = new ListLeasesRequest { State = (LeaseState)9 };
        await _registry.Door(door => door.ListLeases(request, DoorCall.Of(_registry.Buyer, Role.Buyer))).ShouldBeRefused(StatusCode.InvalidArgument, "state");
    }

    private async Task<LeaseState> State() => (await _registry.Leases()).ShouldHaveSingleItem().State;

    private async Task<IEnumerable<long>> Ids(Guid caller, Role role) => (await _registry.Leases(null, caller, role)).Select(lease => lease.LeaseId);

    private async Task<IEnumerable<long>> Waiting(DateTimeOffset before) =>
        (await _registry.Leases(new ListLeasesRequest { UnmeteredBeforeTime = before.ToTimestamp() })).Select(lease => lease.LeaseId);

    private Task<List<string>> Gpus() => _registry.InDb(async db =>
        (await db.Leases.OrderBy(lease => lease.LeaseId).ToListAsync(TestContext.Current.CancellationToken)).Select(lease => string.Join(',', lease.Gpus)).ToList());
}
