using System.Diagnostics;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class PayoutTracesTests(PostgresServer server)
{
    private const int PayoutTraceLimit = 128;

    private static readonly DateTimeOffset Due = new(2026, 3, 3, 1, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_payout_is_joined_with_the_sales_it_pays_for_and_with_no_more_than_the_limit()
    {
        var provider = Guid.NewGuid();
        await using var books = await Books.Open(server);
        var buyer = Guid.NewGuid();
        await books.Fund(buyer, 10_000);
        await books.Feed(Happened.Sold(1, buyer, provider, Books.Start, 1, Happened.Slot(700, 700)));
        await books.Meter(Happened.Metered(1, 0, 3_600, 3_600));

        // Many more that were delivered before midnight, and one after it.
        var (before, after) = (Due.AddHours(-2), Due.AddMinutes(-10));
        await books.Do(db => db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO settlement.leases (lease_id, run_id, buyer_id, provider_id, market, trace_parent)
            SELECT id, 1, {buyer}, {provider}, 'm', '00-' || lpad(to_hex(id), 32, '0') || '-' || lpad(to_hex(id), 16, '0') || '-01'
            FROM generate_series(2, 200) AS id;
            INSERT INTO settlement.lease_slots (
                lease_id, slot_index, from_time, to_time, price_micros_per_gpu_hour, cost_micros, buyer_fee_micros, seller_fee_micros, bond_micros, metered_time)
            SELECT id, 0, {before}, {before}, 0, 0, 0, 0, 0, CASE id WHEN 2 THEN {after} ELSE {before} END FROM generate_series(2, 200) AS id
            """));

        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == Tracing.Of(ServiceNames.Settlement),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (ended) ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await books.PayOut(Due);

        var payout = ended.Single(span => span.OperationName == "pay out" && span.Links.Any());
        payout.Links.Count().ShouldBe(PayoutTraceLimit);
        payout.ParentId.ShouldBeNull();
        payout.Links.ShouldNotContain(link => link.Context.TraceId == TraceOf(2));
        payout.Links.ShouldContain(link => link.Context.TraceId == TraceOf(3));
        var inLeases = ended.Where(span => span.OperationName == "payout").ToList();
        inLeases.Count.ShouldBe(PayoutTraceLimit);
        inLeases.ShouldAllBe(span => span.Links.Single().Context == payout.Context);

        // The next day pays for what came after midnight, and for nothing twice.
        ended.Clear();
        await books.Feed(Happened.Sold(300, buyer, provider, Books.Start, 1, Happened.Slot(50, 50)));
        await books.Meter(Happened.Metered(300, 0, 3_600, 3_600));
        await books.PayOut(Due.AddDays(1));
        ended.Where(span => span.OperationName == "payout").ShouldHaveSingleItem().TraceId.ShouldBe(TraceOf(2));
    }

    private static ActivityTraceId TraceOf(int lease) =>
        ActivityTraceId.CreateFromString(lease.ToString("x32", System.Globalization.CultureInfo.InvariantCulture));
}
