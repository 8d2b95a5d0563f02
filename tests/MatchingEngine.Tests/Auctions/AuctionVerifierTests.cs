using System.Text;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Auctions.AuctionScenario;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

public class AuctionVerifierTests
{
    static readonly AuctionProblem Problem = AuctionJson.ReadProblem(Encoding.UTF8.GetBytes("""
        { "version": 1, "slot_minutes": 60, "slots": 24,
          "markets": ["H100-SXM-80GB.us-east", "H200-SXM-141GB.us-east"],
          "offers": [ {"id": "o1", "market": 0, "gpus": 8, "from": 0, "to": 24, "reserve": 1850000, "min_run": 1} ],
          "bids": [
            {"id": "d1", "kind": "divisible", "markets": [0], "gpus": 16, "from": 2, "to": 8, "limit": 2400000},
            {"id": "b1", "kind": "block", "markets": [0, 1], "gpus": 8, "run": 6, "from": 2, "to": 14, "limit": 2300000,
             "min_fill": 1000, "node": 8, "parent": null, "group": null} ] }
        """));

    static readonly AuctionSolution Solution = AuctionJson.ReadSolution(Encoding.UTF8.GetBytes("""
        { "version": 1, "status": "optimal", "welfare": 48000000, "bound": 48000000, "seconds": 0.8,
          "prices": [[null, null, 2400000, 2400000, 2400000, 2400000, 2400000, 2400000, 2075000, 2075000, 2075000, 2075000, 2075000, 2075000,
                      null, null, null, null, null, null, null, null, null, null],
                     [null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null]],
          "fills": [ {"bid": "d1", "offer": "o1", "from": 2, "to": 8, "gpus": 8}, {"bid": "b1", "offer": "o1", "from": 8, "to": 14, "gpus": 8} ],
          "left_out": [], "left_out_offers": [] }
        """));

    /// <summary>Every field of a good answer, spoilt; and a rule that it then breaks.</summary>
    public static readonly TheoryData<string, int> Spoilt =
        [.. Spoil.Select(spoil => new TheoryDataRow<string, int>(spoil.Key, spoil.Value.Rule))];

