using ComputeExchange.Cli.Commands;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Pricing.V1;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class CapacitySearchTests : IAsyncLifetime
{
    StandInExchange _exchange = null!;

    public async ValueTask InitializeAsync()
    {
        _exchange = await StandInExchange.Start();
        _exchange.Answer((ListMarketsRequest _) => new ListMarketsResponse
        {
            Settings = new ChangeSettings { SlotMinutes = 60 },
            Markets = { new DefineMarket { Market = "H100-SXM-80GB.us", State = MarketState.Open }, new DefineMarket { Market = "A100-SXM-80GB.eu", State = MarketState.Halted } },
        });
        _exchange.Answer((GetDepthRequest _) => new GetDepthResponse());
        _exchange.Answer((ListSlotPricesRequest _) => new ListSlotPricesResponse());
        _exchange.Answer((SearchCapacityRequest request) => new SearchCapacityResponse
        {
            Understood = request.Filter,
            Capacities = { new Capacity { NodeId = "n1", Market = "H100-SXM-80GB.us", GpuCount = 4, NodeGpuCount = 8, ReserveMicrosPerGpuHour = 1_800_000, LikelyPriceMicrosPerGpuHour = 2_000_000, ReliabilityPpm = 982_000, State = NodeState.Verified, Simulated = true } },
        });
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    [Fact]
    public async Task A_search_without_words_shows_the_markets_and_the_free_machines()
    {
        var (code, text, error) = await _exchange.Run("search");
        (code, error).ShouldBe((0, ""));
        text.ShouldContain("A100-SXM-80GB.eu");
        text.ShouldContain("98.2%");
        text.ShouldContain("an inventory file stands for the hardware");
        _exchange.Only<SearchCapacityRequest>().Filter.ShouldBeEmpty();
        var json = await _exchange.Json("search");
        json["markets"]!.AsArray().Count.ShouldBe(2);
        var capacity = json["capacities"]![0]!;
        capacity["likely_price_micros_per_gpu_hour"]!.GetValue<long>().ShouldBe(2_000_000);
        capacity["price_micros_per_gpu_hour"].ShouldBeNull();
    }

    [Fact]
    public async Task A_single_word_is_a_part_of_a_markets_name_as_ever()
    {
        var text = (await _exchange.Run("search", "h100")).Output;
        text.ShouldContain("H100-SXM-80GB.us");
        text.ShouldNotContain("A100-SXM-80GB.eu");
        _exchange.Only<SearchCapacityRequest>().Filter.ShouldBe("market in (H100-SXM-80GB.us)");
        (await _exchange.Run("search", "b200")).Output.ShouldContain("No market by that name.");
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated, "--key")]
    [InlineData(StatusCode.Unimplemented, "does not list machines")]
    public async Task Who_may_not_see_machines_still_sees_the_markets(StatusCode code, string said)
    {
        _exchange.Answer<SearchCapacityRequest, SearchCapacityResponse>(_ => throw new RpcException(new Status(code, "no")));
        var found = await _exchange.Run("search");
        found.Code.ShouldBe(0);
        found.Output.ShouldContain("H100-SXM-80GB.us");
        found.Output.ShouldContain(said);
        (await _exchange.Run("search", "gpus >= 8")).Code.ShouldBe(1);
    }

    [Fact]
    public async Task A_filter_searches_machines_only_with_or_without_quotes()
    {
        (await _exchange.Run("search", "class = H100-SXM-80GB and gpus >= 8 and verified", "--from", "+3h", "--hours", "12", "--sort", "-reliability", "--limit", "5")).Code.ShouldBe(0);
        (await _exchange.Run("search", "gpus", ">=", "8", "and", "nvlink")).Output.ShouldNotContain("A100-SXM-80GB.eu");
        (await _exchange.Run("search", "verified")).Code.ShouldBe(0);
        var asked = _exchange.Asked<SearchCapacityRequest>();
        asked.Select(request => request.Filter).ShouldBe(["class = H100-SXM-80GB and gpus >= 8 and verified", "gpus >= 8 and nvlink", "verified"]);
        (asked[0].FromTime.ToDateTimeOffset(), asked[0].HourCount, asked[0].OrderBy, asked[0].PageSize).ShouldBe((new DateTimeOffset(2026, 3, 2, 13, 0, 0, TimeSpan.Zero), 12, "-reliability", 5));
    }

    [Fact]
    public async Task A_wrong_word_of_a_filter_is_marked()
    {
        var refused = await _exchange.Run("search", "gpus >= 8 and colour = red");
        refused.Code.ShouldBe(1);
        var lines = refused.Error.TrimEnd().Split('\n');
        lines[0].ShouldStartWith("filter: at 15, 'colour'");
        lines[1].ShouldBe("  gpus >= 8 and colour = red");
        lines[2].ShouldBe("                ^^^^^^");
        _exchange.Asked<SearchCapacityRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bid_asks_for_nodes_as_a_block_and_only_for_what_bids_can_ask()
    {
        _exchange.Answer((PlaceBidRequest request) => new PlaceBidResponse { Bid = new Bid { BidId = 1, FromTime = request.FromTime, ToTime = request.ToTime } });
        string[] bid = ["bid", "H100-SXM-80GB.us", "--gpus", "8", "--from", "2026-03-02T12:00Z", "--hours", "3", "--limit", "2.50", "--where"];
        (await _exchange.Run([.. bid, "verified and reliability >= 0.98"])).Code.ShouldBe(0);
        var placed = _exchange.Only<PlaceBidRequest>();
        (placed.Where, placed.Kind).ShouldBe(("verified and reliability >= 0.98", BidKind.Block));

        var refused = await _exchange.Run([.. bid, "verified and gpus >= 8"]);
        refused.Code.ShouldBe(1);
        refused.Error.ShouldStartWith("--where: at 14, 'gpus': cannot be asked for here");
        refused.Error.ShouldEndWith("\n  verified and gpus >= 8\n               ^^^^\n");
        _exchange.Asked<PlaceBidRequest>().Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_markets_alone_are_shown_where_they_are_asked_for()
    {
        (await _exchange.Run("search", "--markets", "eu")).Output.ShouldNotContain("H100-SXM-80GB.us");
        (await _exchange.Run("search", "--markets")).Output.ShouldContain("H100-SXM-80GB.us");
        _exchange.Asked<SearchCapacityRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_language_is_listed()
    {
        _exchange.Answer((ListSearchFieldsRequest _) => new ListSearchFieldsResponse { Fields = { new SearchField { Name = "reliability", Type = "number", Meaning = "The node's score, from 0 to 1.", Example = "reliability > 0.98", InBids = true } } });
        var text = (await _exchange.Run("search", "--fields")).Output;
        text.ShouldContain("reliability > 0.98");
        text.ShouldContain("join with and");
    }

    [Fact]
    public async Task More_than_was_asked_for_is_said_to_be_there()
    {
        _exchange.Answer((SearchCapacityRequest request) => new SearchCapacityResponse { Capacities = { Enumerable.Repeat(new Capacity { NodeId = "n" }, request.PageSize) }, NextPageToken = "next" });
        (await _exchange.Run("search", "gpus >= 1", "--limit", "3")).Output.ShouldContain("The first 3: --limit N shows more");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("h100", true)]
    [InlineData(".us", true)]
    [InlineData("H100-SXM-80GB.us", true)]
    [InlineData("nvlink", false)]
    [InlineData("not verified", false)]
    [InlineData("gpus>=8", false)]
    public void A_name_is_one_word_that_is_no_field(string text, bool isName) => SearchCommand.IsName(text).ShouldBe(isName);
}
