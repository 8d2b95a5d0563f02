using ComputeExchange.MatchingEngine.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>Standing bids: hour after hour, with notice when outbid, and back by themselves.</summary>
public class StandingTests
{
    private readonly Market _market = new();

    [Fact]
    public void A_standing_bid_reserves_the_slot_in_progress_and_the_next_and_takes_part_for_both()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        var bid = _market.Placed(_market.StandingFor(Ann, gpus: 4, limit: 2m));
        _market.Of(Ann).Reserved.ShouldBe(Dollars(16m * 1.0015m));
        var problem = _market.Closed();
        problem.Bids.Select(piece => (piece.Id, piece.From, piece.To, piece.Gpus)).ShouldBe([("b1", 0, 1, 4), ("b1.2", 1, 2, 4)]);
        _market.Clear(("b1", "o1", 0, 1, 4, 1m), ("b1.2", "o1", 1, 2, 4, 1m)).OfType<Event.BidClosed>().ShouldBeEmpty();

        // It holds both: nothing more is wanted until the hour turns, and then one slot more each hour.
        _market.Of(Ann).Reserved.ShouldBe(Dollars(0));
        _market.Now = Noon.AddHours(1);
        _market.Closed().Bids.ShouldHaveSingleItem().From.ShouldBe(1);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(8m * 1.0015m));
        bid.ShouldBe(1);
    }

    [Fact]
    public void Outbid_before_the_gate_it_is_told_at_once_when_and_by_what_price_and_comes_back_by_itself()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Closed();
        _market.Clear(("b1", "o1", 0, 1, 8, 1m), ("b1.2", "o1", 1, 2, 8, 1m));

        // 13:00 to 14:00 is held. For 14:00 someone pays more, in the last run before 13:50 counts.
        _market.Now = Noon.AddMinutes(100);
        _market.Bid(Bob, gpus: 8, fromHour: 2, hours: 1, limit: 3m);
        _market.Closed();
        _market.Clear(("b2", "o1", 1, 2, 8, 2.5m)).OfType<Event.StandingInterrupted>().ShouldBeEmpty();
        _market.Now = Noon.AddMinutes(109);
        var told = _market.Run().OfType<Event.StandingInterrupted>().ShouldHaveSingleItem();
        told.EndsAt.ShouldBe(Noon.AddHours(2));
        (told.Held, told.Kept, told.Buyer).ShouldBe((8, 0, Ann));

        // The others bought in an earlier run: what they paid is what it was outbid by.
        (told.Reason, told.Price).ShouldBe((InterruptionReason.Outbid, Per(2.5m)));

        // What it is told once it is not told again.
        _market.Now = Noon.AddMinutes(112);
        _market.Run().OfType<Event.StandingInterrupted>().ShouldBeEmpty();

        _market.Now = Noon.AddMinutes(121);
        _market.Run().OfType<Event.StandingResumed>().ShouldHaveSingleItem().From.ShouldBe(Noon.AddHours(3));
    }

    [Fact]
    public void The_notice_tells_the_price_of_the_last_run_before_the_gate()
    {
        _market.Offer(gpus: 8, hours: 1, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Closed();
        _market.Clear(("b1", "o1", 0, 1, 8, 1m));
        _market.Offer(gpus: 8, fromHour: 1, hours: 1, reserve: 1m);
        _market.Now = Noon.AddMinutes(49);
        _market.Bid(Bob, gpus: 8, fromHour: 1, hours: 1, limit: 3m);
        _market.Closed();
        var told = _market.Clear(("b2", "o2", 1, 2, 8, 2.5m)).OfType<Event.StandingInterrupted>().ShouldHaveSingleItem();
        (told.Reason, told.Price, told.EndsAt).ShouldBe((InterruptionReason.Outbid, Per(2.5m), Noon.AddHours(1)));
    }

    [Fact]
    public void What_it_keeps_in_part_is_told_as_kept()
    {
        _market.Offer(gpus: 8, hours: 1, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Closed();
        _market.Clear(("b1", "o1", 0, 1, 8, 1m));
        _market.Offer(gpus: 8, fromHour: 1, hours: 1, reserve: 1m);
        _market.Now = Noon.AddMinutes(49);
        _market.Bid(Bob, gpus: 5, fromHour: 1, hours: 1, limit: 3m);
        _market.Closed();
        var told = _market.Clear(("b2", "o2", 1, 2, 5, 2m), ("b1", "o2", 1, 2, 3, 2m)).OfType<Event.StandingInterrupted>().ShouldHaveSingleItem();
        (told.Held, told.Kept, told.Reason).ShouldBe((8, 3, InterruptionReason.Outbid));
    }

    [Fact]
    public void Without_money_for_the_next_slot_it_is_interrupted_for_that_and_goes_on_when_there_is_some()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Closed();
        _market.Clear(("b1", "o1", 0, 1, 8, 1m), ("b1.2", "o1", 1, 2, 8, 1m));
        _market.Do(new Command.DebitCollateral(Ann, _market.Of(Ann).Free, "out"));
        _market.Now = Noon.AddMinutes(109);
        _market.Run().OfType<Event.StandingInterrupted>().ShouldHaveSingleItem().Reason.ShouldBe(InterruptionReason.NoFunds);
        _market.Now = Noon.AddMinutes(121);
        _market.Run().OfType<Event.LeaseSold>().ShouldBeEmpty();

        _market.Do(new Command.CreditCollateral(Ann, Dollars(100), "in"));
        _market.Run().OfType<Event.StandingResumed>().ShouldHaveSingleItem().From.ShouldBe(Noon.AddMinutes(121));
    }

    [Fact]
    public void Where_nothing_is_for_sale_the_notice_says_so()
    {
        _market.Offer(gpus: 8, hours: 1, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Run();
        _market.Now = Noon.AddMinutes(49);
        var told = _market.Run().OfType<Event.StandingInterrupted>().ShouldHaveSingleItem();
        (told.Reason, told.Price).ShouldBe((InterruptionReason.NoSupply, null));
    }

    [Fact]
    public void Where_no_run_came_in_time_the_notice_comes_late_rather_than_never()
    {
        _market.Offer(gpus: 8, hours: 1, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Run();
        _market.Now = Noon.AddHours(3);
        var told = _market.Run().OfType<Event.StandingInterrupted>().ShouldHaveSingleItem();
        (told.Held, told.Kept).ShouldBe((8, 0));
    }

    [Fact]
    public void It_can_be_cancelled_at_any_time_and_keeps_what_it_bought()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        var bid = _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m));
        _market.Run().OfType<Event.LeaseSold>().Count().ShouldBe(2);
        _market.Do(new Command.CancelBid(Ann, bid)).OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Cancelled);
        _market.Of(Ann).Reserved.ShouldBe(Dollars(0));
    }

    [Fact]
    public void With_an_end_it_stops_there_without_a_notice()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 8, limit: 2m, toHour: 1));
        _market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        _market.Now = Noon.AddMinutes(55);
        _market.Run().OfType<Event.StandingInterrupted>().ShouldBeEmpty();
        _market.Now = Noon.AddHours(1);
        _market.Run().OfType<Event.BidClosed>().ShouldHaveSingleItem().Reason.ShouldBe(CloseReason.Expired);
    }

    [Fact]
    public void One_that_begins_later_reserves_for_its_first_slots_and_waits()
    {
        _market.Offer(gpus: 8, reserve: 1m);
        _market.Placed(_market.StandingFor(Ann, gpus: 1, limit: 2m, fromHour: 30));
        _market.Of(Ann).Reserved.ShouldBe(Dollars(4m * 1.0015m));
        _market.Refusal(_market.StandingFor(Ann, gpus: 1, limit: 2m, fromHour: 30) with { To = Noon.AddHours(30) }).ShouldBe("WINDOW_MALFORMED");
        _market.Refusal(_market.StandingFor(Ann, gpus: 1, limit: 2m) with { From = Noon.AddMinutes(1) }).ShouldBe("WINDOW_MALFORMED");
        _market.Refusal(_market.StandingFor(Ann, gpus: 4_000, limit: 2m)).ShouldBe("INSUFFICIENT_FUNDS");
    }
}