    static Dictionary<string, (int Rule, Func<AuctionSolution, AuctionSolution> Change)> Spoil => new()
    {
        ["the status is unknown"] = (0, good => good with { Status = (AuctionStatus)9 }),
        ["the status is empty though there are fills"] = (0, good => good with { Status = AuctionStatus.Empty }),
        ["the status is optimal though the gap is above 0.01%"] = (0, good => good with { Bound = 48_004_801 }),
        ["nothing is filled though the status is not empty"] = (0, good => good with { Fills = [], Welfare = 0 }),
        ["the welfare is one too high"] = (7, good => good with { Welfare = 48_000_001, Bound = 48_000_001 }),
        ["the welfare is one too low"] = (7, good => good with { Welfare = 47_999_999 }),
        ["the welfare is above the bound"] = (7, good => good with { Bound = 47_999_999 }),
        ["there are no prices"] = (0, good => good with { Prices = null! }),
        ["a market has no prices"] = (0, good => good with { Prices = [good.Prices[0]] }),
        ["there are prices of a market too many"] = (0, good => good with { Prices = [.. good.Prices, good.Prices[1]] }),
        ["a row of prices is missing"] = (0, good => good with { Prices = [good.Prices[0], null!] }),
        ["a row of prices is too short"] = (0, good => good with { Prices = [good.Prices[0], [.. good.Prices[1].Skip(1)]] }),
        ["a row of prices is too long"] = (0, good => good with { Prices = [good.Prices[0], [.. good.Prices[1], null]] }),
        ["a price is below 0"] = (0, good => Priced(good, 0, 3, -1)),
        ["a price is beyond all limits"] = (0, good => Priced(good, 0, 3, 1_000_000_000_000_000_001)),
        ["a price is the largest number"] = (0, good => Priced(good, 0, 3, long.MaxValue)),
        ["a price stands where nothing is filled"] = (0, good => Priced(good, 1, 3, 2_400_000)),
        ["a price is missing where something is filled"] = (0, good => Priced(good, 0, 3, null)),
        ["a divisible bid pays one more than its limit"] = (3, good => Priced(good, 0, 3, 2_400_001)),
        ["a divisible bid filled in part pays one less than its limit"] = (3, good => Priced(good, 0, 3, 2_399_999)),
        ["a block pays one more than its limit"] = (5, good => Enumerable.Range(8, 6)
            .Aggregate(good, (now, slot) => Priced(now, 0, slot, slot == 8 ? 2_300_001 : 2_300_000))),
        ["an offer gets one less than its reserve"] = (4, good => Priced(good, 0, 9, 1_849_999)),
        ["there are no fills at all"] = (0, good => good with { Fills = null! }),
        ["a fill is missing"] = (0, good => good with { Fills = [good.Fills[0], null!] }),
        ["a fill names no bid"] = (0, good => Filled(good, 0, fill => fill with { Bid = null! })),
        ["a fill names a bid that is not there"] = (0, good => Filled(good, 0, fill => fill with { Bid = "d9" })),
        ["a fill names no offer"] = (0, good => Filled(good, 0, fill => fill with { Offer = null! })),
        ["a fill names an offer that is not there"] = (0, good => Filled(good, 0, fill => fill with { Offer = "O1" })),
        ["a fill gives nothing"] = (0, good => Filled(good, 0, fill => fill with { Gpus = 0 })),
        ["a fill takes"] = (0, good => Filled(good, 0, fill => fill with { Gpus = int.MinValue })),
        ["a fill begins before all slots"] = (0, good => Filled(good, 0, fill => fill with { From = -1 })),
        ["a fill begins long before all slots"] = (0, good => Filled(good, 0, fill => fill with { From = int.MinValue })),
        ["a fill ends after all slots"] = (0, good => Filled(good, 1, fill => fill with { To = 25 })),
        ["a fill ends long after all slots"] = (0, good => Filled(good, 1, fill => fill with { To = int.MaxValue })),
        ["a fill runs backward"] = (0, good => Filled(good, 0, fill => fill with { From = 8, To = 2 })),
        ["a fill is over before it begins"] = (0, good => good with { Fills = [.. good.Fills, new("d1", "o1", 3, 3, 1)] }),
        ["a fill gives more than the offer has"] = (1, good => Filled(good, 0, fill => fill with { Gpus = 9 })),
        ["a fill gives as many GPUs as there are numbers"] =
            (1, good => Filled(good, 0, fill => fill with { Gpus = int.MaxValue })),
        ["a fill stands twice"] = (2, good => good with { Fills = [.. good.Fills, good.Fills[1]] }),
        ["a fill gives less where the price is above the reserve"] = (4, good => Filled(good, 0, fill => fill with { Gpus = 7 })),
        ["a divisible bid is filled outside its window"] = (2, good => Filled(good, 0, fill => fill with { To = 9 })),
        ["a divisible bid is filled in fewer slots than pay the reserve"] =
            (6, good => Priced(Filled(good, 0, fill => fill with { From = 3 }), 0, 2, null)),
        ["a block is filled in part"] = (2, good => Filled(good, 1, fill => fill with { Gpus = 4 })),
        ["a block is filled for less than its run"] = (2, good => Filled(good, 1, fill => fill with { To = 13 })),
        ["a block is filled for more than its run"] = (2, good => Filled(good, 1, fill => fill with { To = 15 })),
        ["a block is filled outside its window"] = (2, good => Filled(good, 1, fill => fill with { From = 9, To = 15 })),
        ["the bids have changed places"] =
            (2, good => good with { Fills = [good.Fills[0] with { Bid = "b1" }, good.Fills[1] with { Bid = "d1" }] }),
        ["the blocks left out are missing"] = (0, good => good with { LeftOut = null! }),
        ["a filled block is listed as left out"] = (0, good => good with { LeftOut = ["b1"] }),
        ["a divisible bid is listed as left out"] = (0, good => good with { LeftOut = ["d1"] }),
        ["a bid that is not there is listed as left out"] = (0, good => good with { LeftOut = ["b9"] }),
        ["no bid at all is listed as left out"] = (0, good => good with { LeftOut = [null!] }),
        ["a block is left out and not listed"] = (0, good => good with { Fills = [good.Fills[0]] }),
        ["the offers left out are missing"] = (0, good => good with { LeftOutOffers = null! }),
        ["a sold offer is listed as left out"] = (4, good => good with { LeftOutOffers = ["o1"] }),
        ["an offer that is not there is listed as left out"] = (0, good => good with { LeftOutOffers = ["o9"] }),
        ["an offer is listed twice as left out"] = (0, good => good with { LeftOutOffers = ["o1", "o1"] }),
    };

    [Fact]
    public void The_example_of_the_format_is_valid() => AuctionVerifier.Verify(Problem, Solution).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void A_good_answer_that_was_spoilt_is_refused_by_its_rule(string fault, int rule) =>
        AuctionVerifier.Verify(Problem, Spoil[fault].Change(Solution)).ShouldContain(breach => breach.Rule == rule, fault);

    [Fact]
    public void Seconds_are_for_people_and_change_nothing() =>
        AuctionVerifier.Verify(Problem, Solution with { Seconds = -7 }).ShouldBeEmpty();

