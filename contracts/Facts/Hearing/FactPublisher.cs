using System.Diagnostics;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Facts.Hearing;

/// <summary>Hands this service's facts to the bus, in order, from its table. What it hands over twice is dropped by those who hear it.</summary>
public sealed class FactPublisher(
    ServiceName self,
    IBus bus,
    Signals signals,
    IServiceScopeFactory scopes,
    ILogger<FactPublisher> log) : BackgroundService
{
    private const int BatchSize = 500;

    private readonly ActivitySource _spans = Tracing.Of(self.Name);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await PublishSome(stoppingToken) == BatchSize) { }
                await signals.Told.Wait(TimeSpan.FromSeconds(3), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning(failure, "The facts of {Service} could not be handed to the bus; trying again.", self.Name);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> PublishSome(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        var (told, published) = await db.FactHead.AsNoTracking()
            .Select(head => new ValueTuple<long, long>(head.LastNumber, head.PublishedNumber)).SingleAsync(cancel);
        FactMeasures.Told(self.Name, told, published);
        var facts = await db.Facts.AsNoTracking()
            .Where(fact => fact.Number > published).OrderBy(fact => fact.Number).Take(BatchSize).ToListAsync(cancel);
        if (facts.Count == 0) return 0;

        foreach (var fact in facts)
        {
            using var span = fact.TraceParent.Length > 0 && _spans.HasListeners()
                ? _spans.Continue($"tell {fact.Type}", ActivityKind.Producer, fact.TraceParent)
                : null;
            span?.SetTag("cx.fact.number", fact.Number);
            using var atMost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            atMost.CancelAfter(TimeSpan.FromSeconds(10));
            await bus.Publish(new FactMessage
            {
                Producer = self.Name,
                Number = fact.Number,
                Type = fact.Type,
                Body = fact.Body,
                HappenedTime = fact.HappenedTime,
                TraceParent = fact.TraceParent,
            }, atMost.Token);
        }
        var last = facts[^1].Number;
        await db.FactHead.Where(head => head.PublishedNumber < last)
            .ExecuteUpdateAsync(head => head.SetProperty(h => h.PublishedNumber, last), cancel);
        FactMeasures.Published(self.Name, facts.Count);
        FactMeasures.Told(self.Name, Math.Max(told, last), last);
        return facts.Count;
    }
}
