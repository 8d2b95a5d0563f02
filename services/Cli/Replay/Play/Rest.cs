using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>Waits until every service has applied everything that was told, twice in a row.</summary>
public static class Rest
{
    static readonly TimeSpan AtMost = TimeSpan.FromSeconds(120);

    /// <summary>Returns when the exchange is at rest; complains of who is not after two minutes.</summary>
    public static async Task Wait(ExchangeClient operators, Calls calls)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var quiet = 0; quiet < 2;)
        {
            var trouble = await Trouble(operators, calls);
            quiet = trouble is null ? quiet + 1 : 0;
            if (trouble is not null && TimeProvider.System.GetElapsedTime(began) > AtMost)
                throw new InputException($"The exchange does not come to rest: {trouble}.");
            if (quiet < 2) await Task.Delay(TimeSpan.FromMilliseconds(trouble is null ? 5 : 25), calls.Cancel);
        }
    }

    /// <summary>Who is behind of whom; null when nobody is.</summary>
    static async Task<string?> Trouble(ExchangeClient operators, Calls calls)
    {
        var progress = new List<GetProgressResponse>();
        foreach (var name in ServiceNames.Keepers)
            progress.Add(await calls.Ask(cancel => operators.FactsOf(name).GetProgressAsync(new GetProgressRequest(), cancellationToken: cancel)));

        // Last, so that what the services caused meanwhile counts.
        var engine = await calls.Ask(cancel => operators.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: cancel));
        var told = progress.ToDictionary(service => service.Service, service => service.LastNumber);
        told[ServiceNames.Feed] = engine.FeedNumber;
        foreach (var service in progress)
        {
            if (service.PendingCount > 0) return FormattableString.Invariant($"{service.Service} has {service.PendingCount} things to do");
            foreach (var heard in service.Heard)
            {
                if (told.TryGetValue(heard.Producer, out var last) && heard.AppliedNumber < last)
                    return FormattableString.Invariant($"{service.Service} has applied {heard.AppliedNumber} of {last} from {heard.Producer}");
            }
        }
        return null;
    }
}
