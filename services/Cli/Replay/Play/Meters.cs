using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>The providers' side of delivery: each reports what its machines did in the hours that ended.</summary>
public sealed class Meters(ReplayPlan plan, Keyring keys, Calls calls, Score score)
{
    const int AtOnce = 8;

    readonly List<Seat> _providers = [.. plan.Seats.Where(seat => seat.IsProvider)];
    readonly Lock _counting = new();

    /// <summary>Reports every hour that ended at or before a time.</summary>
    /// <remarks>
    /// Providers report side by side: no report changes another's. What follows from the reports is done before the
    /// clock moves on, so the order in which they arrive changes nothing that anyone trades.
    /// </remarks>
    public Task Report(DateTimeOffset now) => Parallel.ForEachAsync(
        _providers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = calls.Cancel },
        async (seat, _) => await Report(seat, now));

    async Task Report(Seat seat, DateTimeOffset now)
    {
        var due = await Session.Pages<Lease>(async token =>
        {
            var request = new ListLeasesRequest { UnmeteredBeforeTime = now.ToTimestamp(), PageSize = 1000, PageToken = token };
            var reply = await calls.Ask(cancel => keys[seat].Registry.ListLeasesAsync(request, cancellationToken: cancel));
            return (reply.Leases, reply.NextPageToken);
        });
        foreach (var lease in due.OrderBy(lease => lease.LeaseId))
        {
            foreach (var meter in lease.Meters.Where(meter => !meter.Metered && meter.ToTime.ToDateTimeOffset() <= now))
                await Report(seat, lease, meter);
        }
    }

    async Task Report(Seat seat, Lease lease, LeaseMeter meter)
    {
        var from = meter.FromTime.ToDateTimeOffset();
        var hour = from.AddTicks(-(from.UtcTicks % TimeSpan.TicksPerHour));
        if (plan.Deliveries.Of(Guid.Parse(lease.NodeId), hour, meter.SoldGpuSeconds) is not { } delivered) return;
        var request = new ReportMeterRequest { LeaseId = lease.LeaseId, SlotIndex = meter.SlotIndex, DeliveredGpuSeconds = delivered };
        try
        {
            await calls.Ask(cancel => keys[seat].Registry.ReportMeterAsync(request, cancellationToken: cancel));
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.AlreadyExists)
        {
            // Metered meanwhile: its grace passed, or an earlier report of this replay arrived although it was not heard.
            return;
        }
        lock (_counting)
        {
            if (delivered == meter.SoldGpuSeconds) score.FullReports++;
            else score.ShortReports++;
        }
    }
}
