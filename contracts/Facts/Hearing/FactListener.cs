using System.Threading.Channels;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Facts.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Facts.Hearing;

/// <summary>Hears the facts of other services, each once and in order, whatever the bus does to them.</summary>
/// <remarks>
/// What the bus brings is a hint of what comes next. A fact that follows on the last one applied is applied; an earlier
/// one is dropped; at a gap, and now and then when it is quiet, the producer is asked for what is missing.
/// </remarks>
public sealed class FactListener(
    ServiceName self,
    Hearers hearers,
    IBus bus,
    IFactSource source,
    IServiceScopeFactory scopes,
    ILogger<FactListener> log) : BackgroundService
{
    private const int BatchSize = 200;
    private const int BufferLimit = 10_000;

    /// <summary>How long to wait for the bus before the producer is asked.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var inboxes = hearers.Producers.ToDictionary(
            producer => producer,
            _ => Channel.CreateBounded<FactMessage>(new BoundedChannelOptions(BufferLimit) { FullMode = BoundedChannelFullMode.DropOldest }));
        if (inboxes.Count == 0) return;

        try
        {
            await bus.Listen(self.Name, fact =>
            {
                if (inboxes.TryGetValue(fact.Producer, out var inbox))
                {
                    FactMeasures.Known(self.Name, fact.Producer, fact.Number);
                    inbox.Writer.TryWrite(fact);
                }
                return Task.CompletedTask;
            }, stoppingToken);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
        {
            log.LogError(failure, "{Service} cannot listen to the bus: it asks the producers instead.", self.Name);
        }
        await Task.WhenAll(inboxes.Select(inbox => Listen(inbox.Key, inbox.Value.Reader, stoppingToken)));
    }

    private async Task Listen(string producer, ChannelReader<FactMessage> arrived, CancellationToken cancel)
    {
        var waiting = new SortedDictionary<long, FactMessage>();
        var pause = TimeSpan.FromMilliseconds(100);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var applied = (await Inbox.Where(scopes, producer, cancel))?.AppliedNumber ?? 0;
                var look = true;
                while (!cancel.IsCancellationRequested)
                {
                    applied = await ApplyAll(producer, applied, waiting, look, cancel);
                    pause = TimeSpan.FromMilliseconds(100);
                    look = !await Arrival(arrived, cancel);
                    while (arrived.TryRead(out var fact)) waiting[fact.Number] = fact;
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Nothing was applied: the same facts come again.
                FactMeasures.Failed(self.Name, producer);
                if (failure is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded })
                    log.LogDebug("{Producer} is away; asking again.", producer);
                else
                    log.LogWarning(failure, "Facts of {Producer} could not be applied; trying again.", producer);
                await Task.Delay(pause, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (pause < TimeSpan.FromSeconds(2)) pause *= 2;

                // What the bus brought meanwhile is applied even while the producer cannot be asked.
                while (arrived.TryRead(out var fact)) waiting[fact.Number] = fact;
            }
        }
    }

    /// <summary>Applies what the bus brought; asks the producer at a gap, and for all there is if it is told to look.</summary>
    private async Task<long> ApplyAll(
        string producer, long applied, SortedDictionary<long, FactMessage> waiting, bool look, CancellationToken cancel)
    {
        while (true)
        {
            var known = waiting.Keys.TakeWhile(number => number <= applied).ToList();
            foreach (var early in known) waiting.Remove(early);
            FactMeasures.Repeated(self.Name, producer, known.Count);

            var batch = new List<FactMessage>();
            while (batch.Count < BatchSize && waiting.TryGetValue(applied + batch.Count + 1, out var next)) batch.Add(next);
            if (batch.Count == 0)
            {
                if (waiting.Count == 0 && !look) return applied;
                batch = [.. await source.Read(producer, applied + 1, BatchSize, cancel)];
                if (batch.Count == 0) return applied;
                FactMeasures.Fetched(self.Name, producer, batch.Count, gap: waiting.Count > 0);
                FactMeasures.Known(self.Name, producer, batch[^1].Number);
                if (batch[0].Number != applied + 1)
                    throw new InvalidOperationException($"{producer} answers with its fact {batch[0].Number} when it is asked for those from {applied + 1} on.");
            }

            applied = await Inbox.Apply(
                scopes, producer, batch, fact => fact.Number,
                (services, _, fact, token) => hearers.Hear(services, fact, token), cancel);
        }
    }

    /// <summary>Waits for the bus; false when it was quiet for a while, for it may have lost something.</summary>
    private async Task<bool> Arrival(ChannelReader<FactMessage> arrived, CancellationToken cancel)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        quiet.CancelAfter(Quiet);
        try
        {
            return await arrived.WaitToReadAsync(quiet.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>The name of the service this container belongs to.</summary>
public sealed record ServiceName(string Name);

/// <summary>Where a producer's facts can be read again.</summary>
public interface IFactSource
{
    /// <summary>Facts of a producer from a number on, in order; empty when there are none yet.</summary>
    Task<IReadOnlyList<FactMessage>> Read(string producer, long from, int atMost, CancellationToken cancel);
}

/// <summary>Reads facts from their producer over gRPC.</summary>
public sealed class ProducerFacts(ExchangeClient exchange) : IFactSource
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<FactMessage>> Read(string producer, long from, int atMost, CancellationToken cancel)
    {
        var request = new ReadFactsRequest { FromNumber = from, PageSize = atMost };
        var response = await exchange.FactsOf(producer).ReadFactsAsync(
            request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
        return [.. response.Facts.Select(fact => new FactMessage
        {
            Producer = producer,
            Number = fact.Number,
            Type = fact.Type,
            Body = fact.Body.ToStringUtf8(),
            HappenedTime = fact.HappenedTime.ToDateTimeOffset(),
            TraceParent = fact.TraceParent,
        })];
    }
}
