using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.V1;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Domain;

public class BidReasonTests
{
    private static readonly MarketSettings Settings = Storage.SettingsRow.ToDomain(Storage.SettingsRow.Untold);

    [Fact]
    public void A_bid_that_no_run_has_seen_waits_for_the_next() =>
        Reason(Bid() with { PlacedTime = At(9, 30) }, Run(2_000_000)).ShouldBe("Waits for the next run.");

    [Fact]
    public void A_bid_below_the_price_is_told_the_price() =>
        Reason(Bid(limit: 1_900_000), Run(2_000_000)).ShouldBe("The price of its hours in run 7 was $2.000, above the limit of $1.900.");

    [Fact]
    public void A_bid_at_the_price_is_told_that_earlier_ones_came_first() =>
        Reason(Bid(limit: 2_000_000), Run(2_000_000)).ShouldContain("went to earlier bids");

    [Fact]
    public void A_block_in_the_money_that_did_not_fit_is_told_so() =>
        Reason(Bid(BidKind.Block), Run(2_000_000, leftOut: 5)).ShouldStartWith("Left out of run 7 although in the money");

    [Fact]
    public void A_block_dearer_on_the_average_than_its_limit_is_told_so() =>
        Reason(Bid(BidKind.Block, 1_999_999), Run(2_000_000)).ShouldContain("on the average above the limit");

    [Fact]
    public void Where_nothing_was_sold_no_offer_met_the_limit() =>
        Reason(Bid(), new LastRun(7, At(9), new HashSet<long>(), new Dictionary<(string, DateTimeOffset), long>())).ShouldContain("no offer met the limit of $2.500");

    [Fact]
    public void A_bid_whose_gate_has_closed_is_told_when() =>
        BidReason.Of(Bid() with { FilledGpuCounts = [0] }, Run(3_000_000), At(10, 55), Settings).ShouldBe("The slot of 11:00 UTC is closed for trading at 10:50 UTC, until it starts.");

    [Fact]
    public void An_ended_bid_says_how_and_what_it_bought()
    {
        Reason(Bid() with { State = OrderState.Filled }, null).ShouldBe("");
        Reason(Bid() with { State = OrderState.Cancelled, FilledGpuCounts = [4, 1] }, null).ShouldBe("Taken back by its owner, 5 of 8 GPU-slots bought.");
        Reason(Bid() with { State = OrderState.Expired }, null).ShouldBe("Its hours can no longer be traded, nothing bought.");
        Reason(Bid() with { State = OrderState.Closed, CloseReason = CloseReason.Suspended }, null).ShouldStartWith("Closed by the exchange: the participant was suspended");
    }

    private static BidStanding Bid(BidKind kind = BidKind.Divisible, long limit = 2_500_000) =>
        new(5, kind, [H100], At(11), 4, [0, 0], limit, At(8), OrderState.Open, CloseReason.Unspecified);

    private static LastRun Run(long price, params long[] leftOut) =>
        new(7, At(9), leftOut.ToHashSet(), new Dictionary<(string, DateTimeOffset), long> { [(H100, At(11))] = price, [(H100, At(12))] = price });

    private static string Reason(BidStanding bid, LastRun? last) => BidReason.Of(bid, last, At(9, 45), Settings);
}
