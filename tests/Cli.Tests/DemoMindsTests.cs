using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

/// <summary>The demo's people on the engine's own rules: whatever they do must be allowed, and must move prices.</summary>
public class DemoMindsTests
{
    static readonly DateTimeOffset Morning = new(2026, 2, 27, 7, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nobody_ever_offers_more_than_a_node_has_bids_more_than_it_owns_or_names_a_price_between_ticks(long seed)
    {
        // The engine refuses each of these; what ends by itself in a run needs no cancel and is no fault.
        var world = new DemoWorld(CastOf(seed), Morning).Pass(12 * 60);
        world.Refusals.ShouldBeEmpty();
        world.Leases.ShouldBeGreaterThan(250);
    }

    [Fact]
    public void The_same_seed_decides_the_same_and_another_seed_does_not()
    {
        var one = new DemoWorld(CastOf(1), Morning).Pass(180);
        new DemoWorld(CastOf(1), Morning).Pass(180).Decided.ShouldBe(one.Decided);
        new DemoWorld(CastOf(2), Morning).Pass(180).Decided.ShouldNotBe(one.Decided);
    }

    [Fact]
    public void A_demo_begins_with_bids_and_with_offers_over_the_next_day_and_more()
    {
        var world = new DemoWorld(CastOf(1), Morning);
        world.Bids.Count.ShouldBeGreaterThan(60);
        world.Bids.Count(bid => bid.IsBlock).ShouldBeInRange(10, world.Bids.Count - 20);
        world.Bids.Count(bid => bid.From <= Morning.AddHours(1)).ShouldBeGreaterThan(10);
        world.Bids.Count(bid => bid.From >= Morning.AddHours(6)).ShouldBeGreaterThan(10);
        world.Bids.Select(bid => bid.Limit).Distinct().Count().ShouldBeGreaterThan(40);
        for (var hour = 0; hour < 24; hour++)
            world.Offers.Where(offer => offer.From <= Morning.AddHours(hour) && offer.To > Morning.AddHours(hour)).Sum(offer => offer.Gpus).ShouldBe(world.Cast.Markets.Sum(market => market.Gpus));
    }

    [Fact]
    public void Prices_and_asks_go_on_moving()
    {
        var world = new DemoWorld(CastOf(1), Morning);
        for (var hour = 0; hour < 24; hour += 2)
        {
            var (asks, seen) = (world.Offers.Select(offer => offer.Id).ToHashSet(), world.Course.ToDictionary(course => course.Key, course => course.Value.Count));
            world.Pass(120);
            world.Offers.Count(offer => !asks.Contains(offer.Id)).ShouldBeGreaterThan(20, $"offers in hour {hour}");
            foreach (var (market, course) in world.Course.Where(course => seen.ContainsKey(course.Key)))
                course[seen[market]..].Distinct().Count().ShouldBeGreaterThan(1, $"prices of {market} in hour {hour}");
        }
        foreach (var (market, course) in world.Course) ((decimal)course.Max() / course.Min()).ShouldBeGreaterThan(1.2m, market);
    }

    [Fact]
    public void A_provider_who_has_left_takes_everything_back_and_offers_it_again_later()
    {
        var (cast, weather) = (CastOf(1), new Weather(CastOf(1).Seed));
        var minds = new ProviderMind(cast, weather);
        var provider = cast.Providers[0];
        var away = Enumerable.Range(0, 20_000).Select(minute => Morning.AddMinutes(minute)).First(time => weather.IsAway(provider.Name, time));
        var here = away.AddHours(6);
        var node = cast.Nodes.First(node => node.Node.Provider == provider).Node;
        var gpus = cast.Nodes.ToDictionary(node => node.Node.Id, node => node.Node.Gpus);
        var offer = new OpenOffer(7, node.Id, node.Gpus, SlotRules.HourOf(away), SlotRules.HourOf(away).AddHours(12), new Price(2_000_000));

        var left = minds.Turn(provider, away, new ProviderView(gpus, [offer], [], LastPrices.None)).ShouldHaveSingleItem();
        left.Old.Select(old => old.Number).ShouldBe([7]);
        left.New.ShouldBeEmpty();
        weather.IsAway(provider.Name, here).ShouldBeFalse();
        minds.Turn(provider, here, new ProviderView(gpus, [], [], LastPrices.None)).SelectMany(decision => decision.New).ShouldNotBeEmpty();
    }

    [Fact]
    public void What_is_sold_is_not_offered_again_and_what_the_exchange_does_not_have_neither()
    {
        var cast = CastOf(1);
        var minds = new ProviderMind(cast, new Weather(cast.Seed));
        foreach (var provider in cast.Providers)
        {
            var nodes = cast.Nodes.Where(node => node.Node.Provider == provider).Select(node => node.Node).ToList();
            var gpus = nodes.ToDictionary(node => node.Id, node => node.Gpus - 1);
            var sold = nodes.Select(node => new SoldGpus(node.Id, 1, Morning.AddHours(2), Morning.AddHours(9))).ToList();
            var offers = minds.Turn(provider, Morning, new ProviderView(gpus, [], sold, LastPrices.None), isOpening: true).SelectMany(decision => decision.New).ToList();
            foreach (var node in nodes)
            {
                for (var hour = Morning; hour < Morning.AddHours(24); hour = hour.AddHours(1))
                {
                    var taken = hour >= Morning.AddHours(2) && hour < Morning.AddHours(9) ? 1 : 0;
                    offers.Where(offer => offer.Node.Id == node.Id && offer.From <= hour && offer.To > hour).Sum(offer => offer.Gpus).ShouldBe(node.Gpus - 1 - taken);
                }
            }
        }
    }

    [Fact]
    public void A_buyer_without_money_does_not_bid_and_is_given_some_once_in_ten_minutes()
    {
        var cast = CastOf(1);
        var (weather, pace) = (new Weather(cast.Seed), new Pace(60));
        var poor = cast.Seats.ToDictionary(seat => seat.Id, _ => Money.Zero);
        new BuyerMind(cast, weather, pace).Opening(Morning, new BuyersView([], poor, LastPrices.None)).ShouldBeEmpty();

        var cashier = new Cashier(cast, pace);
        var due = cashier.Due(poor, Morning);
        due.Count.ShouldBe(cast.Seats.Count);
        cashier.Due(poor, Morning.AddMinutes(9)).ShouldBe(due);
        cashier.Due(poor, Morning.AddMinutes(10)).Select(topUp => topUp.RequestId).Intersect(due.Select(topUp => topUp.RequestId)).ShouldBeEmpty();
        cashier.Due(due.ToDictionary(topUp => topUp.For.Id, topUp => topUp.Amount), Morning).ShouldBeEmpty();
    }

    [Fact]
    public void At_a_tenfold_speed_no_more_is_asked_of_the_exchange_in_a_second_but_as_much_is_wanted()
    {
        var (usual, fast) = (Wanted(60), Wanted(600));
        ((decimal)fast.Bids / usual.Bids).ShouldBeLessThan(0.3m);
        ((decimal)fast.GpuHours / usual.GpuHours).ShouldBeInRange(0.5m, 2m);

        static (int Bids, decimal GpuHours) Wanted(int speed)
        {
            var cast = CastOf(1);
            var minds = new BuyerMind(cast, new Weather(cast.Seed), new Pace(speed));
            var rich = cast.Seats.ToDictionary(seat => seat.Id, _ => new Money(1_000_000_000_000));
            var bids = Enumerable.Range(0, 24 * 60).SelectMany(minute => minds.Minute(Morning.AddMinutes(minute), new BuyersView([], rich, LastPrices.None)))
                .Select(decision => decision.New!).ToList();
            return (bids.Count, bids.Sum(bid => bid.Gpus * (decimal)(bid.To - bid.From).TotalHours));
        }
    }

    [Fact]
    public void Bursts_lulls_and_empty_seats_come_and_go_in_every_week()
    {
        var (cast, weather) = (CastOf(1), new Weather(CastOf(1).Seed));
        var week = Enumerable.Range(0, 7 * 24 * 4).Select(quarter => Morning.AddMinutes(15 * quarter)).ToList();
        foreach (var market in cast.Markets)
        {
            var spells = week.Select(time => weather.Spell(market.Name, time)).ToList();
            spells.Count(spell => spell > 1_000).ShouldBeInRange(10, week.Count / 3);
            spells.Count(spell => spell < 1_000).ShouldBeInRange(1, week.Count / 5);
        }
        foreach (var provider in cast.Providers) week.Count(time => weather.IsAway(provider.Name, time)).ShouldBeInRange(1, week.Count / 4);
    }

    [Fact]
    public void Most_hours_are_delivered_some_in_part_and_a_few_not_at_all()
    {
        var cast = CastOf(1);
        var delivery = new Delivery(cast);
        var hours = Enumerable.Range(0, 24 * 30).SelectMany(hour => cast.Nodes.Select(node => delivery.Of(node.Node.Id, Morning.AddHours(hour), 3_600))).ToList();
        hours.ShouldAllBe(delivered => delivered == null || (delivered >= 1_800 && delivered <= 3_600));
        hours.Count(delivered => delivered is null).ShouldBeInRange(hours.Count / 200, hours.Count / 50);
        hours.Count(delivered => delivered < 3_600).ShouldBeInRange(hours.Count / 200, hours.Count / 10);
    }

    static Cast CastOf(long seed)
    {
        var folder = Path.Combine(CommandLineTests.Root, "deploy", "scenario");
        var files = new ReplayFiles(
            OffersFile.Read("offers.csv", File.ReadAllBytes(Path.Combine(folder, "offers.csv")), 1_000, 50_000_000), RequestsFile.Read(Path.Combine(folder, "requests.csv")),
            TokensFile.Read(Path.Combine(folder, "tokens_per_gpu.csv")), PricesFile.Read(Path.Combine(folder, "token_prices.csv")));
        return Cast.Of(Planner.Make(files, new PlanOptions("llama3.1-8b", 2, seed), ExchangeTerms.Default), ExchangeTerms.Default, SlotRules.Default, buyerFeePpm: 1_500);
    }
}
