using ComputeExchange.Access.V1;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Transport;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>A lease that was sold on in part: the same node serves both, and one report decides about both.</summary>
public sealed class ResaleTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    private Registry _registry = null!;

    /// <summary>Lease 7: eight GPUs from 12:00 to 15:00. Its buyer sold three of them on from 13:00 to 15:00, lease 8; of these one again from 14:00, lease 9.</summary>
    public async ValueTask InitializeAsync()
    {
        _registry = await Registry.Open(database);
        await _registry.Register(gpuCount: 8);
        await _registry.Hear(
            _registry.Paid(1, leaseId: 7, gpus: 8, Noon, hours: 3),
            Part(2, lease: 8, of: 7, gpus: 3, fromHour: 1, hours: 2),
            Part(3, lease: 9, of: 8, gpus: 1, fromHour: 2, hours: 1));
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_part_runs_on_GPUs_of_the_lease_it_was_sold_out_of()
    {
        await _registry.Hear(Part(4, lease: 10, of: 7, gpus: 5, fromHour: 1, hours: 2));
        await _registry.MoveTo(Noon.AddHours(2));
        (await Gpus(7)).ShouldBe([0, 1, 2, 3, 4, 5, 6, 7]);
        (await Gpus(8)).ShouldBe([0, 1, 2]);
        (await Gpus(10)).ShouldBe([3, 4, 5, 6, 7]);
        (await Gpus(9)).ShouldBe([0]);
        (await _registry.Leases()).Single(lease => lease.LeaseId == 8).ResoldFromLeaseId.ShouldBe(7);
    }

    [Fact]
    public async Task One_report_meters_the_lease_and_its_parts_by_their_shares()
    {
        foreach (var (hour, delivered) in new[] { (0, 28_800), (1, 14_400), (2, 28_799) })
        {
            await _registry.MoveTo(Noon.AddHours(hour + 1));
            await _registry.Report(7, hour, delivered);
        }
        (await _registry.Told()).ShouldBe(
        [
            "1 metered 7.0 28800/28800",
            "2 metered 7.1 14400/28800", "3 metered 8.0 5400/10800",
            "4 metered 7.2 28799/28800", "5 ended 7 short", "6 metered 8.1 10799/10800", "7 ended 8 short", "8 metered 9.0 3599/3600", "9 ended 9 short",
        ]);

        // The node is measured once, by what its provider sold.
        (await _registry.Door(door => door.ListNodes(new ListNodesRequest(), DoorCall.Of(_registry.Provider, Role.Provider)))).Nodes
            .ShouldHaveSingleItem().ReliabilityPpm.ShouldBe(1_000_000L * (28_800 + 14_400 + 28_799) / (3 * 28_800));
    }

    [Fact]
    public async Task Who_sold_a_part_on_neither_reports_it_nor_is_asked_to()
    {
        await _registry.MoveTo(Noon.AddHours(2));
        await _registry.Report(8, 0, 10_800, provider: _registry.Buyer).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        var asked = new ListLeasesRequest { UnmeteredBeforeTime = Noon.AddHours(2).ToTimestamp() };
        (await _registry.Leases(asked, _registry.Provider, Role.Provider)).Select(lease => lease.LeaseId).ShouldBe([7]);
        (await _registry.Leases(asked)).Select(lease => lease.LeaseId).ShouldBe([7]);
    }

    [Fact]
    public async Task What_nobody_reported_is_not_delivered_to_either()
    {
        await _registry.MoveTo(Noon.AddHours(4));
        await _registry.MoveTo(Noon.AddHours(4).AddMinutes(20));
        (await _registry.Told()).ShouldContain(told => told.Contains("metered 8.1 0/10800"));
        (await _registry.Told()).Count(told => told.Contains("metered 9.0")).ShouldBe(1);
        (await _registry.Told()).Count.ShouldBe(3 + 2 + 1 + 3);
    }

    [Fact]
    public async Task A_part_that_became_known_after_the_report_is_metered_by_it_all_the_same()
    {
        await _registry.MoveTo(Noon.AddHours(2));
        await _registry.Report(7, 1, 14_400);
        await _registry.Hear(Part(4, lease: 11, of: 7, gpus: 2, fromHour: 1, hours: 1));
        await _registry.MoveTo(Noon.AddHours(3).AddMinutes(10));
        (await _registry.Told()).ShouldContain(told => told.Contains("metered 11.0 3600/7200"));
    }

    private FactMessage Part(long number, long lease, long of, int gpus, int fromHour, int hours) => _registry.Paid(
        number, lease, gpus, [.. Enumerable.Range(fromHour, hours).Select(hour => new PaidSlot(Noon.AddHours(hour), Noon.AddHours(hour + 1)))],
        resoldFrom: of, seller: _registry.Buyer);

    private Task<List<int>> Gpus(long lease) => _registry.InDb(async db =>
        (await db.Leases.AsNoTracking().SingleAsync(row => row.LeaseId == lease, TestContext.Current.CancellationToken)).Gpus);
}
