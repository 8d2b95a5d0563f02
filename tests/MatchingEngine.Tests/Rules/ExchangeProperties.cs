using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;
using BidKind = ComputeExchange.MatchingEngine.Core.BidKind;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>What holds for every history: any commands, good and bad, in any order, with time passing.</summary>
public class ExchangeProperties
{
    [Fact]
    public void No_history_makes_or_loses_money_or_sells_a_GPU_twice() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(120),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) => Play(new Random(seed), steps: 120)));

    [Fact]
    public void The_same_history_gives_the_same_state_and_the_same_events() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(20),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) =>
            {
                var (first, firstEvents) = History(seed);
                var (second, secondEvents) = History(seed);
                first.StateHash().ShouldBe(second.StateHash());
                firstEvents.ShouldBe(secondEvents);
            }));

    private static (Exchange Exchange, List<string> Events) History(int seed)
    {
        var exchange = new Exchange();
        var events = new List<string>();
        var market = new Market(exchange).WithMoreNodes();
        var random = new Random(seed);
        for (var i = 0; i < 60; i++) events.AddRange(Step(market, random).Select(e => e is Event.RunClosed or Event.RunCleared or Event.LeaseSold ? e.GetType().Name : e.ToString()));
        return (exchange, events);
    }

    private static void Play(Random random, int steps)
    {
        var market = new Market().WithMoreNodes();
        var money = 3 * Dollars(1_000).Micros;
        var sold = new Dictionary<(Guid, DateTimeOffset), int>();
        var held = new Dictionary<(Guid, DateTimeOffset), int>();
        var leases = new Dictionary<long, Event.LeaseSold>();
        for (var i = 0; i < steps; i++)
        {
            foreach (var happened in Step(market, random))
            {
                switch (happened)
                {
                    case Event.CollateralCredited credited: money += credited.Amount.Micros; break;
                    case Event.CollateralDebited debited: money -= debited.Amount.Micros; break;
                    case Event.BondSettled settled: money -= settled.Taken.Micros; break;
                    case Event.LeaseMoved moved:
                        foreach (var slot in leases[moved.Lease].Slots)
                        {
                            sold[(moved.From, slot.To)] -= leases[moved.Lease].Gpus;
                            sold[(moved.To, slot.To)] = sold.GetValueOrDefault((moved.To, slot.To)) + leases[moved.Lease].Gpus;
                        }
                        break;
                    case Event.LeaseSold lease:
                        leases.Add(lease.Lease, lease);
                        money -= lease.Slots.Sum(slot => slot.Cost.Micros + slot.BuyerFee.Micros);
                        foreach (var slot in lease.Slots)
                        {
                            if (lease.ResoldFrom == 0) sold[(lease.Node, slot.To)] = sold.GetValueOrDefault((lease.Node, slot.To)) + lease.Gpus;
                            else held[(lease.Provider, slot.To)] -= lease.Gpus;
                            held[(lease.Buyer, slot.To)] = held.GetValueOrDefault((lease.Buyer, slot.To)) + lease.Gpus;
                        }
                        break;
                }
            }
            market.Exchange.Holdings.Sum(held => held.Collateral.Micros).ShouldBe(money);
            market.Exchange.Holdings.ShouldAllBe(held => held.Free >= Money.Zero && held.Reserved >= Money.Zero && held.Bonds >= Money.Zero);
            sold.Values.ShouldAllBe(gpus => gpus >= 0 && gpus <= 8);
            held.Values.ShouldAllBe(gpus => gpus >= 0);
        }
    }

    internal static IReadOnlyList<Event> Step(Market market, Random random)
    {
        var buyer = random.Next(2) == 0 ? Ann : Bob;
        var hour = (int)(market.Now - Noon).TotalHours + random.Next(-1, 8);
        switch (random.Next(17))
        {
            case 0:
                return market.Do(new Command.PlaceOffer(
                    Provider, random.Next(3) switch { 0 => WestNode, 1 => OtherNode, _ => Node }, random.Next(0, 10), Noon.AddHours(hour), Noon.AddHours(hour + random.Next(0, 8)),
                    Per(2), Per(random.Next(0, 3)), random.Next(0, 4)) { ByPolicy = random.Next(2) == 0 });
            case 1 or 2 or 3:
                return market.Do(market.BidFor(buyer, random.Next(0, 10), hour, random.Next(0, 6), random.Next(0, 40) / 10m) with { Markets = AnyMarkets(random) });
            case 4 or 5:
                return market.Do(AnyBlock(market, random, buyer, hour));
            case 6:
                return market.Do(new Command.CancelBid(buyer, random.Next(0, 20)));
            case 7:
                return market.Do(new Command.CancelOffer(Provider, random.Next(0, 10)));
            case 8:
                return market.Do(new Command.SettleBond(random.Next(0, 10), random.Next(0, 4), new Money(random.Next(0, 4_000_000))));
            case 9:
                market.Now = market.Now.AddMinutes(random.Next(1, 100));
                return market.Do(random.Next(2) == 0
                    ? new Command.DebitCollateral(buyer, Dollars(random.Next(0, 300)), "out")
                    : new Command.CreditCollateral(buyer, Dollars(random.Next(0, 300)), "in"));
            case 11:
                return market.Do(market.StandingFor(buyer, random.Next(0, 6), random.Next(0, 40) / 10m, random.Next(2) == 0 ? null : hour + random.Next(0, 9), hour));
            case 12:
                return market.Do(new Command.PlaceOffer(
                    buyer, Guid.Empty, random.Next(0, 6), Noon.AddHours(hour), Noon.AddHours(hour + random.Next(1, 4)), Per(random.Next(0, 4)), Per(0), 1)
                {
                    Lease = random.Next(1, 12),
                });
            case 13:
                return market.Do(new Command.SetFees(random.Next(3) == 0 ? Provider : buyer, AnyRate(random), AnyRate(random)));
            case 10:
                return market.Do(new Command.SetNode(random.Next(2) == 0 ? Node : OtherNode, Provider, Name, random.Next(4) == 0 ? 0 : 8) { Traits = AnyTraits(random) });
            case 14 or 15:
                return market.Do(new Command.MoveLease(market.LastLease - random.Next(0, 5), random.Next(9) switch { 0 => WestNode, < 5 => OtherNode, _ => Node }));
            default:
                return CloseAndClear(market, random);
        }
    }

    /// <summary>A block that says one thing or another of all that blocks can say; some do not fit.</summary>
    private static Command.PlaceBid AnyBlock(Market market, Random random, Guid buyer, int hour)
    {
        var run = random.Next(1, 5);
        var block = market.BlockFor(buyer, random.Next(1, 9), hour, hour + run + random.Next(0, 4), run, random.Next(15, 60) / 10m);
        return random.Next(8) switch
        {
            0 => block with { Parent = random.Next(1, 30) },
            1 => block with { Group = random.Next(2) == 0 ? "day" : "night" },
            2 => block with { NodeGpus = random.Next(0, 5) },
            3 => block with { Starts = [Noon.AddHours(hour + random.Next(0, 4))] },
            5 => block with { Needs = AnyNeeds(random) },
            4 => block with { Markets = AnyMarkets(random), MinFill = random.Next(250, 1_001) },
            _ => block,
        };
    }

    private static NodeTraits AnyTraits(Random random) =>
        new(random.Next(2) == 0, random.Next(2) == 0, random.Next(0, 3) * 500_000, random.Next(2) == 0, random.Next(2) == 0 ? "DE" : "", random.Next(2) == 0 ? "EU" : "NA");

    private static NodeNeeds AnyNeeds(Random random) => new(
        random.Next(3) == 0 ? 500_000 : 0, random.Next(3) == 0, random.Next(3) == 0, random.Next(4) == 0 ? ["DE", "FR"] : [], random.Next(4) == 0 ? ["EU"] : [],
        random.Next(4) == 0 ? [Node, WestNode] : []);

    private static int? AnyRate(Random random) => random.Next(3) == 0 ? null : random.Next(-1, 110_000);

    private static string[] AnyMarkets(Random random) => random.Next(4) switch { 0 => [West], 1 => [Name, West], _ => [Name] };

    private static IReadOnlyList<Event> CloseAndClear(Market market, Random random)
    {
        var events = market.Do(new Command.CloseRun()).ToList();
        var run = market.Exchange.ClearingRun;
        if (run == 0) return events;
        if (random.Next(8) == 0) return [.. events, .. market.Do(new Command.ReopenRun(run))];

        // Sometimes things happen between the close and the answer.
        if (random.Next(3) == 0) events.AddRange(market.Do(new Command.CancelBid(Ann, random.Next(0, 20))));
        if (random.Next(3) == 0) events.AddRange(market.Do(market.BidFor(Bob, 2, (int)(market.Now - Noon).TotalHours + 2, 2, 3m)));
        if (random.Next(3) == 0) market.Now = market.Now.AddMinutes(random.Next(1, 90));
        var solution = AuctionSolver.Solve(market.Exchange.ClearingProblem!, new SolverBudget(2_000));
        var cleared = market.Do(new Command.ClearRun(run, AuctionJson.WriteSolution(solution)));
        cleared[0].ShouldBeOfType<Event.RunCleared>();
        return [.. events, .. cleared];
    }
}
