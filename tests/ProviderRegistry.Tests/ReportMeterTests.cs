using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

public sealed class ReportMeterTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    private Registry _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await Registry.Open(database);
        await _registry.Register(gpuCount: 8);
        await _registry.Hear(_registry.Paid(1, leaseId: 7, gpus: 2, Noon, hours: 2));
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_slot_is_not_metered_before_its_end()
    {
        await _registry.MoveTo(Noon.AddHours(1).AddSeconds(-1));
        await _registry.Report(7, 0, 0).ShouldBeRefused(StatusCode.FailedPrecondition, "SLOT_NOT_ENDED");
        await _registry.MoveTo(Noon.AddHours(1));
        await _registry.Report(7, 0, 7_200);
        await _registry.Report(7, 1, 7_200).ShouldBeRefused(StatusCode.FailedPrecondition, "SLOT_NOT_ENDED");
    }

    [Fact]
    public async Task The_first_report_stands_and_repeating_it_is_harmless()
    {
        await _registry.MoveTo(Noon.AddHours(1));
        var first = await _registry.Report(7, 0, 7_000);
        (await _registry.Report(7, 0, 7_000)).ShouldBe(first);
        await _registry.Report(7, 0, 7_001).ShouldBeRefused(StatusCode.AlreadyExists, "ALREADY_METERED");
        (await _registry.Told()).ShouldBe(["1 metered 7.0 7000/7200"]);
    }

    [Fact]
    public async Task More_than_was_sold_and_less_than_nothing_are_refused()
    {
        await _registry.MoveTo(Noon.AddHours(1));
        await _registry.Report(7, 0, 7_201).ShouldBeRefused(StatusCode.InvalidArgument, "delivered_gpu_seconds");
        await _registry.Report(7, 0, -1).ShouldBeRefused(StatusCode.InvalidArgument, "delivered_gpu_seconds");
        await _registry.Report(7, 2, 0).ShouldBeRefused(StatusCode.InvalidArgument, "slot_index");
        await _registry.Report(7, -1, 0).ShouldBeRefused(StatusCode.InvalidArgument, "slot_index");
        (await _registry.Told()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_lease_of_another_provider_is_not_there()
    {
        await _registry.MoveTo(Noon.AddHours(1));
        await _registry.Report(7, 0, 7_200, provider: Guid.NewGuid()).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await _registry.Report(7, 0, 7_200, provider: _registry.Buyer).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await _registry.Report(8, 0, 7_200).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Of_reports_that_race_one_stands_and_is_told_once()
    {
        await _registry.MoveTo(Noon.AddHours(1));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(async n =>
        {
            try
            {
                return (await _registry.Report(7, 0, 7_000 + n)).DeliveredGpuSeconds;
            }
            catch (RpcException refused)
            {
                Client.RpcFailure.From(refused).Reason.ShouldBe("ALREADY_METERED");
                return -1;
            }
        }));
        var stands = outcomes.Where(outcome => outcome >= 0).ShouldHaveSingleItem();
        (await _registry.Told()).ShouldBe([$"1 metered 7.0 {stands}/7200"]);
    }

    [Fact]
    public async Task Reports_of_a_nodes_leases_that_race_all_count_for_its_reliability()
    {
        await _registry.Hear([.. Enumerable.Range(2, 12).Select(id => _registry.Paid(id, 100 + id, gpus: 1, Noon, hours: 1))]);
        _registry.Clock.Now = Noon.AddHours(1);
        await Task.WhenAll(Enumerable.Range(2, 12).Select(id => _registry.Report(100 + id, 0, 1_800)));

        var node = await _registry.InDb(db => db.Nodes.SingleAsync(TestContext.Current.CancellationToken));
        (node.SoldGpuSeconds, node.DeliveredGpuSeconds).ShouldBe((12 * 3_600, 12 * 1_800));
    }

    [Fact]
    public async Task An_hour_nobody_reports_within_the_grace_counts_as_not_delivered_once()
    {
        await _registry.MoveTo(Noon.AddHours(2).AddMinutes(-1));
        (await _registry.Told()).ShouldBeEmpty();
        await _registry.MoveTo(Noon.AddHours(2).AddMinutes(30));
        (await _registry.Told()).ShouldBe(["1 metered 7.0 0/7200"]);
        await _registry.Report(7, 0, 7_200).ShouldBeRefused(StatusCode.AlreadyExists, "ALREADY_METERED");
        (await _registry.Report(7, 0, 0)).DeliveredGpuSeconds.ShouldBe(0);

        await _registry.Report(7, 1, 7_200);
        await _registry.MoveTo(Noon.AddHours(9));
        (await _registry.Told()).ShouldBe(["1 metered 7.0 0/7200", "2 metered 7.1 7200/7200", "3 ended 7 short"]);
        (await _registry.Leases()).ShouldHaveSingleItem().State.ShouldBe(LeaseState.Failed);
    }

    [Fact]
    public async Task A_late_report_within_the_grace_counts_whole()
    {
        await _registry.MoveTo(Noon.AddHours(1).AddMinutes(59));
        (await _registry.Report(7, 0, 7_200)).DeliveredGpuSeconds.ShouldBe(7_200);
    }

    [Fact]
    public async Task Unreported_hours_are_told_by_lease_and_slot_in_order()
    {
        await _registry.Hear(_registry.Paid(2, leaseId: 9, gpus: 1, Noon, hours: 2), _registry.Paid(3, leaseId: 8, gpus: 1, Noon, hours: 1));
        await _registry.RunJob(Noon.AddHours(4));
        (await _registry.Told()).ShouldBe(
        [
            "1 metered 7.0 0/7200", "2 metered 7.1 0/7200", "3 ended 7 short",
            "4 metered 8.0 0/3600", "5 ended 8 short",
            "6 metered 9.0 0/3600", "7 metered 9.1 0/3600", "8 ended 9 short",
        ]);
    }

    [Fact]
    public async Task When_the_job_and_reports_race_every_slot_is_metered_once()
    {
        await _registry.Hear([.. Enumerable.Range(2, 20).Select(id => _registry.Paid(id, 100 + id, gpus: 1, Noon, hours: 1))]);
        _registry.Clock.Now = Noon.AddHours(3);
        var reports = Enumerable.Range(2, 20).Select(async id =>
        {
            try
            {
                await _registry.Report(100 + id, 0, 3_600);
            }
            catch (RpcException refused)
            {
                Client.RpcFailure.From(refused).Reason.ShouldBe("ALREADY_METERED");
            }
        });
        await Task.WhenAll([.. reports, _registry.RunJob(Noon.AddHours(3)), _registry.RunJob(Noon.AddHours(3))]);

        var told = (await _registry.Told()).Select(fact => string.Join(' ', fact.Split(' ')[1..3])).Where(fact => !fact.Contains(" 7", StringComparison.Ordinal)).ToList();
        told.Count.ShouldBe(40);
        told.Distinct().Count().ShouldBe(40);
        var leases = await _registry.Leases();
        leases.Count.ShouldBe(21);
        leases.ShouldAllBe(lease => lease.State == LeaseState.Ended || lease.State == LeaseState.Failed);
        var node = await _registry.InDb(db => db.Nodes.SingleAsync(TestContext.Current.CancellationToken));
        node.SoldGpuSeconds.ShouldBe(2 * 7_200 + 20 * 3_600);
        node.DeliveredGpuSeconds.ShouldBe(3_600 * leases.Count(lease => lease.State == LeaseState.Ended));
    }
}
