using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Facts.MatchingEngine.V1;
using ComputeExchange.Facts.Transport;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Google.Protobuf;

namespace ComputeExchange.Auctioneer;

/// <summary>Takes closed runs from the bus, one at a time, solves them and hands the answer to the engine, which checks it before it believes it.</summary>
/// <remarks>
/// If this process dies in between, the engine offers the run again. Whatever is answered twice or late, the engine
/// takes the first answer that verifies and refuses the rest.
/// </remarks>
internal sealed class SolveClosedAuctions(IBus bus, ExchangeClient exchange, ILogger<SolveClosedAuctions> log) : BackgroundService
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly ActivitySource Spans = Tracing.Of(ServiceNames.Auctioneer);

    /// <summary>The last work that the engine has answered for: it may still be offered again to whoever asks next.</summary>
    private (long Run, string Problem)? _done;

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => bus.Work(AuctionClosed.Queue, Solve, stoppingToken);

    private async Task Solve(WorkMessage work, CancellationToken cancel)
    {
        var closed = JsonSerializer.Deserialize<AuctionClosed>(work.Body, Json) ?? throw new JsonException("The work is empty.");
        if (_done == (closed.RunId, closed.ProblemJson)) return;
        using var span = Spans.Continue("solve auction", ActivityKind.Consumer, work.TraceParent);
        span?.SetTag("cx.run.id", closed.RunId);

        var problem = AuctionJson.ReadProblem(Encoding.UTF8.GetBytes(closed.ProblemJson));
        var started = Stopwatch.GetTimestamp();
        var solution = Solve(closed, problem) with
        {
            Seconds = decimal.Round((decimal)Stopwatch.GetElapsedTime(started).TotalSeconds, 3),
            Solver = AuctioneerModule.Version,
        };

        Measures.Solved(solution, Stopwatch.GetElapsedTime(started));
        span?.SetTag("cx.solution.status", solution.Status.ToString()).SetTag("cx.solution.fills", solution.Fills.Count);

        // The time it took is not part of the answer: the same run solved again has the same id and the same content.
        var json = AuctionJson.WriteSolution(solution with { Seconds = 0 });
        var request = new SubmitRequest
        {
            CommandId = DerivedId.From("clear", closed.RunId, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(json))).ToString(),
            Command = new EngineCommand { ClearRun = new ClearRun { RunId = closed.RunId, SolutionJson = ByteString.CopyFrom(json) } },
        };
        var answer = await Patience.Ask(
            () => exchange.Engine.SubmitAsync(request, cancellationToken: cancel).ResponseAsync, TimeSpan.FromSeconds(30), cancel);
        _done = (closed.RunId, closed.ProblemJson);
        if (answer.Events.FirstOrDefault()?.CommandRefused is { } refused && refused.Reason != "RUN_NOT_CLEARING")
        {
            Measures.Refused();
            log.LogError("The engine refused the solution of run {Run}: {Reason} {Message}", closed.RunId, refused.Reason, refused.Message);
        }
        else
        {
            log.LogDebug("Run {Run}: {Status}, {Fills} fills, {Seconds} s.", closed.RunId, solution.Status, solution.Fills.Count, solution.Seconds);
        }
    }

    /// <summary>The answer, under the budget and from the prices that the work names.</summary>
    private static AuctionSolution Solve(AuctionClosed closed, AuctionProblem problem) =>
        AuctionSolver.Solve(problem, new SolverBudget(closed.SolverNodes)
        {
            StartPrices = closed.StartPricesJson.Length == 0 ? null : JsonSerializer.Deserialize<long?[][]>(closed.StartPricesJson),
        });
}
