using ComputeExchange.Simulation.Bugs;
using Shouldly;
using Xunit;

namespace ComputeExchange.Simulation;

/// <summary>A simulation that finds nothing proves nothing: each of these bugs is found, and without it the same worlds are in order.</summary>
public sealed class PlantedBugsTests(ITestOutputHelper output)
{
    private const ulong MostSeeds = 500;

    private static readonly IReadOnlyList<Bug> Bugs =
    [
        new AcknowledgesBeforeCommit(), new NoFence(), new NothingKeepsTheOldOwnerOut(), new FencesBesideTheTransaction(), new EpochIsNotRaised(),
        new IgnoresTheNotice(), new AsynchronousStandby(), new TwoTransactions(), new UncertainCountsAsWritten(), new WithoutTheTail(), new ForgetsOldIds(),
        new SnapshotsUnchecked(), new SkipsInTheFeed(), new PublishesBeforeCommit(), new RepeatsWithoutOutcome(), new ReplaysUnderNewestRules(), new ReadersForget(), new RemembersWhatWasLost(),
        new CursorApartFromPostings(), new PostsWithoutCauseKey(), new BooksAfterItAnswers(), new RepeatsWithoutCommit(),
    ];

    public static TheoryData<string> Names => [.. Bugs.Select(bug => bug.GetType().Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_found(string name)
    {
        var bug = Bugs.Single(bug => bug.GetType().Name == name);
        output.WriteLine(bug.Sentence);
        for (var seed = 1UL; seed <= MostSeeds; seed++)
        {
            var outcome = new World(seed, bug).Run();
            if (outcome.Violation is null) continue;
            output.WriteLine($"Found by seed {seed}: {outcome.Violation}");
            new World(seed, bug.Mended).Run().Violation.ShouldBeNull("Without the bug the same world must be in order.");
            return;
        }
        Assert.Fail($"Not found in {MostSeeds} worlds: {bug.Sentence}");
    }
}
