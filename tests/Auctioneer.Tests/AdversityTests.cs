using System.Text;
using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>Auctions that nobody would hold, and that someone will send.</summary>
public class AdversityTests
{
    const string Empty = """{ "version": 1, "slot_minutes": 60, "slots": 4, "markets": ["m"], "offers": [], "bids": [] }""";

    [Fact]
    public void Without_offers_and_bids_nothing_is_sold() => Solved(Problem(slots: 4, [], [])).Status.ShouldBe(AuctionStatus.Empty);

    [Fact]
    public void Without_supply_nothing_is_sold_whatever_is_bid()
    {
        var solution = Solved(Problem(2, [], [Divisible("d", 4096, 0, 2, 1_000_000_000), Block("b", 8, 2, 0, 2, 1_000_000_000)]));
        solution.Status.ShouldBe(AuctionStatus.Empty);
        solution.Bound.ShouldBe(0);
    }

    [Fact]
    public void Without_demand_nothing_is_sold_whatever_is_offered() =>
        Solved(Problem(2, [Offer("o", 8, 0, 2, 0)], [])).Status.ShouldBe(AuctionStatus.Empty);

    [Fact]
    public void One_slot_is_an_auction_too()
    {
        var solution = Solved(Problem(1, [Offer("o", 8, 0, 1, 10)], [Divisible("d", 4, 0, 1, 20), Block("b", 4, 1, 0, 1, 30)]));
        solution.Welfare.ShouldBe(4 * 10 + 4 * 20);
    }

    [Fact]
    public void Where_all_limits_are_equal_the_earliest_bids_are_filled()
    {
        var bids = Enumerable.Range(0, 40).Select(i => Divisible($"d{i}", 3, 0, 4, 500)).ToArray();
        var solution = Solved(Problem(4, [.. Enumerable.Range(0, 5).Select(i => Offer($"o{i}", 8, 0, 4, 100))], bids));
        solution.Status.ShouldBe(AuctionStatus.Optimal);
        solution.Prices[0].ShouldAllBe(price => price == 500);
        solution.Fills.Select(fill => fill.Bid).Distinct().Order().ShouldBe(bids.Take(14).Select(bid => bid.Id).Order());
    }

    [Fact]
    public void Where_all_limits_equal_all_reserves_any_trade_is_worth_nothing()
    {
        AuctionBid[] bids =
        [
            .. Enumerable.Range(0, 20).Select(i => Divisible($"d{i}", 3, 0, 4, 500)),
            .. Enumerable.Range(0, 20).Select(i => Block($"b{i}", 8, 2, 0, 4, 500)),
        ];
        var solution = Solved(Problem(4, [.. Enumerable.Range(0, 9).Select(i => Offer($"o{i}", 8, 0, 4, 500))], bids));
        (solution.Welfare, solution.Bound).ShouldBe((0, 0));
    }

    [Fact]
    public void Two_hundred_blocks_that_are_the_same_fill_what_there_is()
    {
        var blocks = Enumerable.Range(0, 200).Select(i => Block($"b{i}", 8, 4, 0, 10, 1_000)).ToArray();
        var solution = Solved(Problem(10, [.. Enumerable.Range(0, 20).Select(i => Offer($"o{i}", 8, 0, 10, 100))], blocks));
        solution.Welfare.ShouldBe(20 * 2 * 8 * 4 * 900);
        solution.Status.ShouldBe(AuctionStatus.Optimal);
    }

    [Fact]
    public void Nothing_has_a_price_of_0_where_all_numbers_are_0_and_blocks_are_free()
    {
        var solution = Solved(Problem(3, [Offer("o", 8, 0, 3, 0)], [Divisible("d", 4, 0, 3, 0), Block("b", 4, 2, 0, 3, 0)]));
        (solution.Welfare, solution.Bound).ShouldBe((0, 0));
    }

    [Fact]
    public void As_much_as_the_format_allows_is_reckoned_without_overflow()
    {
        // More GPUs than 32 bits count, and sums of limits × minutes near the end of 64 bits.
        AuctionBid[] bids =
        [
            .. Enumerable.Range(0, 1_200).Select(i => Divisible($"d{i}", 1_000_000, 0, 1, 42_000_000)),
            .. Enumerable.Range(0, 1_100).Select(i => Block($"b{i}", 1_000_000, 1, 0, 1, 44_000_000)),
        ];
        var solution = Solved(Problem(1, [.. Enumerable.Range(0, 2_200).Select(i => Offer($"o{i}", 1_000_000, 0, 1, i))], bids));
        solution.Welfare.ShouldBe(1_100 * (44_000_000_000_000L + 42_000_000_000_000L) - 2_199L * 1_100 * 1_000_000);
    }

