using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Solves the runs that it reads of, the real solver's way; now and then it gives one up or answers nonsense first.</summary>
internal sealed class Auctioneer : Script
{
    public override int Lanes => 1;

    public override TimeSpan Pause => TimeSpan.FromMilliseconds(100);

    public override bool ReadsFeed => true;

    public override bool IsOver(Notebook notebook) => true;

    public override void Read(Notebook notebook, FeedEntry entry, Dice dice)
    {
        if (entry.Event.RunClosed is not { } closed) return;
        if (dice.OnceIn(8))
        {
            notebook.Write(DerivedId.From("reopen", closed.RunId), new EngineCommand { ReopenRun = new ReopenRun { RunId = closed.RunId } }, dice);
            return;
        }
        if (dice.OnceIn(8)) notebook.Write(DerivedId.From("nonsense", closed.RunId), Clear(closed.RunId, "{}"u8.ToArray()), dice);
        var solution = AuctionSolver.Solve(AuctionJson.ReadProblem(closed.ProblemJson.Memory), new SolverBudget(1_000));
        notebook.Write(DerivedId.From("solution", closed.RunId), Clear(closed.RunId, AuctionJson.WriteSolution(solution)), dice);
    }

    private static EngineCommand Clear(long run, byte[] solution) =>
        new() { ClearRun = new ClearRun { RunId = run, SolutionJson = ByteString.CopyFrom(solution) } };
}
