using System.Diagnostics;
using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.MatchingEngine.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Facts.Hearing;

/// <summary>Follows the engine's feed: every entry applied once, in order, and the clock moved as the feed tells it.</summary>
public sealed class FeedReader(
    ServiceName self,
    ExchangeClient exchange,
    ExchangeClock clock,
    Signals signals,
    IServiceScopeFactory scopes,
    ILogger<FeedReader> log) : BackgroundService
{
    private readonly ActivitySource _spans = Tracing.Of(self.Name);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Follow(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                FactMeasures.Failed(self.Name, ServiceNames.Feed);
                if (failure is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Cancelled })
                    log.LogDebug("The engine is away; asking again.");
                else
                    log.LogWarning(failure, "The feed could not be applied; trying again.");
                await Task.Delay(TimeSpan.FromMilliseconds(200), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Follow(CancellationToken cancel)
    {
        var cursor = await Inbox.Where(scopes, ServiceNames.Feed, cancel);
        if (cursor?.ClockTime is { } last) clock.MoveTo(last);
        var applied = cursor?.AppliedNumber ?? 0;

        using var call = exchange.Engine.ReadFeed(new ReadFeedRequest { FromNumber = applied + 1 }, cancellationToken: cancel);
        while (await call.ResponseStream.MoveNext(cancel))
        {
            var entries = call.ResponseStream.Current.Entries;
            FactMeasures.Known(self.Name, ServiceNames.Feed, call.ResponseStream.Current.LastNumber);
            FactMeasures.Clock(self.Name, clock.GetUtcNow());
            if (entries.Count == 0) continue;
            var reached = await Inbox.Apply(scopes, ServiceNames.Feed, entries, entry => entry.Number, Apply, cancel);

            // Another process of this service is further: start again from where it is.
            if (reached != entries[^1].Number) return;
            if (entries.Any(entry => entry.Event.EventCase == EngineEvent.EventOneofCase.ClockAdvanced)) signals.ClockMoved.Set();
        }
    }

    private async Task Apply(IServiceProvider services, CursorRow cursor, FeedEntry entry, CancellationToken cancel)
    {
        if (entry.Event.ClockAdvanced is { } advanced)
        {
            cursor.ClockTime = advanced.ToTime.ToDateTimeOffset();
            clock.MoveTo(cursor.ClockTime.Value);
        }
        if (services.GetService<IReadFeed>() is not { } reader) return;

        using var span = entry.TraceParent.Length > 0 && _spans.HasListeners() && reader.Heeds(entry.Event.EventCase)
            ? _spans.Continue($"feed {entry.Event.EventCase}", ActivityKind.Consumer, entry.TraceParent)
            : null;
        span?.SetTag("cx.feed.number", entry.Number);
        await reader.Apply(entry, cancel);
    }
}