    [Fact]
    public void The_highest_price_of_the_format_is_reckoned_over_two_weeks_of_slots()
    {
        var dear = AuctionProblemRules.MaxPrice;
        var solution = Solved(Problem(336,
            [Offer("o", 1_000_000, 0, 336, dear - 1)],
            [Divisible("d", 200, 0, 336, dear), Block("b", 90, 336, 0, 336, dear)]));
        solution.Welfare.ShouldBe(336 * 290);
    }

    [Theory]
    [InlineData("gpus", """{"id": "d", "kind": "divisible", "markets": [0], "gpus": 2147483647, "from": 0, "to": 4, "limit": 1000000000}""")]
    [InlineData("worth", """{"id": "d", "kind": "divisible", "markets": [0], "gpus": 1000000, "from": 0, "to": 4, "limit": 1000000000000}""")]
    [InlineData("limit", """{"id": "d", "kind": "divisible", "markets": [0], "gpus": 1, "from": 0, "to": 4, "limit": 9223372036854775807}""")]
    public void What_is_beyond_the_format_is_refused_before_it_is_solved(string named, string bid) => Refused(Empty.Replace("\"bids\": []", $"\"bids\": [{bid}]")).ShouldContain(named);

    [Fact]
    public void One_minute_that_is_left_of_the_first_slot_weighs_one_minute()
    {
        var problem = Problem(3, [Offer("o", 8, 0, 3, 100)], [Block("b", 8, 3, 0, 3, 160), Divisible("d", 8, 0, 1, 900)]) with { FirstSlotMinutes = 1 };
        var solution = Solved(problem);

        // The block's 121 minutes beat the one minute of the divisible bid, which must not then be below its limit: the price is 900.
        solution.Welfare.ShouldBe(8 * 60 * 121 / 60);
        (solution.Prices[0][0]!.Value >= 900).ShouldBeTrue();
    }

    [Fact]
    public void Thirteen_starts_are_solved_and_fourteen_are_refused_by_name()
    {
        var thirteen = Problem(16, [Offer("o", 8, 0, 16, 1)], [Block("wide", 8, 4, 0, 16, 9)]);
        Solved(thirteen).Welfare.ShouldBe(8 * 4 * 8);
        AuctionProblemRules.Breaches(thirteen with { Slots = 17, Bids = [Block("wide", 8, 4, 0, 17, 9)] })
            .ShouldHaveSingleItem().ToString().ShouldContain("\"wide\" has 14 possible starts");
    }

    [Fact]
    public void A_node_larger_than_every_offer_leaves_its_block_out()
    {
        var solution = Solved(Problem(2,
            [.. Enumerable.Range(0, 8).Select(i => Offer($"o{i}", 4, 0, 2, 10))],
            [Block("b", 8, 2, 0, 2, 100) with { Node = 8 }, Divisible("d", 20, 0, 2, 50)]));
        solution.Fills.ShouldAllBe(fill => fill.Bid == "d");
        solution.LeftOut.ShouldBe(["b"]);
    }

    [Fact]
    public void A_whole_line_of_descent_hangs_on_its_first_parent()
    {
        AuctionBid[] line =
        [
            Block("b0", 16, 2, 0, 2, 900),
            .. Enumerable.Range(1, 11).Select(i => Block($"b{i}", 1, 2, 0, 2, 500) with { Parent = $"b{i - 1}" }),
        ];
        Solved(Problem(2, [Offer("o", 12, 0, 2, 1)], line)).Status.ShouldBe(AuctionStatus.Empty);
        Solved(Problem(2, [Offer("o", 27, 0, 2, 1)], line)).Welfare.ShouldBe(2 * (16 * 899 + 11 * 499));
    }

    [Fact]
    public void A_cheap_parent_is_carried_by_nobody()
    {
        // Together they would gain, but no filled block pays more than its own limit.
        var solution = Solved(Problem(1, [Offer("o", 2, 0, 1, 10)], [Block("p", 1, 1, 0, 1, 5), Block("c", 1, 1, 0, 1, 100) with { Parent = "p" }]));
        solution.Status.ShouldBe(AuctionStatus.Empty);
    }

    [Fact]
    public void Of_a_group_of_fifty_the_best_one_is_filled() =>
        Solved(Problem(8, [Offer("o", 64, 0, 8, 1)], [.. Enumerable.Range(0, 50).Select(i => Block($"b{i}", 8, 2, 0, 8, 100 + i) with { Group = "g" })]))
            .Fills.ShouldAllBe(fill => fill.Bid == "b49");

    [Fact]
    public void A_part_of_a_block_is_filled_in_whole_nodes_where_not_all_of_it_fits()
    {
        var solution = Solved(Problem(2, [Offer("o", 30, 0, 2, 1)], [Block("b", 64, 2, 0, 2, 100) with { MinFill = 250, Node = 8 }]));
        solution.Fills.ShouldHaveSingleItem().Gpus.ShouldBe(24);
        Solved(Problem(2, [Offer("o", 15, 0, 2, 1)], [Block("b", 64, 2, 0, 2, 100) with { MinFill = 250, Node = 8 }])).Status.ShouldBe(AuctionStatus.Empty);
    }

