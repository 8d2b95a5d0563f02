using System.Diagnostics;
using System.Text.Json;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.MatchingEngine.V1;
using ComputeExchange.Facts.Transport;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>Sees to it that a closed run is cleared: offers it to the solvers, again if nobody answers, and reopens it if nobody ever does.</summary>
/// <remarks>Solving takes real time, whatever the exchange's clock shows.</remarks>
internal sealed class Supervisor(Engine engine, IBus bus, ILogger<Supervisor> log) : BackgroundService
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var committed = new Signal();
        engine.Committed += committed.Set;
        var (run, attempts, offered) = (0L, 0, 0L);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await committed.Wait(TimeSpan.FromMilliseconds(500), stoppingToken);
                if (!engine.IsServing) continue;
                var waiting = await engine.Ask(
                    (exchange, _) => (Run: exchange.ClearingRun, Problem: exchange.ClearingProblem, Start: exchange.PricesToStartFrom(), exchange.Settings, Trace: engine.RunTrace), stoppingToken);
                if (waiting.Problem is null) continue;

                if (waiting.Run != run) (run, attempts, offered) = (waiting.Run, 0, 0);
                else if (TimeProvider.System.GetElapsedTime(offered) < TimeSpan.FromSeconds(waiting.Settings.SolveAgainSeconds)) continue;

                if (attempts >= waiting.Settings.MostSolveAttempts)
                {
                    log.LogWarning("Run {Run} was offered {Attempts} times and not solved; it is reopened.", run, attempts);
                    using var givingUp = EventTraces.Spans.Continue("give run up", ActivityKind.Internal, waiting.Trace);
                    await engine.Submit(
                        DerivedId.From("reopen", run), new EngineCommand { ReopenRun = new ReopenRun { RunId = run } }, stoppingToken);
                    continue;
                }
                using var offering = EventTraces.Spans.Continue("offer run", ActivityKind.Producer, waiting.Trace);
                offering?.SetTag("cx.run.id", run).SetTag("cx.attempt", attempts + 1);
                Measures.RunOffered(again: attempts > 0);
                attempts++;
                offered = TimeProvider.System.GetTimestamp();
                await bus.Offer(new WorkMessage
                {
                    Queue = AuctionClosed.Queue,
                    Body = JsonSerializer.Serialize(new AuctionClosed
                    {
                        RunId = run,
                        ProblemJson = System.Text.Encoding.UTF8.GetString(AuctionJson.WriteProblem(waiting.Problem)),
                        SolverNodes = waiting.Settings.SolverNodes,
                        StartPricesJson = waiting.Start is null ? "" : JsonSerializer.Serialize(waiting.Start),
                    }, Json),
                    TraceParent = offering?.Id ?? waiting.Trace,
                }, stoppingToken).WaitAsync(TimeSpan.FromSeconds(5), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                if (failure is not EngineUnavailableException) log.LogWarning("Run {Run} could not be offered: {Reason}", run, failure.Message);
                offered = 0;
                await Task.Delay(200, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
