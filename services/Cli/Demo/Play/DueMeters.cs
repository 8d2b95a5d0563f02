using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Delivery = ComputeExchange.Cli.Demo.Minds.Delivery;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>The providers' reports of the hours that ended: whatever the exchange says is not metered yet.</summary>
public sealed class DueMeters(Cast cast, Keyring keys, Calls calls, Actors actors, Tally tally)
{
    /// <summary>Between two reports at the usual speed: an hour's reports are spread over some seconds.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Exchange time after which an hour without anything due is looked at again.</summary>
    static readonly TimeSpan Again = TimeSpan.FromMinutes(10);

    readonly Delivery _delivery = new(cast);
    readonly Dictionary<string, Seat> _providers = cast.Providers.ToDictionary(seat => seat.Id.ToString());
    readonly HashSet<(long Lease, int Slot)> _silent = [];
    DateTimeOffset _clean;

    /// <summary>Reports every hour of the cast's leases that ended at or before a time.</summary>
    /// <remarks>Hours end on the hour: where nothing was found, the exchange is asked again with the next hour or after some minutes.</remarks>
    public async Task Report(DateTimeOffset now, Pace pace)
    {
        if (SlotRules.HourOf(now) == SlotRules.HourOf(_clean) && now - _clean < Again) return;
        var found = false;
        var due = await Session.Pages<Lease>(async token =>
        {
            var request = new ListLeasesRequest { UnmeteredBeforeTime = now.ToTimestamp(), PageSize = 1000, PageToken = token };
            var reply = await calls.Ask(cancel => keys.Operator.Registry.ListLeasesAsync(request, cancellationToken: cancel));
            return (reply.Leases, reply.NextPageToken);
        });
        foreach (var lease in due.OrderBy(lease => lease.LeaseId))
        {
            if (!_providers.TryGetValue(lease.ProviderId, out var provider)) continue;
            foreach (var meter in lease.Meters.Where(meter => !meter.Metered && meter.ToTime.ToDateTimeOffset() <= now))
            {
                if (_silent.Contains((lease.LeaseId, meter.SlotIndex))) continue;
                found = true;
                await Report(provider, lease, meter);
                if (pace.Speed <= Pace.Usual) await Task.Delay(Pause, calls.Cancel);
            }
        }
        if (!found) _clean = now;
    }

    async Task Report(Seat provider, Lease lease, LeaseMeter meter)
    {
        var hour = SlotRules.HourOf(meter.FromTime.ToDateTimeOffset());
        if (_delivery.Of(Guid.Parse(lease.NodeId), hour, meter.SoldGpuSeconds) is not { } delivered)
        {
            _silent.Add((lease.LeaseId, meter.SlotIndex));
            tally.Add("hours not reported");
            return;
        }
        var request = new ReportMeterRequest { LeaseId = lease.LeaseId, SlotIndex = meter.SlotIndex, DeliveredGpuSeconds = delivered };
        await actors.Try(delivered == meter.SoldGpuSeconds ? "hours delivered" : "hours delivered in part",
            () => calls.Ask(cancel => keys[provider].Registry.ReportMeterAsync(request, cancellationToken: cancel)));
    }
}
