using ComputeExchange.Simulation.Bugs;
using ComputeExchange.Simulation.Faults;
using ComputeExchange.Simulation.Journaling;
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

    private static IReadOnlyList<Outcome> MustHold(Guards guards)
    {
        var outcomes = Seeds.Run(Some, seed => new World(seed, new LessGuarded(guards)).Run());
        outcomes.Where(outcome => outcome.Violation is not null).Select(outcome => outcome.Report).ShouldBeEmpty();
        return outcomes;
    }

    private sealed class LessGuarded(Guards guards) : Bug
    {
        public override string Sentence => "A line of defence is missing.";

        public override Guards Guards => guards;

        public override IReadOnlyList<Type> BroughtToLightBy => [typeof(FreezeEngines)];
    }
}
