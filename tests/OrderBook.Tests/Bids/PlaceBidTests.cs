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
    [InlineData("markets_twice", "markets")]
    [InlineData("markets_nine", "markets")]
    [InlineData("run_in_divisible", "run_slot_count")]
    [InlineData("node_in_standing", "node_gpu_count")]
    [InlineData("where_in_divisible", "where")]
    [InlineData("where_unknown", "where")]
    [InlineData("where_not_for_bids", "where")]
    [InlineData("run_too_long", "run_slot_count")]
    [InlineData("start_outside", "start_times")]
    [InlineData("starts_too_many", "start_times")]
    [InlineData("min_fill", "min_fill_per_mille")]
    [InlineData("node", "node_gpu_count")]
    [InlineData("parent", "parent_bid_id")]
    [InlineData("group", "group")]
    [InlineData("parent_and_group", "group")]
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
    public async Task What_a_block_asks_of_nodes_reaches_the_engine_and_is_shown_in_its_normal_form()
    {
        Engine = Accepts;
        var id = Ids.Of(77);
        var placed = await Place(Request(request => (request.Kind, request.Where) =
            (BidKind.Block, $"NVLINK and zone = eu and reliability > 0.98 and node in ({id}) and country in (fr, DE) and verified")));
        var needs = Asked.ShouldHaveSingleItem().Command.PlaceBid.Needs;
        needs.ShouldBe(new NodeNeeds
        {
            ReliabilityPpmMin = 980_001, Verified = true, Nvlink = true, Countries = { "DE", "FR" }, Zones = { "EU" }, NodeIds = { id.ToString() },
        });
        placed.Bid.Where.ShouldBe($"reliability >= 0.980001 and verified and nvlink and country in (DE, FR) and zone = EU and node = {id}");
        OrderBook.Domain.NodeAsked.Read(placed.Bid.Where, out _).ShouldBe(needs);

        await Feed(MarketIs(H100), new EngineEvent { BidPlaced = new BidPlaced { BidId = 41, Bid = Asked[0].Command.PlaceBid, ReservedMicros = 1 } });
        (await Slice<ReadBids, GetBidResponse>(read => read.Get(new GetBidRequest { BidId = 41 }, Buyer(Me), Cancel))).Bid.Where.ShouldBe(placed.Bid.Where);
    }

    [Fact]
    public async Task A_bid_that_asks_nothing_of_nodes_is_told_to_the_engine_as_ever()
    {
        Engine = Accepts;
        (await Place(Request(request => (request.Kind, request.Where) = (BidKind.Block, "  ")))).Bid.Where.ShouldBe("");
        Asked.ShouldHaveSingleItem().Command.PlaceBid.Needs.ShouldBeNull();
    }

    [Fact]
    public async Task A_word_that_a_bid_cannot_have_is_named_with_its_place()
    {
        var failure = await Refused(() => Place(Request(request => (request.Kind, request.Where) = (BidKind.Block, "verified and ram > 512GB"))));
        var (field, description) = failure.Fields.ShouldHaveSingleItem();
        field.ShouldBe("where");
        description.ShouldContain("'ram'");
        description.ShouldContain("14");
    }

    [Fact]
    public async Task A_node_that_the_engine_does_not_know_is_refused_as_part_of_the_filter()
    {
        Engine = _ => Refuses("NODE_UNKNOWN", "needs.node_ids");
        var failure = await Refused(() => Place(Request(request => (request.Kind, request.Where) = (BidKind.Block, $"node = {Ids.Of(77)}"))));
        failure.Fields.ShouldHaveSingleItem().ShouldBe(("where", "says no."));
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

    [Fact]
    public async Task A_block_takes_everything_that_its_buyer_said_to_the_engine()
    {
        Engine = Accepts;
        var bid = (await Place(Request(request =>
        {
            (request.Kind, request.RunSlotCount, request.MinFillPerMille, request.NodeGpuCount, request.ParentBidId) = (BidKind.Block, 2, 500, 4, 17);
            request.Markets.Add("H200-SXM-141GB.us-east");
            request.StartTimes.AddRange([At(11).ToTimestamp(), At(10).ToTimestamp()]);
        }))).Bid;
        var told = Asked.ShouldHaveSingleItem().Command.PlaceBid;
        (told.RunSlotCount, told.MinFillPerMille, told.NodeGpuCount, told.ParentBidId).ShouldBe((2, 500, 4, 17));
        told.Markets.ShouldBe([H100, "H200-SXM-141GB.us-east"]);
        told.StartTimes.Select(start => start.ToDateTimeOffset()).ShouldBe([At(10), At(11)]);
        (bid.MinFillPerMille, bid.NodeGpuCount, bid.ParentBidId).ShouldBe((500, 4, 17));
    }

    [Fact]
    public async Task A_window_with_more_than_thirteen_starts_is_thinned_and_that_is_said()
    {
        Engine = Accepts;
        var response = await Place(Request(request => (request.Kind, request.RunSlotCount, request.ToTime) = (BidKind.Block, 2, At(10).AddHours(26).ToTimestamp())));
        var starts = Asked.ShouldHaveSingleItem().Command.PlaceBid.StartTimes.Select(start => start.ToDateTimeOffset()).ToList();
        starts.ShouldBe(Enumerable.Range(0, 13).Select(i => At(10).AddHours(2 * i)));
        response.Warnings.ShouldHaveSingleItem().ShouldStartWith("The window leaves 25 starts for a run of 2; 13 of them are used");
    }

    [Fact]
    public async Task A_standing_bid_needs_no_end()
    {
        Engine = Accepts;
        var bid = (await Place(Request(request => (request.Kind, request.ToTime) = (BidKind.Standing, null)))).Bid;
        bid.ToTime.ShouldBeNull();
        bid.Standing.State.ShouldBe(StandingState.Waiting);
        Asked.ShouldHaveSingleItem().Command.PlaceBid.ToTime.ShouldBeNull();
    }

    [Theory]
    [InlineData(2_500_000, true)]
    [InlineData(2_501_000, false)]
    public async Task A_limit_more_than_a_quarter_above_the_last_price_must_be_confirmed(long limit, bool taken)
    {
        await Feed(MarketIs(H100), Offer(1, Ids.Of(9), 8, 9, 20, 1_000_000), Bid(1, Ids.Of(2), 4, 10, 12, 3_000_000), RunClosed(1), RunCleared(1), Sold(1, 1, 1, 1, Ids.Of(2), 4, 10, 12, 2_000_000));
        Engine = Accepts;
        if (taken)
        {
            (await Place(Request(request => request.LimitMicrosPerGpuHour = limit))).Bid.BidId.ShouldBe(41);
            return;
        }
        var failure = await Refused(() => Place(Request(request => request.LimitMicrosPerGpuHour = limit)));
        failure.Reason.ShouldBe("LIMIT_NOT_CONFIRMED");
        failure.Message.ShouldContain("more than 25% above the last price there, $2.000");
        Asked.ShouldBeEmpty();
        (await Place(Request(request => (request.LimitMicrosPerGpuHour, request.Confirm) = (limit, true)))).Bid.BidId.ShouldBe(41);
    }

    [Fact]
    public async Task The_last_price_that_counts_is_that_of_the_cheapest_market_in_the_hours_of_the_bid()
    {
        await Feed(
            MarketIs(H100), MarketIs("B.us"), Offer(1, Ids.Of(9), 8, 9, 20, 1_000_000), Offer(2, Ids.Of(9), 8, 9, 20, 1_000_000, market: "B.us"),
            Bid(1, Ids.Of(2), 4, 9, 20, 9_000_000), RunClosed(1), RunCleared(1),
            Sold(1, 1, 1, 1, Ids.Of(2), 1, 10, 12, 3_000_000), Sold(2, 1, 1, 2, Ids.Of(2), 1, 10, 12, 2_000_000, market: "B.us"), Sold(3, 1, 1, 2, Ids.Of(2), 1, 15, 17, 500_000, market: "B.us"));
        Engine = Accepts;
        await Place(Request(request => request.LimitMicrosPerGpuHour = 3_000_000));
        (await Refused(() => Place(Request(request =>
        {
            request.LimitMicrosPerGpuHour = 3_000_000;
            request.Markets.Add("B.us");
        })))).Reason.ShouldBe("LIMIT_NOT_CONFIRMED");
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
            case "markets_twice": request.Markets.Add(H100); break;
            case "markets_nine": request.Markets.AddRange(Enumerable.Range(0, 8).Select(i => $"M{i}.us")); break;
            case "run_in_divisible": request.RunSlotCount = 2; break;
            case "node_in_standing": (request.Kind, request.NodeGpuCount) = (BidKind.Standing, 8); break;
            case "where_in_divisible": request.Where = "verified"; break;
            case "where_unknown": (request.Kind, request.Where) = (BidKind.Block, "verifed"); break;
            case "where_not_for_bids": (request.Kind, request.Where) = (BidKind.Block, "verified and ram > 512GB"); break;
            case "run_too_long": (request.Kind, request.RunSlotCount) = (BidKind.Block, 4); break;
            case "start_outside": (request.Kind, request.RunSlotCount) = (BidKind.Block, 2); request.StartTimes.Add(At(12).ToTimestamp()); break;
            case "starts_too_many":
                (request.Kind, request.RunSlotCount, request.ToTime) = (BidKind.Block, 1, At(23).AddHours(4).ToTimestamp());
                request.StartTimes.AddRange(Enumerable.Range(0, 14).Select(hour => At(10).AddHours(hour).ToTimestamp()));
                break;
            case "min_fill": (request.Kind, request.MinFillPerMille) = (BidKind.Block, 100); break;
            case "node": (request.Kind, request.NodeGpuCount) = (BidKind.Block, 3); break;
            case "parent": (request.Kind, request.ParentBidId) = (BidKind.Block, -1); break;
            case "group": (request.Kind, request.Group) = (BidKind.Block, "a/b"); break;
            case "parent_and_group": (request.Kind, request.Group, request.ParentBidId) = (BidKind.Block, "g", 3); break;
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
