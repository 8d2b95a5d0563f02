using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Auctions;

public class BadAuctionFileTests
{
    /// <summary>What is changed in the example, into what; the place and part of the reason that the refusal names.</summary>
    [Theory]
    // The frame.
    [InlineData("\"version\": 1", "\"version\": 2", "version", "only version 1")]
    [InlineData("\"version\": 1, ", "", "version", "missing")]
    [InlineData("\"slot_minutes\": 60, ", "", "slot_minutes", "missing")]
    [InlineData("\"slot_minutes\": 60", "\"slot_minutes\": 45", "slot_minutes", "divides 60")]
    [InlineData("\"slot_minutes\": 60", "\"slot_minutes\": 0", "slot_minutes", "divides 60")]
    [InlineData("\"slot_minutes\": 60", "\"slot_minutes\": -60", "slot_minutes", "divides 60")]
    [InlineData("\"slot_minutes\": 60", "\"slot_minutes\": 60, \"first_slot_minutes\": 0", "first_slot_minutes", "from 1 to")]
    [InlineData("\"slot_minutes\": 60", "\"slot_minutes\": 30, \"first_slot_minutes\": 31", "first_slot_minutes", "from 1 to slot_minutes, 30")]
    [InlineData("\"slots\": 24", "\"slots\": 0", "slots", "from 1 to 10000")]
    [InlineData("\"slots\": 24", "\"slots\": 10001", "slots", "from 1 to 10000")]
    [InlineData("\"slots\": 24", "\"slots\": \"24\"", "slots", "is text: it is a whole number")]
    [InlineData("\"slots\": 24", "\"slots\": 24.0", "slots", "24.0: it is a whole number, written without point or exponent")]
    [InlineData("\"slots\": 24", "\"slots\": 99999999999", "slots", "out of all range")]
    [InlineData("[\"H100-SXM-80GB.us-east\", \"H200-SXM-141GB.us-east\"]", "[]", "markets", "from 1 to 1000 markets")]
    [InlineData("[\"H100-SXM-80GB.us-east\", \"H200-SXM-141GB.us-east\"]", "\"H100\"", "markets", "is text: it is a list")]
    [InlineData("\"H200-SXM-141GB.us-east\"]", "7]", "markets[1]", "is 7: it is text")]
    [InlineData("\"H200-SXM-141GB.us-east\"]", "\"H100-SXM-80GB.us-east\"]", "markets[1]", "unique")]
    [InlineData("\"H200-SXM-141GB.us-east\"]", "\"\"]", "markets[1]", "is empty")]
    [InlineData("\"offers\":", "\"offer\":", "offers", "missing")]
    [InlineData("\"bids\":", "\"bid\":", "bids", "missing")]
    [InlineData("\"offers\": [ {", "\"offers\": [ 5, {", "offers[0]", "is 5: it is an object")]
    // Offers.
    [InlineData("\"id\": \"o1\", ", "", "offers[0].id", "missing")]
    [InlineData("\"id\": \"o1\"", "\"id\": 1", "offers[0].id", "is 1: it is text")]
    [InlineData("\"id\": \"o1\"", "\"id\": \"\"", "offers[0].id", "is empty")]
    [InlineData("\"id\": \"o1\"", "\"id\": \"o\\u0007\"", "offers[0].id", "control character")]
    [InlineData("\"market\": 0", "\"market\": 2", "offers[0].market of \"o1\"", "stand at 0 to 1")]
    [InlineData("\"market\": 0", "\"market\": -1", "offers[0].market of \"o1\"", "stand at 0 to 1")]
    [InlineData("\"market\": 0, \"gpus\": 8", "\"market\": 0, \"gpus\": 0", "offers[0].gpus of \"o1\"", "from 1 to 1000000")]
    [InlineData("\"market\": 0, \"gpus\": 8", "\"market\": 0, \"gpus\": 1000001", "offers[0].gpus of \"o1\"", "from 1 to 1000000")]
    [InlineData("\"market\": 0, \"gpus\": 8", "\"market\": 0, \"gpus\": 1.5", "offers[0].gpus of \"o1\"", "without point")]
    [InlineData("\"market\": 0, \"gpus\": 8", "\"market\": 0, \"gpus\": 1e3", "offers[0].gpus of \"o1\"", "without point or exponent")]
    [InlineData("\"from\": 0, \"to\": 24", "\"from\": -1, \"to\": 24", "offers[0].from of \"o1\"", "count from 0 to 23")]
    [InlineData("\"from\": 0, \"to\": 24", "\"from\": 24, \"to\": 24", "offers[0].from of \"o1\"", "count from 0 to 23")]
    [InlineData("\"from\": 0, \"to\": 24", "\"from\": 0, \"to\": 25", "offers[0].to of \"o1\"", "at 24 at the latest")]
    [InlineData("\"from\": 0, \"to\": 24", "\"from\": 5, \"to\": 5", "offers[0].to of \"o1\"", "after from, 5")]
    [InlineData("\"from\": 0, \"to\": 24", "\"from\": -2147483648, \"to\": 2147483647", "offers[0].from of \"o1\"", "count from 0")]
    [InlineData("\"reserve\": 1850000", "\"reserve\": -1", "offers[0].reserve of \"o1\"", "from 0 to 1000000000000")]
    [InlineData("\"reserve\": 1850000", "\"reserve\": 1000000000001", "offers[0].reserve of \"o1\"", "from 0 to 1000000000000")]
    [InlineData("\"reserve\": 1850000", "\"reserve\": null", "offers[0].reserve of \"o1\"", "is null: it is a whole number")]
    [InlineData("\"reserve\": 1850000", "\"reserve\": [1850000]", "offers[0].reserve of \"o1\"", "one for each slot from 0 to 24")]
    [InlineData("\"reserve\": 1850000", "\"reserve\": []", "offers[0].reserve of \"o1\"", "has 0 values")]
    [InlineData("\"to\": 24, \"reserve\": 1850000", "\"to\": 2, \"reserve\": [0, -7]", "offers[0].reserve[1] of \"o1\"", "is -7")]
    [InlineData("\"to\": 24, \"reserve\": 1850000", "\"to\": 2, \"reserve\": [0, 1.5]", "offers[0].reserve[1] of \"o1\"", "without point")]
    [InlineData("\"min_run\": 1", "\"min_run\": 0", "offers[0].min_run of \"o1\"", "at least 1")]
    [InlineData("\"min_run\": 1}", "\"min_run\": 1}, {\"id\": \"o1\", \"market\": 0, \"gpus\": 8, \"from\": 0, \"to\": 24, \"reserve\": 0}", "offers[1].id of \"o1\"", "unique")]
    // Bids.
    [InlineData("\"id\": \"d1\", \"kind\": \"divisible\"", "\"id\": \"d1\"", "bids[0].kind of \"d1\"", "missing")]
    [InlineData("\"divisible\"", "\"standing\"", "bids[0].kind of \"d1\"", "\"divisible\" or \"block\"")]
    [InlineData("\"id\": \"b1\"", "\"id\": \"d1\"", "bids[1].id of \"d1\"", "unique")]
    [InlineData("\"markets\": [0],", "", "bids[0].markets of \"d1\"", "missing")]
    [InlineData("\"markets\": [0],", "\"markets\": [],", "bids[0].markets of \"d1\"", "at least one")]
    [InlineData("\"markets\": [0, 1]", "\"markets\": [0, 2]", "bids[1].markets[1] of \"b1\"", "stand at 0 to 1")]
    [InlineData("\"markets\": [0, 1]", "\"markets\": [1, 1]", "bids[1].markets[1] of \"b1\"", "distinct")]
    [InlineData("\"markets\": [0, 1]", "\"markets\": [0, \"1\"]", "bids[1].markets[1] of \"b1\"", "whole number")]
    [InlineData("\"gpus\": 16", "\"gpus\": -16", "bids[0].gpus of \"d1\"", "from 1 to")]
    [InlineData("\"limit\": 2400000", "\"limit\": -1", "bids[0].limit of \"d1\"", "from 0 to 1000000000000")]
    [InlineData(", \"limit\": 2400000", "", "bids[0].limit of \"d1\"", "missing")]
    [InlineData("\"limit\": 2400000", "\"limit\": 9223372036854775808", "bids[0].limit of \"d1\"", "out of all range")]
    [InlineData("\"from\": 2, \"to\": 8", "\"from\": 8, \"to\": 2", "bids[0].to of \"d1\"", "after from, 8")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"run\": 2", "bids[0].run of \"d1\"", "only a block")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"parent\": \"b1\"", "bids[0].parent of \"d1\"", "only a block")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"group\": \"g\"", "bids[0].group of \"d1\"", "only a block")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"node\": 8", "bids[0].node of \"d1\"", "only a block")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"min_fill\": 500", "bids[0].min_fill of \"d1\"", "only a block")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"starts\": [2]", "bids[0].starts of \"d1\"", "only a block")]
    [InlineData("\"limit\": 2400000", "\"limit\": 2400000, \"offers\": [\"o1\"]", "bids[0].offers of \"d1\"", "only a block")]
    // Blocks.
    [InlineData("\"group\": null", "\"group\": null, \"offers\": []", "bids[1].offers of \"b1\"", "leave it out where any may")]
    [InlineData("\"group\": null", "\"group\": null, \"offers\": [\"o2\"]", "bids[1].offers[0] of \"b1\"", "no offer has this id")]
    [InlineData("\"group\": null", "\"group\": null, \"offers\": [\"o1\", \"o1\"]", "bids[1].offers[1] of \"b1\"", "distinct")]
    [InlineData("\"group\": null", "\"group\": null, \"offers\": [\"o1\", 2]", "bids[1].offers[1] of \"b1\"", "it is text")]
    [InlineData("\"group\": null", "\"group\": null, \"offers\": \"o1\"", "bids[1].offers of \"b1\"", "it is a list")]
    [InlineData("\"run\": 6, ", "", "bids[1].run of \"b1\"", "missing")]
    [InlineData("\"run\": 6", "\"run\": 0", "bids[1].run of \"b1\"", "at least 1 slot")]
    [InlineData("\"run\": 6", "\"run\": 13", "bids[1].run of \"b1\"", "has only 12 slots")]
    [InlineData("\"run\": 6, \"from\": 2, \"to\": 14", "\"run\": 6, \"from\": 2, \"to\": 21", "bids[1] of \"b1\"", "14 possible starts: there are from 1 to 13")]
    [InlineData("\"run\": 6", "\"run\": 6, \"starts\": [1]", "bids[1].starts[0] of \"b1\"", "between 2 and 8")]
    [InlineData("\"run\": 6", "\"run\": 6, \"starts\": [2, 9]", "bids[1].starts[1] of \"b1\"", "between 2 and 8")]
    [InlineData("\"run\": 6", "\"run\": 6, \"starts\": [2, 2]", "bids[1].starts[1] of \"b1\"", "distinct")]
    [InlineData("\"run\": 6", "\"run\": 6, \"starts\": []", "bids[1].starts of \"b1\"", "0 possible starts")]
    [InlineData("\"min_fill\": 1000", "\"min_fill\": 0", "bids[1].min_fill of \"b1\"", "from 1 to 1000")]
    [InlineData("\"min_fill\": 1000", "\"min_fill\": 1001", "bids[1].min_fill of \"b1\"", "from 1 to 1000")]
    [InlineData("\"node\": 8", "\"node\": 3", "bids[1].node of \"b1\"", "divides gpus, 8")]
    [InlineData("\"node\": 8", "\"node\": -8", "bids[1].node of \"b1\"", "divides gpus, 8")]
    [InlineData("\"parent\": null", "\"parent\": \"b9\"", "bids[1].parent of \"b1\"", "no bid has this id")]
    [InlineData("\"parent\": null", "\"parent\": 5", "bids[1].parent of \"b1\"", "it is text")]
    [InlineData("\"parent\": null", "\"parent\": \"d1\"", "bids[1].parent of \"b1\"", "a parent is a block")]
    [InlineData("\"parent\": null", "\"parent\": \"b1\"", "bids[1].parent of \"b1\"", "closes a cycle, b1 → b1")]
    [InlineData("\"parent\": null, \"group\": null", "\"parent\": \"b1\", \"group\": \"g\"", "bids[1].group of \"b1\"", "not both")]
    [InlineData("\"group\": null", "\"group\": \"\"", "bids[1].group of \"b1\"", "is empty")]
    // What is not JSON, or not one thing.
    [InlineData("\"slots\": 24,", "\"slots\": 24", "line 2, byte 3", "is not JSON")]
    [InlineData("\"group\": null} ] }", "", "line 7, byte 51", "is not JSON")]
    [InlineData("\"slots\": 24", "\"slots\": 24, \"slots\": 25", "", "slots")]
    [InlineData("\"o1\"", "\"\\ud800\"", "line 3, byte 22", "half a character")]
    public void A_problem_that_does_not_fit_is_refused_with_the_place_and_the_reason(
        string part, string bad, string place, string reason)
    {
        AuctionFiles.Problem.ShouldContain(part);
        var at = AuctionFiles.Problem.IndexOf(part, StringComparison.Ordinal);
        var file = AuctionFiles.Problem.Remove(at, part.Length).Insert(at, bad);

        var refused = Should.Throw<AuctionFormatException>(() => AuctionJson.ReadProblem(AuctionFiles.Bytes(file)));
        refused.Message.ShouldStartWith(place);
        refused.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 0", "version", "only version 1")]
    [InlineData("\"status\": \"optimal\"", "\"status\": \"perfect\"", "status", "\"optimal\", \"feasible\" or \"empty\"")]
    [InlineData("\"status\": \"optimal\", ", "", "status", "missing")]
    [InlineData("\"welfare\": 48000000", "\"welfare\": 48000000.0", "welfare", "without point")]
    [InlineData("\"bound\": 48000000", "\"bound\": null", "bound", "is null")]
    [InlineData("\"seconds\": 0.8", "\"seconds\": -1", "seconds", "not below 0")]
    [InlineData("\"seconds\": 0.8", "\"seconds\": 1e999", "seconds", "number of seconds")]
    [InlineData("[[null, null, 2400000", "[5, [null, null, 2400000", "prices[0]", "is 5: it is a list")]
    [InlineData("[[null, null, 2400000", "[[null, null, 2400000.5", "prices[0][2]", "without point")]
    [InlineData("[[null, null, 2400000", "[[null, null, \"x\"", "prices[0][2]", "is text")]
    [InlineData("{\"bid\": \"d1\", ", "{", "fills[0].bid", "missing")]
    [InlineData("\"offer\": \"o1\", \"from\": 8", "\"offer\": null, \"from\": 8", "fills[1].offer", "is null: it is text")]
    [InlineData("\"to\": 8", "\"to\": 8.5", "fills[0].to", "without point")]
    [InlineData("\"gpus\": 8}, {", "\"gpus\": 8589934592}, {", "fills[0].gpus", "out of all range")]
    [InlineData("\"left_out\": [], ", "", "left_out", "missing")]
    [InlineData("\"left_out_offers\": []", "\"left_out_offers\": [1]", "left_out_offers[0]", "is 1: it is text")]
    public void A_solution_that_does_not_fit_is_refused_with_the_place_and_the_reason(
        string part, string bad, string place, string reason)
    {
        var at = AuctionFiles.Solution.IndexOf(part, StringComparison.Ordinal);
        var file = AuctionFiles.Solution.Remove(at, part.Length).Insert(at, bad);

        var refused = Should.Throw<AuctionFormatException>(() => AuctionJson.ReadSolution(AuctionFiles.Bytes(file)));
        refused.Message.ShouldStartWith(place);
        refused.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("{} {}")]
    public void What_is_no_auction_at_all_is_refused(string file)
    {
        Should.Throw<AuctionFormatException>(() => AuctionJson.ReadProblem(AuctionFiles.Bytes(file)));
        Should.Throw<AuctionFormatException>(() => AuctionJson.ReadSolution(AuctionFiles.Bytes(file)));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_by_line_and_byte()
    {
        var file = AuctionFiles.Bytes("{\n \"a\": \"??\"}").ToArray();
        file[9] = 0xC3;

        Should.Throw<AuctionFormatException>(() => AuctionJson.ReadProblem(file))
            .Message.ShouldStartWith("line 2, byte 8 is not UTF-8");
    }

    [Fact]
    public void Every_fault_of_a_problem_is_told_not_only_the_first()
    {
        var file = AuctionFiles.Problem.Replace("\"limit\": 2400000", "\"limit\": -1").Replace("\"node\": 8", "\"node\": 3");

        var refused = Should.Throw<AuctionFormatException>(() => AuctionJson.ReadProblem(AuctionFiles.Bytes(file)));
        refused.Breaches.Select(breach => (breach.Place, breach.Id)).ShouldBe([("bids[0].limit", "d1"), ("bids[1].node", "b1")]);
        refused.Message.ShouldEndWith("(and 1 more)");
    }
}
