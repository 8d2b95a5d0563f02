using ComputeExchange.Simulation.Bugs;
using ComputeExchange.Simulation.Faults;
using ComputeExchange.Simulation.Journaling;
using ComputeExchange.Simulation.Settling;
using Shouldly;
using Xunit;

namespace ComputeExchange.Simulation;

/// <summary>What keeps a second writer out is there more than once: with one line of defence missing, the others hold.</summary>
public sealed class LinesOfDefenceTests
{
    private static readonly Seeds Some = new(1, 30);

    [Fact]
    public void The_fence_alone_keeps_an_old_owner_out() =>
        MustHold(new Guards { EndsLastSession = false, UniqueKeys = false }).SelectMany(outcome => outcome.Seen).ShouldContain("an engine was fenced");

    [Fact]
    public void Ending_its_session_alone_keeps_an_old_owner_out() => MustHold(new Guards { Fence = false, UniqueKeys = false });

    /// <summary>What is read again after a crash is posted under the same causes.</summary>
    [Fact]
    public void The_keys_of_what_was_posted_alone_keep_a_part_of_the_feed_that_comes_again_out() =>
        MustHold(new LessGuarded(new Guards(), new LedgerGuards { Cursor = CursorIs.AfterThePostings }));

    private static IReadOnlyList<Outcome> MustHold(Guards guards) =>
        MustHold(new LessGuarded(guards, new LedgerGuards(), typeof(FreezeEngines)));

    private static IReadOnlyList<Outcome> MustHold(Bug bug)
    {
        var outcomes = Seeds.Run(Some, seed => new World(seed, bug).Run());
        outcomes.Where(outcome => outcome.Violation is not null).Select(outcome => outcome.Report).ShouldBeEmpty();
        return outcomes;
    }

    private sealed class LessGuarded(Guards guards, LedgerGuards ledger, params Type[] faults) : Bug
    {
        public override string Sentence => "A line of defence is missing.";

        public override Guards Guards => guards;

        public override LedgerGuards Ledger => ledger;

        public override IReadOnlyList<Type> BroughtToLightBy => faults;
    }
}
