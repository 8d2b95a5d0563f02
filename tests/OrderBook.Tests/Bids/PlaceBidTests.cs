using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Bids;

public sealed class PlaceBidTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Me = Ids.Of(1);

    [Fact]
    public async Task A_bid_is_answered_from_what_the_engine_decided()
    {
        Engine = Accepts;
        var bid = (await Place(Request(r => r.Kind = BidKind.Block))).Bid;

        bid.BidId.ShouldBe(41);
        bid.BuyerId.ShouldBe(Me.ToString());
        bid.Kind.ShouldBe(BidKind.Block);
        bid.RunSlotCount.ShouldBe(3);
        bid.State.ShouldBe(OrderState.Open);
        bid.ReservedMicros.ShouldBe(123);
        bid.PlacedTime.ToDateTimeOffset().ShouldBe(Now);
        var asked = Asked.ShouldHaveSingleItem();
        asked.CommandId.ShouldBe(EngineDoor.CommandId(Me, Ids.Of(5)).ToString());
        asked.Command.PlaceBid.BuyerId.ShouldBe(Me.ToString());
        asked.Command.PlaceBid.RunSlotCount.ShouldBe(3);
    }

    [Fact]
    public async Task A_divisible_bid_has_no_run()
    {
        Engine = Accepts;
        (await Place(Request())).Bid.RunSlotCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_repetition_is_answered_with_the_first_bid_and_the_time_it_was_placed()
    {
        await Feed(Bid(41, Me, 8, 10, 13, 2_000_000));
        Clock.MoveTo(At(9));
        Engine = request => new SubmitResponse(Accepts(request)) { RepeatedCommand = true };
        (await Place(Request())).Bid.PlacedTime.ToDateTimeOffset().ShouldBe(Now);
    }

    [Theory]
    [InlineData("request_id", "request_id")]
    [InlineData("kind", "kind")]
    [InlineData("kind_unknown", "kind")]
    [InlineData("markets_none", "markets")]
    [InlineData("markets_two", "markets")]
    [InlineData("markets_empty", "markets")]
    [InlineData("gpu_count", "gpu_count")]
    [InlineData("from_missing", "from_time")]
    [InlineData("from_unaligned", "from_time")]
    [InlineData("from_impossible", "from_time")]
    [InlineData("to_missing", "to_time")]
    [InlineData("to_unaligned", "to_time")]
    [InlineData("to_before_from", "to_time")]
    [InlineData("limit_negative", "limit_micros_per_gpu_hour")]
    public async Task Bad_input_names_the_field_and_goes_no_further(string what, string field)
    {
        var failure = await Refused(() => Place(Request(request => Spoil(request, what))));
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.Select(wrong => wrong.Field).ShouldBe([field]);
        Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        var failure = await Refused(() => Place(new PlaceBidRequest { LimitMicrosPerGpuHour = 1_500, GpuCount = 5_000 }));
        failure.Fields.Select(wrong => wrong.Field).ShouldBe(
            ["request_id", "kind", "markets", "from_time", "to_time", "gpu_count", "limit_micros_per_gpu_hour"]);
        Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1_500, 8, "LIMIT_NOT_ON_TICK", "limit_micros_per_gpu_hour")]
    [InlineData(50_001_000, 8, "LIMIT_OUT_OF_RANGE", "limit_micros_per_gpu_hour")]
    [InlineData(2_000_000, 4_097, "GPU_COUNT_OUT_OF_RANGE", "gpu_count")]
    public async Task What_only_the_settings_forbid_is_for_the_engine_to_refuse(long limit, int gpus, string reason, string field)
    {
        Engine = _ => Refuses(reason, field);
        var failure = await Refused(() => Place(Request(request => (request.LimitMicrosPerGpuHour, request.GpuCount) = (limit, gpus))));
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.ShouldHaveSingleItem().ShouldBe((field, "says no."));
    }

    [Fact]
    public async Task What_the_settings_forbid_besides_is_said_with_the_engines_refusal()
    {
        Engine = _ => Refuses("GPU_COUNT_OUT_OF_RANGE", "gpu_count");
        var failure = await Refused(() => Place(Request(request => (request.LimitMicrosPerGpuHour, request.GpuCount) = (1_500, 4_097))));
        failure.Fields.Select(wrong => wrong.Field).ShouldBe(["gpu_count", "limit_micros_per_gpu_hour"]);
    }

    [Fact]
    public async Task Where_the_engine_knows_newer_settings_than_the_edge_its_word_counts()
    {
        await Feed(SettingsAre(settings => settings.TickMicros = 10_000));
        Engine = Accepts;
        (await Place(Request(request => request.LimitMicrosPerGpuHour = 2_001_000))).Bid.BidId.ShouldBe(41);
    }

    [Fact]
    public async Task Slots_are_as_long_as_the_settings_say()
    {
        await Feed(SettingsAre(settings => settings.SlotMinutes = 30));
        Engine = Accepts;
        var request = Request(r => (r.FromTime, r.Kind) = (At(10, 30).ToTimestamp(), BidKind.Block));
        (await Place(request)).Bid.RunSlotCount.ShouldBe(5);
    }

    [Fact]
    public async Task A_window_longer_than_any_settings_allow_is_refused_however_long_it_is()
    {
        var failure = await Refused(() => Place(Request(r => r.ToTime = new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero).ToTimestamp())));
        failure.Reason.ShouldBe("WINDOW_TOO_LONG");
        Asked.ShouldBeEmpty();
    }

    private static SubmitResponse Accepts(SubmitRequest request) => new()
    {
        CommandId = request.CommandId,
        Sequence = 9,
        Events = { new EngineEvent { BidPlaced = new BidPlaced { BidId = 41, Bid = request.Command.PlaceBid, ReservedMicros = 123 } } },
    };

    private static SubmitResponse Refuses(string reason, string field) => new()
    {
        Events = { new EngineEvent { CommandRefused = new CommandRefused { Reason = reason, Field = field, Message = "says no." } } },
    };

    private Task<PlaceBidResponse> Place(PlaceBidRequest request) =>
        Slice<PlaceBidHandler, PlaceBidResponse>(place => place.Handle(request, Buyer(Me), Cancel));

    private static PlaceBidRequest Request(Action<PlaceBidRequest>? change = null)
    {
        var request = new PlaceBidRequest
        {
            RequestId = Ids.Of(5).ToString(),
            Kind = BidKind.Divisible,
            Markets = { H100 },
            GpuCount = 8,
            FromTime = At(10).ToTimestamp(),
            ToTime = At(13).ToTimestamp(),
            LimitMicrosPerGpuHour = 2_000_000,
        };
        change?.Invoke(request);
        return request;
    }

    private static void Spoil(PlaceBidRequest request, string what)
    {
        switch (what)
        {
            case "request_id": request.RequestId = "not-a-uuid"; break;
            case "kind": request.Kind = BidKind.Unspecified; break;
            case "kind_unknown": request.Kind = (BidKind)9; break;
            case "markets_none": request.Markets.Clear(); break;
            case "markets_two": request.Markets.Add("B200-SXM-180GB.us-east"); break;
            case "markets_empty": request.Markets[0] = ""; break;
            case "gpu_count": request.GpuCount = 0; break;
            case "from_missing": request.FromTime = null; break;
            case "from_unaligned": request.FromTime = At(10, 1).ToTimestamp(); break;
            case "from_impossible": request.FromTime = new Timestamp { Seconds = long.MaxValue }; break;
            case "to_missing": request.ToTime = null; break;
            case "to_unaligned": request.ToTime = At(13, 30).ToTimestamp(); break;
            case "to_before_from": request.ToTime = At(10).ToTimestamp(); break;
            case "limit_negative": request.LimitMicrosPerGpuHour = -1_000; break;
            default: throw new ArgumentException(what);
        }
    }
}