    [Fact]
    public void A_thousand_markets_that_one_bid_names_are_one_market()
    {
        var problem = new AuctionProblem
        {
            Slots = 3, Markets = [.. Enumerable.Range(0, 1_000).Select(m => $"m{m}")],
            Offers = [.. Enumerable.Range(0, 1_000).Select(m => Offer($"o{m}", 1, 0, 3, 10 + m) with { Market = m })],
            Bids = [Divisible("d", 400, 0, 3, 5_000) with { Markets = [.. Enumerable.Range(0, 1_000).Reverse()] }],
        };
        var solution = Solved(problem);
        solution.Welfare.ShouldBe(3 * (400 * 4_990 - 399 * 200));
        solution.Fills.Max(fill => solution.Prices[int.Parse(fill.Offer[1..])][0]).ShouldBe(solution.Fills.Min(fill => solution.Prices[int.Parse(fill.Offer[1..])][0]));
    }

    [Fact]
    public void A_year_of_hours_is_solved()
    {
        var solution = Solved(Problem(8_760, [Offer("o", 8, 0, 8_760, 10)], [Divisible("d", 9, 0, 8_760, 20), Block("b", 8, 8_760, 0, 8_760, 15)]));
        solution.Welfare.ShouldBe(8_760 * 8 * 10);
    }

    [Theory]
    [InlineData("\"markets\": [\"m\"]", "\"markets\": [\"m\", \"m\"]", "markets[1] is \"m\" again")]
    [InlineData("\"markets\": [\"m\"]", "\"markets\": []", "markets has 0 names")]
    [InlineData("\"slots\": 4", "\"slots\": 0", "slots is 0")]
    [InlineData("\"slot_minutes\": 60", "\"slot_minutes\": 7", "slot_minutes is 7")]
    [InlineData("\"slots\": 4", "\"slots\": 4, \"first_slot_minutes\": 0", "first_slot_minutes is 0")]
    [InlineData("\"bids\": []", """
        "bids": [{"id": "a", "kind": "block", "markets": [0], "gpus": 1, "run": 1, "from": 0, "to": 1, "limit": 1, "parent": "a"}]
        """, "a → a")]
    [InlineData("\"bids\": []", """
        "bids": [{"id": "a", "kind": "block", "markets": [0], "gpus": 1, "run": 1, "from": 0, "to": 1, "limit": 1, "parent": "b"},
                 {"id": "b", "kind": "block", "markets": [0], "gpus": 1, "run": 1, "from": 0, "to": 1, "limit": 1, "parent": "a"}]
        """, "a → b → a")]
    [InlineData("\"bids\": []", """
        "bids": [{"id": "a", "kind": "block", "markets": [0], "gpus": 1, "run": 1, "from": 0, "to": 1, "limit": 1, "parent": "x"}]
        """, "\"x\": no bid has this id")]
    [InlineData("\"bids\": []", """
        "bids": [{"id": "a", "kind": "divisible", "markets": [0, 0], "gpus": 1, "from": 0, "to": 1, "limit": 1}]
        """, "markets[1]")]
    public void What_makes_no_auction_is_refused_by_name(string right, string wrong, string named) => Refused(Empty.Replace(right, wrong)).ShouldContain(named);

    static string Refused(string json) =>
        Should.Throw<AuctionFormatException>(() => AuctionJson.ReadProblem(Encoding.UTF8.GetBytes(json))).Message;

    /// <summary>What the solver says under the live budget: sound input, an answer that keeps every rule.</summary>
    static AuctionSolution Solved(AuctionProblem problem)
    {
        AuctionProblemRules.Breaches(problem).ShouldBeEmpty();
        AuctionVerifier.Verify(problem, AuctionSolver.Solve(problem, new SolverBudget(0))).ShouldBeEmpty();
        var solution = AuctionSolver.Solve(problem, new SolverBudget());
        AuctionVerifier.Verify(problem, solution).ShouldBeEmpty();
        return solution;
    }

    static AuctionProblem Problem(int slots, AuctionOffer[] offers, AuctionBid[] bids) => new() { Slots = slots, Markets = ["m"], Offers = offers, Bids = bids };

    static AuctionOffer Offer(string id, int gpus, int from, int to, long reserve) =>
        new() { Id = id, Market = 0, Gpus = gpus, From = from, To = to, Reserve = [reserve] };

    static AuctionBid Divisible(string id, int gpus, int from, int to, long limit) =>
        new() { Id = id, Kind = BidKind.Divisible, Markets = [0], Gpus = gpus, From = from, To = to, Limit = limit };

    static AuctionBid Block(string id, int gpus, int run, int from, int to, long limit) =>
        new() { Id = id, Kind = BidKind.Block, Markets = [0], Gpus = gpus, Run = run, From = from, To = to, Limit = limit };
}
