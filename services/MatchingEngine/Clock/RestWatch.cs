using ComputeExchange.Client;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.Running;
using Grpc.Core;

namespace ComputeExchange.MatchingEngine.Clock;

/// <summary>Knows when the exchange is at rest: every fact told is applied everywhere, nothing waits for the engine, no run clears.</summary>
internal sealed class RestWatch(Engine engine, ExchangeClient exchange)
{
    /// <summary>Waits until two looks in a row see the same, and both see rest: then there was a moment at which all of it was true.</summary>
    /// <exception cref="TimeoutException">It does not come to rest; the message says who is behind.</exception>
    public async Task UntilRest(TimeSpan atMost, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        string? before = null;
        var pause = TimeSpan.FromMilliseconds(2);
        while (true)
        {
            var (seen, behind) = await Look(cancel);
            if (behind is null && seen == before) return;
            before = behind is null ? seen : null;
            if (TimeProvider.System.GetElapsedTime(started) > atMost)
                throw new TimeoutException($"The exchange does not come to rest: {behind ?? "facts keep coming"}.");
            if (behind is null) continue;
            await Task.Delay(pause, cancel);
            if (pause < TimeSpan.FromMilliseconds(20)) pause *= 2;
        }
    }

    private async Task<(string Seen, string? Behind)> Look(CancellationToken cancel)
    {
        GetProgressResponse[] services;
        try
        {
            services = await Task.WhenAll(ServiceNames.Keepers.Select(service => exchange.FactsOf(service).GetProgressAsync(
                new GetProgressRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5), cancellationToken: cancel).ResponseAsync));
        }
        catch (RpcException failure) when (failure.StatusCode is not (StatusCode.Unauthenticated or StatusCode.PermissionDenied))
        {
            return ("", $"a service does not answer ({failure.Status.Detail})");
        }
        var (number, run, now) = await engine.Ask((core, status) => (status.FeedNumber, core.ClearingRun, core.Now), cancel);

        var told = services.ToDictionary(service => service.Service, service => service.LastNumber);
        told[ServiceNames.Feed] = number;
        var seen = $"{number}/{run}/" + string.Join('/', services.Select(service =>
            $"{service.LastNumber},{service.PendingCount},{string.Join(',', service.Heard.OrderBy(h => h.Producer, StringComparer.Ordinal).Select(h => h.AppliedNumber))}"));
        if (run != 0) return (seen, $"run {run} is clearing");
        foreach (var service in services)
        {
            if (service.PendingCount > 0) return (seen, $"{service.Service} has {service.PendingCount} things to do");
            if (service.ClockTime.ToDateTimeOffset() < now) return (seen, $"{service.Service}'s clock is behind");
            foreach (var heard in service.Heard)
                if (told.TryGetValue(heard.Producer, out var last) && heard.AppliedNumber < last)
                    return (seen, $"{service.Service} has applied {heard.AppliedNumber} of {heard.Producer}'s {last}");
        }
        return (seen, null);
    }
}
