using ComputeExchange.MatchingEngine.Core;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>What holds for every snapshot: of any history, at any point of it, also while a run clears.</summary>
public class SnapshotProperties
{
    [Fact]
    public void A_restored_exchange_is_the_same_to_the_byte_and_goes_on_in_the_same_way() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) =>
            {
                var at = new Random(seed).Next(0, 80);
                var undisturbed = Play(seed, restoreAfter: -1);
                var restored = Play(seed, restoreAfter: at);
                restored.ShouldBe(undisturbed);
            }));

    [Fact]
    public void A_run_that_clears_is_in_the_snapshot_and_can_be_cleared_after_it()
    {
        var market = new Market();
        market.Offer();
        market.Bid(Market.Ann, 2, 1, 3, 3m);
        market.Do(new Command.CloseRun());
        var problem = Values.Auctions.AuctionJson.WriteProblem(market.Exchange.ClearingProblem!);
        market.Exchange = Restored(market.Exchange);
        Values.Auctions.AuctionJson.WriteProblem(market.Exchange.ClearingProblem!).ShouldBe(problem);
        var solution = Solver.AuctionSolver.Solve(market.Exchange.ClearingProblem!, new Solver.SolverBudget(1_000));
        market.Do(new Command.ClearRun(market.Exchange.ClearingRun, Values.Auctions.AuctionJson.WriteSolution(solution)))
            .OfType<Event.LeaseSold>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Every_single_setting_is_in_the_state()
    {
        var hashes = new HashSet<string>();
        var settings = typeof(Settings).GetProperties().Where(setting => setting.CanWrite).ToList();
        foreach (var setting in settings)
        {
            var changed = Settings.Default with { };
            var other = setting.Name == nameof(Settings.SlotMinutes) ? 30
                : setting.Name == nameof(Settings.StandingSlots) ? 3
                : setting.GetValue(changed) is int small ? (object)(small - 1) : (long)setting.GetValue(changed)! - 1;
            setting.SetValue(changed, other);
            var exchange = new Exchange();
            exchange.Apply(new Command.ChangeSettings(changed), Market.Noon).ShouldHaveSingleItem().ShouldBeOfType<Event.SettingsChanged>();
            hashes.Add(exchange.StateHash());
            Restored(exchange).Settings.ShouldBe(changed);
        }
        hashes.Count.ShouldBe(settings.Count);
    }

    private static List<string> Play(int seed, int restoreAfter)
    {
        var market = new Market().WithMoreNodes();
        var random = new Random(seed);
        var told = new List<string>();
        for (var step = 0; step < 80; step++)
        {
            // A run that is left clearing for a step is in some of the snapshots.
            var events = step % 7 == 3 ? market.Do(new Command.CloseRun()) : ExchangeProperties.Step(market, random);
            told.AddRange(events.Select(happened => Wire.ToProto(happened, Market.Node).ToString()));
            if (step == restoreAfter) market.Exchange = Restored(market.Exchange);
        }
        told.Add(market.Exchange.StateHash());
        return told;
    }

    private static Exchange Restored(Exchange exchange)
    {
        using var bytes = new MemoryStream();
        exchange.Write(new BinaryWriter(bytes));
        bytes.Position = 0;
        var restored = Exchange.Read(new BinaryReader(bytes));
        bytes.Position.ShouldBe(bytes.Length);
        restored.StateHash().ShouldBe(exchange.StateHash());
        return restored;
    }
}
