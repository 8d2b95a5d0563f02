using Shouldly;
using Xunit;

namespace ComputeExchange.Simulation;

/// <summary>Whatever goes wrong, the exchange keeps its promises: some hundred worlds, or as many as are asked for.</summary>
public sealed class SeedsTests(ITestOutputHelper output)
{
    /// <summary>What some world of two hundred must have seen, or the worlds are too tame to prove anything.</summary>
    private static readonly IReadOnlyList<string> Lively =
    [
        "BidPlaced", "BidClosed", "OfferPlaced", "OfferClosed", "RunClosed", "RunCleared", "RunReopened", "LeaseSold", "LeaseMoved", "BondSettled", "CancelPending",
        "CommandRefused", "CollateralCredited", "CollateralDebited", "MarketDefined", "ParticipantSet", "NodeSet", "SettingsChanged",
        "InstrumentDefined", "AccountOpened", "OrdersHandled",
        "KillClients", "CutConnections", "PartMachines", "BadNetwork", "CrashDatabase", "LoseDatabase", "LoseDatabaseUnseen", "StopDatabaseStandby", "SlowDatabase", "FillDisk",
        "ClockJumps", "SpoilSnapshots", "an engine was killed", "a frozen engine woke", "an engine took over", "an engine followed",
        "a snapshot was restored", "a snapshot was skipped", "a commit was cut short", "an engine had read what the database lost",
        "a repeated command had its first outcome", "an id was refused", "a deposit was booked", "a withdrawal was asked for", "a payment was paid", "a payment failed",
    ];

    [Fact]
    public void Every_promise_is_kept_in_every_world()
    {
        var seeds = Seeds.FromEnvironment();
        output.WriteLine($"Seeds {seeds.First} to {seeds.Last}.");
        var outcomes = Seeds.Run(seeds, seed => new World(seed).Run());
        output.WriteLine($"{outcomes.Sum(outcome => outcome.Commands)} commands, {outcomes.Sum(outcome => outcome.Steps)} steps, {outcomes.Sum(outcome => outcome.Lasted.TotalSeconds):0} s of their time.");
        output.WriteLine($"All steps as one number: {outcomes.Aggregate(0UL, (all, outcome) => all ^ outcome.Trail):x16}; run again, it is the same.");
        if (outcomes.Count >= 200) Lively.Except(outcomes.SelectMany(outcome => outcome.Seen)).ShouldBeEmpty();
        outcomes.Where(outcome => outcome.Violation is not null).Select(outcome => outcome.Report).ShouldBeEmpty();
    }

    [Fact]
    public void The_same_seed_is_the_same_world()
    {
        foreach (var seed in (ulong[])[1, 2, 3])
        {
            var (one, other) = (new World(seed).Run(), new World(seed).Run());
            other.JournalHash.ShouldBe(one.JournalHash);
            other.Trail.ShouldBe(one.Trail);
        }
    }
}
