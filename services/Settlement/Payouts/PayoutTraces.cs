using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payouts;

/// <summary>Joins a payout with the traces of the leases it pays for: one span that links to each, and a short one in each.</summary>
internal static class PayoutTraces
{
    /// <summary>The most leases that one payout is joined with; a trace with more links is of no use to anyone.</summary>
    public const int LinkLimit = 128;

    /// <summary>By provider, where the sales of what a day's payout pays for were traced; nothing where nobody listens.</summary>
    public static async Task<ILookup<Guid, string>> TracesOfSales(
        this SettlementDb db, IReadOnlyList<Guid> providers, DateOnly day, CancellationToken cancel)
    {
        if (!Measures.Spans.HasListeners() || providers.Count == 0) return Array.Empty<Sale>().ToLookup(sale => sale.Provider, sale => sale.Trace);
        var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var sales = await db.Database.SqlQuery<Sale>(
            $"""
            SELECT provider_id AS "Provider", trace_parent AS "Trace"
            FROM (
                SELECT lease.provider_id, lease.trace_parent, row_number() OVER (PARTITION BY lease.provider_id ORDER BY lease.lease_id) AS place
                FROM settlement.leases AS lease
                WHERE lease.provider_id = ANY ({providers.ToArray()}) AND lease.trace_parent IS NOT NULL AND EXISTS (
                    SELECT 1 FROM settlement.lease_slots AS slot
                    WHERE slot.lease_id = lease.lease_id AND slot.metered_time < {midnight} AND slot.metered_time >= coalesce(
                        (SELECT max(day)::timestamp FROM settlement.payouts WHERE provider_id = lease.provider_id AND day < {day}) AT TIME ZONE 'UTC', '-infinity'))
            ) AS traced
            WHERE place <= {LinkLimit}
            """).ToListAsync(cancel);
        return sales.ToLookup(sale => sale.Provider, sale => sale.Trace);
    }

    /// <summary>Begins the payout's own trace; in each lease's there is a span that links to it.</summary>
    public static Activity? Begin(IEnumerable<string> sales)
    {
        var traces = sales.ToList();
        var payout = Measures.Spans.Begin(
            "pay out", ActivityKind.Internal, traces.Select(trace => new ActivityLink(Tracing.ContextOf(trace))));
        if (payout is not { Recorded: true }) return payout;
        foreach (var trace in traces) Measures.Spans.Continue("payout", ActivityKind.Internal, trace, beside: payout.Context)?.Dispose();
        return payout;
    }

    private sealed record Sale(Guid Provider, string Trace);
}
