using System.Collections.Concurrent;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Rails;

/// <summary>Makes the test rail's bank on the simulated clock.</summary>
/// <param name="Seed">From which its misbehaviour follows.</param>
public sealed record TestBankSeed(long Seed);

/// <summary>The test rail's bank: says through the public door, signed, what <see cref="Mischief"/> has it say by the exchange's clock.</summary>
/// <remarks>It keeps nothing: started again, it says again what it said before, and each event counts once.</remarks>
public sealed class TestBank(
    IServiceScopeFactory scopes, ExchangeClient exchange, RailSecrets secrets, TestBankSeed seed, TimeProvider clock, ILogger<TestBank> log) : BackgroundService, IDueWork
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<(string EventId, DateTimeOffset Told), bool> _said = [];

    /// <inheritdoc />
    public async Task<int> CountDue(ServiceDb db, CancellationToken cancel) => (await Due((SettlementDb)db, cancel)).Count;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Speak(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogDebug(failure, "The test bank was not heard; it says it again.");
            }
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Speak(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var telling in await Due(scope.ServiceProvider.GetRequiredService<SettlementDb>(), cancel))
        {
            var body = RailMessage.Write([telling.Event]);
            await exchange.Payments.DeliverRailEventsAsync(
                new DeliverRailEventsRequest { Rail = TestRail.RailName, Body = ByteString.CopyFrom(body), Signature = secrets.Sign(TestRail.RailName, body) },
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
            _said[(telling.Event.Id, telling.Told)] = true;
        }
    }

    private async Task<IReadOnlyList<RailTelling>> Due(SettlementDb db, CancellationToken cancel)
    {
        var (now, since) = (clock.GetUtcNow(), clock.GetUtcNow() - Mischief.Longest);
        var given = await db.Payments.AsNoTracking()
            .Where(payment => payment.Rail == TestRail.RailName && payment.RailReference != "" && payment.SentTime > since).ToListAsync(cancel);
        return [.. given
            .SelectMany(payment => Mischief.OfPayment(seed.Seed, payment.Id, new Money(payment.AmountMicros), payment.SentTime!.Value))
            .Where(telling => telling.Told <= now && !_said.ContainsKey((telling.Event.Id, telling.Told)))
            .OrderBy(telling => telling.Told)];
    }
}
