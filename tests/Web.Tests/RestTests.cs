using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Web.Tests;

public class RestTests
{
    private const string Bid = """
        {"request_id":"0192f3a1-0000-7000-8000-000000000002","kind":"block","markets":["H100.us"],"gpu_count":8,
         "from_time":"2026-03-02T09:00:00Z","to_time":"2026-03-02T11:00:00+00:00","limit_micros_per_gpu_hour":2500000}
        """;

    [Fact]
    public async Task A_bid_in_JSON_reaches_the_order_book_with_the_callers_own_key()
    {
        await using var front = await Front.Open();
        var (status, body) = await front.Send(HttpMethod.Post, "/v1/bids", Bid, ("Authorization", $"Bearer {Front.BuyerKey}"));

        status.ShouldBe(200);
        body.GetProperty("bid").GetProperty("bid_id").GetInt64().ShouldBe(1);
        front.OrderBook.Authorization.ShouldBe($"Bearer {Front.BuyerKey}");
        front.OrderBook.Asked!.Kind.ShouldBe(MatchingEngine.V1.BidKind.Block);
        front.OrderBook.Asked.ToTime.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 2, 11, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once_and_the_order_book_is_not_asked()
    {
        await using var front = await Front.Open();
        var (status, body) = await front.Send(
            HttpMethod.Post, "/v1/bids", """{"kind":"bloc","gpu_count":"many","markets":"H100.us","from_time":"soon","price":1}""", ("Authorization", $"Bearer {Front.BuyerKey}"));

        status.ShouldBe(400);
        body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString())
            .ShouldBe(["kind", "gpu_count", "markets", "from_time", "price"]);
        body.GetProperty("detail").GetString()!.ShouldContain("one of divisible, block");
        front.OrderBook.Asked.ShouldBeNull();
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"gpu_count":99999999999}""", 400)]
    [InlineData("""{"from_time":null}""", 200)]
    public async Task Nonsense_is_refused_as_such(string json, int expected)
    {
        await using var front = await Front.Open();
        (await front.Send(HttpMethod.Post, "/v1/bids", json, ("Authorization", $"Bearer {Front.BuyerKey}"))).Status.ShouldBe(expected);
    }

    [Fact]
    public async Task A_refusal_keeps_its_reason_and_its_fields()
    {
        await using var front = await Front.Open();
        front.OrderBook.Refusal = () => Refuse.Rule("INSUFFICIENT_FUNDS", "Deposit $5.00 more.", "limit_micros_per_gpu_hour");
        var (status, body) = await front.Send(HttpMethod.Post, "/v1/bids", Bid, ("Authorization", $"Bearer {Front.BuyerKey}"));
        status.ShouldBe(422);
        body.GetProperty("reason").GetString().ShouldBe("INSUFFICIENT_FUNDS");
        body.GetProperty("detail").GetString().ShouldBe("Deposit $5.00 more.");

        front.OrderBook.Refusal = () => Refuse.Field("gpu_count", "is 0; it can be 1 to 4096.");
        (status, body) = await front.Send(HttpMethod.Post, "/v1/bids", Bid, ("Authorization", $"Bearer {Front.BuyerKey}"));
        status.ShouldBe(400);
        body.GetProperty("errors")[0].GetProperty("field").GetString().ShouldBe("gpu_count");
    }

    [Fact]
    public async Task A_visitor_downloads_a_runs_record_in_its_own_bytes()
    {
        await using var front = await Front.Open();
        var (status, body) = await front.Send(HttpMethod.Get, "/v1/runs/7/record");
        status.ShouldBe(200);
        body.GetProperty("run").GetProperty("record_sha256").GetString().ShouldBe("ab");
        System.Text.Encoding.UTF8.GetString(body.GetProperty("problem_file").GetBytesFromBase64()).ShouldBe("{ \"a\": 1 }\n");
    }

    [Fact]
    public async Task A_header_says_the_request_id_as_well_as_the_field()
    {
        await using var front = await Front.Open();
        await front.Send(HttpMethod.Post, "/v1/bids", """{"gpu_count":1}""", ("Authorization", $"Bearer {Front.BuyerKey}"), ("Idempotency-Key", "abc"));
        front.OrderBook.Asked!.RequestId.ShouldBe("abc");
    }

    [Fact]
    public async Task A_query_is_read_by_field_and_what_it_does_not_know_is_refused()
    {
        await using var front = await Front.Open();
        await front.Send(HttpMethod.Get, "/v1/bids?state=open&page_size=7", null, ("Authorization", $"Bearer {Front.BuyerKey}"));
        front.OrderBook.Listed.ShouldBe(new ListBidsRequest { State = OrderState.Open, PageSize = 7 });

        var (status, body) = await front.Send(HttpMethod.Get, "/v1/bids?sate=open", null, ("Authorization", $"Bearer {Front.BuyerKey}"));
        status.ShouldBe(400);
        body.GetProperty("detail").GetString()!.ShouldContain("state, page_size, page_token");
    }

    [Fact]
    public async Task A_visitor_sees_the_market_as_the_console_and_nothing_that_is_anyones()
    {
        await using var front = await Front.Open();
        (await front.Send(HttpMethod.Get, "/v1/trades")).Status.ShouldBe(200);
        var asked = await Front.Reads(ServiceNames.OrderBook, front.OrderBook.Authorization);
        asked!.Service.ShouldBe(ServiceNames.Web);
        asked.SeesAll.ShouldBeFalse();

        front.OrderBook.Refusal = null;
        await front.Send(HttpMethod.Get, "/v1/bids");
        front.OrderBook.Authorization.ShouldBeNull("what is not public is asked without any credential, and refused where it is served");
    }

    [Fact]
    public async Task A_services_token_does_not_come_in_by_the_front_door()
    {
        await using var front = await Front.Open();
        var (status, _) = await front.Send(HttpMethod.Get, "/v1/trades", null, ("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"));
        status.ShouldBe(401);
        front.OrderBook.Authorization.ShouldBeNull();
    }

    [Fact]
    public async Task The_record_of_a_run_is_JSON_inside_JSON()
    {
        await using var front = await Front.Open();
        front.OrderBook.Run = new GetRunResponse { Run = new Run { RunId = 3 }, ProblemJson = ByteString.CopyFromUtf8("""{"slots":24}""") };
        var body = await front.Get("/v1/runs/3");
        body.GetProperty("problem").GetProperty("slots").GetInt32().ShouldBe(24);
        body.TryGetProperty("solution", out _).ShouldBeFalse();
        body.GetProperty("run").TryGetProperty("cleared_time", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task The_stream_sends_an_event_for_each_update_and_says_why_it_ends()
    {
        await using var front = await Front.Open();
        front.OrderBook.Updates = [new StreamMarketDataResponse { FeedNumber = 1 }, new StreamMarketDataResponse { FeedNumber = 2, Trade = new Trade { LeaseId = 9 } }];
        front.OrderBook.Refusal = () => new RpcException(new Status(StatusCode.ResourceExhausted, "too slow"));
        var text = await front.Http.GetStringAsync("/v1/market-data", TestContext.Current.CancellationToken);

        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        events[0].ShouldBe("""data: {"feed_number":1}""");
        events[1].ShouldContain("\"lease_id\":9");
        events[2].ShouldStartWith("event: problem\ndata: ");
        events[2].ShouldContain("RESOURCE_EXHAUSTED");
    }

    [Fact]
    public async Task A_service_that_is_away_is_said_to_be_away()
    {
        await using var front = await Front.Open();
        front.OrderBook.Refusal = () => new RpcException(new Status(StatusCode.Unavailable, "The exchange cannot answer right now; try again with the same request id."));
        var (status, body) = await front.Send(HttpMethod.Get, "/v1/trades");
        status.ShouldBe(503);
        body.GetProperty("code").GetString().ShouldBe("UNAVAILABLE");
    }

    [Fact]
    public async Task A_route_that_is_not_there_is_told_as_a_problem_and_a_page_as_the_page()
    {
        await using var front = await Front.Open();
        (await front.Send(HttpMethod.Get, "/v1/nothing")).Status.ShouldBe(404);
        (await front.Http.GetAsync("/market", TestContext.Current.CancellationToken)).IsSuccessStatusCode.ShouldBeTrue();
    }
}