    [Fact]
    public void The_bound_may_be_far_above_when_the_budget_ran_out() =>
        AuctionVerifier.Verify(Problem, Solution with { Status = AuctionStatus.Feasible, Bound = long.MaxValue }).ShouldBeEmpty();

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public void A_gap_of_exactly_one_in_ten_thousand_is_optimal(long bound, bool isOptimal)
    {
        var text = $"""
            slots 1
            offer o1 east 1 0-1 @ 1
            bid d1 east 1 0-1 @ 10000
            price east 5000
            fill d1 o1 0-1 1
            welfare 9999
            bound {bound}
            status optimal
            """;
        if (isOptimal) Valid(text);
        else Breaks(0, text).Sentence.ShouldContain("gap from 9999 to 10001 is above 0.01%");
    }

    [Theory]
    [InlineData("optimal")]
    [InlineData("feasible")]
    public void Where_nothing_is_filled_the_status_is_empty(string status) => Breaks(0, $"""
        slots 1
        offer o1 east 1 0-1 @ 9
        bid d1 east 1 0-1 @ 9
        status {status}
        """);

    [Theory]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(long.MaxValue, long.MinValue)]
    [InlineData(long.MinValue, long.MinValue)]
    public void Welfare_and_bound_at_the_ends_of_their_type_are_breaches_not_exceptions(long welfare, long bound) =>
        AuctionVerifier.Verify(Problem, Solution with { Welfare = welfare, Bound = bound })
            .ShouldContain(breach => breach.Rule == 7);

    [Fact]
    public void A_problem_that_does_not_fit_is_a_breach_told_alone()
    {
        var breaches = AuctionVerifier.Verify(Problem with { Slots = -1 }, Solution);
        breaches.ShouldHaveSingleItem().Rule.ShouldBe(0);
        breaches[0].Sentence.ShouldBe("The problem does not fit its format: slots is -1: there are from 1 to 10000 slots.");
    }

    [Fact]
    public void Nothing_filled_is_valid_where_nobody_would_pay_a_reserve() => Valid("""
        slots 2
        offer o1 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 99
        bid d1 east 8 0-2 @ 10
        """);

    [Fact]
    public void Nothing_filled_is_empty_even_when_more_was_possible() => Valid("""
        slots 2
        offer o1 east 8 0-2 @ 10
        block b1 east 8 run 2 0-2 @ 99
        bound 1424
        status empty
        """);

    [Fact]
    public void Welfare_is_divided_once_and_rounded_down() => Valid("""
        minutes 15 7
        slots 3
        offer o1 east 3 0-3 @ 1,2,3
        bid d1 east 3 0-3 @ 4
        price east 4 4 4
        fill d1 o1 0-3 3
        welfare 3
        """);

    [Fact]
    public void Welfare_rounded_slot_by_slot_is_a_breach() => Breaks(7, """
        minutes 15 7
        slots 3
        offer o1 east 3 0-3 @ 1,2,3
        bid d1 east 3 0-3 @ 4
        price east 4 4 4
        fill d1 o1 0-3 3
        welfare 2
        """);

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void Rounded_down_is_away_from_zero_below_it(long welfare, bool isRight)
    {
        // No valid answer loses anything; but what a bad one comes to is told as it is.
        var (problem, solution) = Read($"""
            minutes 60 7
            slots 1
            offer o1 east 1 0-1 @ 10
            bid d1 east 1 0-1 @ 9
            price east 10
            fill d1 o1 0-1 1
            welfare {welfare}
            """);

        AuctionVerifier.Verify(problem, solution).Any(breach => breach.Rule == 7).ShouldBe(!isRight);
    }

    [Fact]
    public void Four_hours_with_a_block_that_may_start_in_three_of_them() => Valid("""
        slots 4
        offer a0 east 8 0-4 @ 1000
        offer a1 east 8 0-4 @ 2000
        offer a2 east 16 0-4 @ 3500
        bid h0 east 8 0-1 @ 3000
        bid h1 east 8 1-2 @ 3000
        bid h2 east 8 2-3 @ 3000
        bid h3 east 4 3-4 @ 3000
        bid low east 8 0-4 @ 1500
        block X east 8 run 2 0-4 @ 2600
        block Y east 16 run 2 0-4 @ 2900
        price east 1750 1750 2500 2000
        fill h0 a0 0-1 8
        fill h1 a0 1-2 8
        fill h2 a1 2-3 8
        fill X a0 2-4 8
        fill h3 a1 3-4 4
        left_out Y
        welfare 69600
        """);

    static AuctionSolution Priced(AuctionSolution good, int market, int slot, long? price) => good with
    {
        Prices = [.. good.Prices.Select((row, m) =>
            m != market ? row : (IReadOnlyList<long?>)[.. row.Select((old, s) => s == slot ? price : old)])],
    };

    static AuctionSolution Filled(AuctionSolution good, int index, Func<AuctionFill, AuctionFill> change) =>
        good with { Fills = [.. good.Fills.Select((fill, i) => i == index ? change(fill) : fill)] };
}
