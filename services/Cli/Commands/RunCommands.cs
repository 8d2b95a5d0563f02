using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx runs</c> and <c>cx run show</c>: the clearings of the auction, and their public record.</summary>
public static class RunCommands
{
    static readonly Argument<long> Id = CommandShape.Whole<long>("id", "The run's number.");
    static readonly Option<string?> Problem = CommandShape.May("--problem", "FILE", "Write the problem there: what cx auction solve and verify read.");
    static readonly Option<string?> Solution = CommandShape.May("--solution", "FILE", "Write the solution there.");

    /// <summary><c>cx runs</c>.</summary>
    public static Command MakeList() => CommandShape.Make("runs", "The last runs, newest first.", States.Most)
        .Does(async session =>
        {
            var most = session.Line.GetValue(States.Most);
            session.Print.Rows(Rows.Runs, await Session.Pages<Run>(async token =>
            {
                var request = new ListRunsRequest { PageSize = most is > 0 and < 200 ? most : 200, PageToken = token };
                var reply = await session.Ask(cancel => session.Exchange.OrderBook.ListRunsAsync(request, cancellationToken: cancel));
                return (reply.Runs, reply.NextPageToken);
            }, most));
        });

    /// <summary><c>cx run show</c>.</summary>
    public static Command Make() => CommandShape.Make("run", "One run of the auction.",
        CommandShape.Make("show", "A run, and its problem and solution for anyone to verify.", Id, Problem, Solution)
            .Does(async session =>
            {
                var request = new GetRunRequest { RunId = session.Line.GetValue(Id) };
                var reply = await session.Ask(cancel => session.Exchange.OrderBook.GetRunAsync(request, cancellationToken: cancel));
                session.Print.Card(Rows.Runs
                    .Text("Proven", "status", run => run.Status)
                    .Text("Stopped", "stopped", run => run.Stopped)
                    .Text("Solver", "solver", run => run.Solver)
                    .Text("SHA-256", "record_sha256", run => run.RecordSha256), reply.Run);
                if (session.Line.GetValue(Problem) is { } problem) await Write(session, problem, reply.ProblemJson.ToByteArray(), "problem");
                if (session.Line.GetValue(Solution) is { } solution)
                {
                    if (reply.SolutionJson.IsEmpty) throw new Words.InputException($"--solution: run {request.RunId} has no solution yet.");
                    await Write(session, solution, reply.SolutionJson.ToByteArray(), "solution");
                }
            }));

    static async Task Write(Session session, string path, byte[] bytes, string what)
    {
        await File.WriteAllBytesAsync(path, bytes, session.Cancel);
        session.Print.Say($"{what} written to {path}");
        session.Print.Field($"{what}_file", JsonValue.Create(path));
    }
}
