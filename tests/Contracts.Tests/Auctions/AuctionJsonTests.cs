using System.Text;
using System.Text.Json.Nodes;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Auctions;

public class AuctionJsonTests
{
    [Fact]
    public void The_example_of_a_problem_reads_as_it_says()
    {
        var problem = AuctionJson.ReadProblem(AuctionFiles.Bytes(AuctionFiles.Problem));

        problem.SlotMinutes.ShouldBe(60);
        problem.FirstSlotMinutes.ShouldBe(60);
        problem.Slots.ShouldBe(24);
        problem.Markets.ShouldBe(["H100-SXM-80GB.us-east", "H200-SXM-141GB.us-east"]);
        var offer = problem.Offers.ShouldHaveSingleItem();
        (offer.Id, offer.Market, offer.Gpus, offer.From, offer.To, offer.MinRun).ShouldBe(("o1", 0, 8, 0, 24, 1));
        offer.ReserveAt(23).ShouldBe(1_850_000);
        problem.Bids.Count.ShouldBe(2);
        var (divisible, block) = (problem.Bids[0], problem.Bids[1]);
        (divisible.Id, divisible.Kind, divisible.Gpus, divisible.From, divisible.To, divisible.Limit)
            .ShouldBe(("d1", BidKind.Divisible, 16, 2, 8, 2_400_000));
        block.Markets.ShouldBe([0, 1]);
        (block.Kind, block.Run, block.MinFill, block.Node, block.Parent, block.Group, block.Starts)
            .ShouldBe((BidKind.Block, 6, 1000, 8, null, null, null));
    }

    [Fact]
    public void The_example_of_a_solution_reads_as_it_says()
    {
        var solution = AuctionJson.ReadSolution(AuctionFiles.Bytes(AuctionFiles.Solution));

        (solution.Status, solution.Welfare, solution.Bound, solution.Seconds)
            .ShouldBe((AuctionStatus.Optimal, 48_000_000, 48_000_000, 0.8m));
        solution.Prices.Count.ShouldBe(2);
        solution.Prices[0].Count.ShouldBe(24);
        solution.Prices[0][1].ShouldBeNull();
        solution.Prices[0][8].ShouldBe(2_075_000);
        solution.Fills.ShouldBe([new("d1", "o1", 2, 8, 8), new("b1", "o1", 8, 14, 8)]);
        solution.LeftOut.ShouldBeEmpty();
        solution.LeftOutOffers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(AuctionFiles.Problem)]
    [InlineData(AuctionFiles.Everything)]
    public void A_problem_is_written_with_the_fields_and_order_it_was_read_with(string file)
    {
        var written = AuctionJson.WriteProblem(AuctionJson.ReadProblem(AuctionFiles.Bytes(file)));

        Encoding.UTF8.GetString(written).ShouldBe(Compact(file));
        AuctionJson.WriteProblem(AuctionJson.ReadProblem(written)).ShouldBe(written);
    }

    [Fact]
    public void A_solution_is_written_with_the_fields_and_order_it_was_read_with()
    {
        var written = AuctionJson.WriteSolution(AuctionJson.ReadSolution(AuctionFiles.Bytes(AuctionFiles.Solution)));

        Encoding.UTF8.GetString(written).ShouldBe(Compact(AuctionFiles.Solution));
        AuctionJson.WriteSolution(AuctionJson.ReadSolution(written)).ShouldBe(written);
    }

    [Fact]
    public void The_answer_that_fills_nothing_reads_back()
    {
        var problem = AuctionJson.ReadProblem(AuctionFiles.Bytes(AuctionFiles.Problem));
        var written = AuctionJson.WriteSolution(AuctionSolution.Nothing(problem, bound: 5));

        var read = AuctionJson.ReadSolution(written);
        (read.Status, read.Welfare, read.Bound).ShouldBe((AuctionStatus.Empty, 0, 5));
        AuctionJson.WriteSolution(read).ShouldBe(written);
    }

    [Fact]
    public void Equal_reserves_are_written_as_one_number()
    {
        var listed = AuctionFiles.Everything.Replace("[10,20,30]", "[10,10,10]");

        var problem = AuctionJson.ReadProblem(AuctionFiles.Bytes(listed));
        problem.Offers[0].ReserveAt(4).ShouldBe(10);
        Encoding.UTF8.GetString(AuctionJson.WriteProblem(problem)).ShouldContain("\"reserve\":10,");
    }

    [Fact]
    public void Fields_this_version_does_not_know_are_ignored_everywhere()
    {
        var problem = AuctionFiles.Problem
            .Replace("\"id\":", "\"colour\": {\"a\": [1.5]}, \"id\":").Replace("\"slots\":", "\"zone\": 1.5, \"slots\":");
        var solution = AuctionFiles.Solution
            .Replace("\"bid\":", "\"price\": 1e3, \"bid\":").Replace("\"fills\":", "\"by\": null, \"fills\":");

        AuctionJson.ReadProblem(AuctionFiles.Bytes(problem)).Bids.Count.ShouldBe(2);
        AuctionJson.ReadSolution(AuctionFiles.Bytes(solution)).Fills.Count.ShouldBe(2);
    }

    [Fact]
    public void What_may_be_left_out_has_its_default()
    {
        var lean = AuctionFiles.Problem.Replace(", \"min_run\": 1", "")
            .Replace(",\n     \"min_fill\": 1000, \"node\": 8, \"parent\": null, \"group\": null", "");
        lean.ShouldNotContain("min_fill");

        var problem = AuctionJson.ReadProblem(AuctionFiles.Bytes(lean));
        problem.Offers[0].MinRun.ShouldBe(1);
        (problem.Bids[1].MinFill, problem.Bids[1].Node, problem.Bids[1].Starts).ShouldBe((1000, 0, null));
    }

    [Fact]
    public void A_byte_order_mark_before_the_file_is_no_fault() =>
        AuctionJson.ReadProblem(AuctionFiles.Bytes('\uFEFF' + AuctionFiles.Problem)).Slots.ShouldBe(24);

    [Theory]
    [InlineData("0.8", "0.8")]
    [InlineData("12", "12")]
    [InlineData("1e-05", "0.00001")]
    public void Seconds_are_for_people_and_may_have_any_fraction(string read, string written)
    {
        var solution = AuctionJson.ReadSolution(AuctionFiles.Bytes(AuctionFiles.Solution.Replace("0.8", read)));

        Encoding.UTF8.GetString(AuctionJson.WriteSolution(solution)).ShouldContain($"\"seconds\":{written},");
    }

    static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString(
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
