using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Values;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>What a bid reserved above what it pays is free with the very run that fills it.</summary>
/// <remarks>Everything is sold at $2.00, the reserve, where the bids said $3.00; the fee is 0.15%.</remarks>
public class PriceImprovementTests
{
    private readonly Market _market = new();

    [Fact]
    public void A_divisible_bid_that_is_filled_has_its_saving_free()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 2, hours: 3, limit: 3m);
        _market.Of(Ann).Free.ShouldBe(Dollars(1_000m - (36m * 1.0015m)));
        SellAtTwo(("b1", 2, 5, 4));
        Has(free: 1_000m - (24m * 1.0015m), reserved: 0);
    }

    [Fact]
    public void A_bid_that_is_filled_in_part_keeps_its_limit_reserved_only_for_what_it_still_wants()
    {
        _market.Offer(gpus: 8, fromHour: 2, hours: 1, reserve: 2m);
        _market.Bid(Ann, gpus: 8, fromHour: 2, hours: 2, limit: 3m);

        // All of the first hour, nothing of the second: of 16 GPU-hours 8 are still wanted.
        SellAtTwo(("b1", 2, 3, 8));
        Has(free: 1_000m - (16m * 1.0015m) - (24m * 1.0015m), reserved: 24m * 1.0015m);
    }

    [Fact]
    public void A_block_that_is_filled_has_its_saving_free()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 4, fromHour: 2, hours: 3, limit: 3m, block: true);
        SellAtTwo(("b1", 2, 5, 4));
        Has(free: 1_000m - (24m * 1.0015m), reserved: 0);
    }

    [Fact]
    public void A_block_that_is_filled_at_its_minimum_has_the_rest_and_the_saving_free()
    {
        _market.Offer(gpus: 2, reserve: 2m);
        _market.Placed(_market.BlockFor(Ann, gpus: 4, fromHour: 2, toHour: 5, run: 3, limit: 3m) with { MinFill = 500 });
        SellAtTwo(("b1", 2, 5, 2));
        Has(free: 1_000m - (12m * 1.0015m), reserved: 0);
    }

    [Fact]
    public void A_standing_bid_has_the_saving_of_this_slot_free_and_the_next_one_reserved()
    {
        _market.Offer(gpus: 8, hours: 1, reserve: 2m);
        _market.Placed(_market.StandingFor(Ann, gpus: 4, limit: 3m));
        _market.Of(Ann).Reserved.ShouldBe(Dollars(24m * 1.0015m));
        SellAtTwo(("b1", 0, 1, 4));
        Has(free: 1_000m - (8m * 1.0015m) - (12m * 1.0015m), reserved: 12m * 1.0015m);
    }

    [Fact]
    public void A_bid_cancelled_while_its_run_clears_has_everything_but_its_price_free()
    {
        _market.Offer(gpus: 8, fromHour: 2, hours: 1, reserve: 2m);
        var bid = _market.Bid(Ann, gpus: 8, fromHour: 2, hours: 2, limit: 3m);
        _market.Closed();
        _market.Do(new Command.CancelBid(Ann, bid)).ShouldHaveSingleItem().ShouldBeOfType<Event.CancelPending>();
        _market.Clear(("b1", "o1", 2, 3, 8, 2m)).OfType<Event.BidClosed>().ShouldHaveSingleItem().Released.ShouldBe(Dollars(24m * 1.0015m));
        Has(free: 1_000m - (16m * 1.0015m), reserved: 0);
    }

    [Fact]
    public void A_bid_cancelled_unfilled_has_all_of_it_free()
    {
        var bid = _market.Bid(Ann, gpus: 10, fromHour: 2, hours: 2, limit: 3m);
        _market.Do(new Command.CancelBid(Ann, bid)).ShouldHaveSingleItem().ShouldBeOfType<Event.BidClosed>().Released.ShouldBe(Dollars(60m * 1.0015m));
        Has(free: 1_000m, reserved: 0);
    }

    private void SellAtTwo((string Bid, int From, int To, int Gpus) fill)
    {
        _market.Closed();
        _market.Clear((fill.Bid, "o1", fill.From, fill.To, fill.Gpus, 2m)).OfType<Event.LeaseSold>().ShouldHaveSingleItem();
    }

    private void Has(decimal free, decimal reserved)
    {
        _market.Of(Ann).Free.ShouldBe(Dollars(free));
        _market.Of(Ann).Reserved.ShouldBe(Dollars(reserved));
        _market.Of(Ann).Free.ShouldBe(_market.Of(Ann).Collateral - _market.Of(Ann).Reserved);
    }
}
