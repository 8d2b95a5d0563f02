using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

public class RunTests
{
    private readonly Market _market = new();

    [Fact]
    public void Everyone_in_a_slot_pays_the_same_price_and_the_saving_is_free_at_once()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 6, fromHour: 2, hours: 1, limit: 3m);
        _market.Bid(Bob, gpus: 6, fromHour: 2, hours: 1, limit: 2.4m);
        var events = _market.Run();

        var price = events.OfType<Event.RunCleared>().Single().Prices.ShouldHaveSingleItem();
        price.Price.ShouldBe(Per(2.4m));
        price.Gpus.ShouldBe(8);
        var leases = events.OfType<Event.LeaseSold>().ToList();
        leases.Select(lease => (lease.Buyer, lease.Gpus)).ShouldBe([(Ann, 6), (Bob, 2)], ignoreOrder: true);
        leases.SelectMany(lease => lease.Slots).ShouldAllBe(slot => slot.Price == Per(2.4m));

        // Ann pays 6 × $2.40 and 0.15%: what she reserved above that is hers again.
        _market.Of(Ann).Reserved.ShouldBe(Money.Zero);
        _market.Of(Ann).Collateral.ShouldBe(Dollars(1_000m - (14.4m * 1.0015m)));

        // Bob still wants 4.
        _market.Of(Bob).Reserved.ShouldBe(Dollars(9.6m * 1.0015m));
    }

    [Fact]
    public void A_block_is_filled_whole_or_not_at_all()
    {
        _market.Offer(gpus: 8, fromHour: 0, hours: 6, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 3, hours: 4, limit: 3m, block: true);
        _market.Run().OfType<Event.LeaseSold>().ShouldBeEmpty();

        _market.Bid(Bob, gpus: 4, fromHour: 2, hours: 4, limit: 3m, block: true);
        var lease = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        lease.Buyer.ShouldBe(Bob);
        lease.Slots.Count.ShouldBe(4);
        lease.Gpus.ShouldBe(4);
    }

    [Fact]
    public void What_is_sold_is_not_sold_again()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 8, fromHour: 2, hours: 1, limit: 3m);
        _market.Run().OfType<Event.LeaseSold>().Sum(lease => lease.Gpus).ShouldBe(8);
        _market.Bid(Bob, gpus: 8, fromHour: 2, hours: 1, limit: 10m);
        _market.Run().OfType<Event.LeaseSold>().ShouldBeEmpty();
    }

    [Fact]
    public void The_slot_in_progress_sells_for_what_is_left_of_it_at_the_prompt_reserve()
    {
        _market.Offer(gpus: 8, reserve: 2m, prompt: 1m);
        _market.Now = Noon.AddMinutes(15);
        _market.Bid(Ann, gpus: 2, fromHour: 0, hours: 1, limit: 1.5m);
        var slot = _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Slots.ShouldHaveSingleItem();
        slot.From.ShouldBe(Noon.AddMinutes(15));
        slot.To.ShouldBe(Noon.AddHours(1));
        slot.Price.ShouldBeInRange(Per(1m), Per(1.5m));
        slot.Cost.ShouldBe(slot.Price.CostOf(2, 45));
    }

    [Fact]
    public void A_slot_behind_its_gate_is_not_sold_before_it_starts()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 2, fromHour: 1, hours: 1, limit: 3m);
        _market.Now = Noon.AddMinutes(55);
        _market.Run().OfType<Event.LeaseSold>().ShouldBeEmpty();
        _market.Now = Noon.AddMinutes(60);
        _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Slots.Single().From.ShouldBe(Noon.AddHours(1));
    }

    [Fact]
    public void A_solution_that_breaks_a_rule_is_refused_and_the_run_still_waits()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 6, fromHour: 2, hours: 1, limit: 3m);
        var run = _market.Do(new Command.CloseRun()).OfType<Event.RunClosed>().Single();
        var good = AuctionSolver.Solve(run.Problem, new SolverBudget(1_000));
        var bad = good with { Fills = [good.Fills[0] with { Gpus = 9 }] };
        var before = _market.Exchange.StateHash();

        _market.Refusal(new Command.ClearRun(run.Run, AuctionJson.WriteSolution(bad))).ShouldBe("SOLUTION_INVALID");
        _market.Refusal(new Command.ClearRun(run.Run, new byte[] { 1, 2, 3 })).ShouldBe("SOLUTION_MALFORMED");
        _market.Refusal(new Command.ClearRun(run.Run + 1, AuctionJson.WriteSolution(good))).ShouldBe("RUN_NOT_CLEARING");
        _market.Exchange.StateHash().ShouldBe(before);

        _market.Do(new Command.ClearRun(run.Run, AuctionJson.WriteSolution(good))).OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        _market.Refusal(new Command.ClearRun(run.Run, AuctionJson.WriteSolution(good))).ShouldBe("RUN_NOT_CLEARING");
    }

    [Fact]
    public void A_cancel_while_a_run_clears_takes_effect_when_it_ends_on_what_is_left()
    {
        _market.Offer(gpus: 4, reserve: 2m);
        var bid = _market.Bid(Ann, gpus: 6, fromHour: 2, hours: 1, limit: 3m);
        var run = _market.Do(new Command.CloseRun()).OfType<Event.RunClosed>().Single();
        _market.Do(new Command.CancelBid(Ann, bid)).ShouldHaveSingleItem().ShouldBeOfType<Event.CancelPending>();

        var solution = AuctionSolver.Solve(run.Problem, new SolverBudget(1_000));
        var events = _market.Do(new Command.ClearRun(run.Run, AuctionJson.WriteSolution(solution)));
        events.OfType<Event.LeaseSold>().ShouldHaveSingleItem().Gpus.ShouldBe(4);
        events.OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Cancelled);
        _market.Of(Ann).Reserved.ShouldBe(Money.Zero);
    }

    [Fact]
    public void A_run_that_is_given_up_loses_nothing()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 6, fromHour: 2, hours: 1, limit: 3m);
        var run = _market.Do(new Command.CloseRun()).OfType<Event.RunClosed>().Single();
        _market.Refusal(new Command.CloseRun()).ShouldBe("RUN_IS_CLEARING");
        _market.Do(new Command.ReopenRun(run.Run))[0].ShouldBeOfType<Event.RunReopened>();
        _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Gpus.ShouldBe(6);
    }

    [Fact]
    public void An_offer_in_pieces_still_serves_a_block_over_its_whole_length()
    {
        _market.Offer(gpus: 8, fromHour: 0, hours: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 3, hours: 2, limit: 3m);
        _market.Run().OfType<Event.LeaseSold>().ShouldNotBeEmpty();
        _market.Bid(Bob, gpus: 4, fromHour: 2, hours: 5, limit: 3m, block: true);
        _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem().Slots.Count.ShouldBe(5);
    }

    [Fact]
    public void A_bond_is_released_for_a_delivered_hour_and_taken_for_a_failed_one_once()
    {
        _market.Offer(gpus: 8, fromHour: 2, hours: 2, reserve: 2m);
        _market.Bid(Ann, gpus: 8, fromHour: 2, hours: 2, limit: 3m, block: true);
        var lease = _market.Run().OfType<Event.LeaseSold>().Single();
        var bond = lease.Slots[0].Bond;
        bond.ShouldBe(Dollars(8 * 0.4m));
        _market.Of(Provider).Bonds.ShouldBe(bond + bond);

        _market.Do(new Command.SettleBond(lease.Lease, 0, Money.Zero)).ShouldHaveSingleItem().ShouldBe(
            new Event.BondSettled(lease.Lease, 0, Provider, bond, Money.Zero));
        _market.Refusal(new Command.SettleBond(lease.Lease, 1, bond + new Money(1))).ShouldBe("AMOUNT_OUT_OF_RANGE");
        _market.Do(new Command.SettleBond(lease.Lease, 1, Dollars(1m)));
        _market.Refusal(new Command.SettleBond(lease.Lease, 1, Money.Zero)).ShouldBe("LEASE_UNKNOWN");
        _market.Of(Provider).Bonds.ShouldBe(Money.Zero);
        _market.Of(Provider).Collateral.ShouldBe(Dollars(999m));
    }

    [Fact]
    public void Past_hours_give_their_reservation_and_their_bond_back()
    {
        _market.Offer(gpus: 8, fromHour: 0, hours: 4, reserve: 2m);
        _market.Bid(Ann, gpus: 2, fromHour: 0, hours: 4, limit: 1m);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(8m * 1.0015m));
        _market.Now = Noon.AddHours(2);
        _market.Run();
        _market.Of(Ann).Reserved.ShouldBe(Dollars(4m * 1.0015m));
        _market.Of(Provider).Bonds.ShouldBe(Dollars(8 * 2 * 0.4m));

        _market.Now = Noon.AddHours(4);
        var closed = _market.Run();
        closed.OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Expired);
        closed.OfType<Event.OfferClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Expired);
        _market.Of(Ann).Free.ShouldBe(Dollars(1_000));
        _market.Of(Provider).Free.ShouldBe(Dollars(1_000));
    }
}
