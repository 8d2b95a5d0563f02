using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.MarketData;
using ComputeExchange.OrderBook.Offers;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Offers;

public sealed class PlaceOfferTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Me = Ids.Of(1);

    [Fact]
    public async Task An_offer_is_answered_from_what_the_engine_decided()
    {
        Engine = Accepts;
        var answer = await Place(Request());

        answer.BondMicros.ShouldBe(66);
        answer.Offer.OfferId.ShouldBe(12);
        answer.Offer.Market.ShouldBe(H100);
        answer.Offer.PromptReserveMicrosPerGpuHour.ShouldBe(1_800_000);
        answer.Offer.RunSlotCountMin.ShouldBe(1);
        answer.Offer.State.ShouldBe(OrderState.Open);
        Asked.ShouldHaveSingleItem().Command.PlaceOffer.ProviderId.ShouldBe(Me.ToString());
    }

    [Fact]
    public async Task A_prompt_reserve_of_nothing_is_not_the_same_as_none_given()
    {
        Engine = Accepts;
        (await Place(Request(r => r.PromptReserveMicrosPerGpuHour = 0))).Offer.PromptReserveMicrosPerGpuHour.ShouldBe(0);
    }

    [Theory]
    [InlineData("request_id", "request_id")]
    [InlineData("node_id", "node_id")]
    [InlineData("gpu_count", "gpu_count")]
    [InlineData("from_unaligned", "from_time")]
    [InlineData("to_missing", "to_time")]
    [InlineData("to_before_from", "to_time")]
    [InlineData("reserve_negative", "reserve_micros_per_gpu_hour")]
    [InlineData("prompt_negative", "prompt_reserve_micros_per_gpu_hour")]
    [InlineData("prompt_above_reserve", "prompt_reserve_micros_per_gpu_hour")]
    [InlineData("reserves_too_few", "slot_reserves_micros_per_gpu_hour")]
    [InlineData("reserves_negative", "slot_reserves_micros_per_gpu_hour")]
    [InlineData("reserve_not_highest", "reserve_micros_per_gpu_hour")]
    [InlineData("run_negative", "run_slot_count_min")]
    [InlineData("run_longer_than_window", "run_slot_count_min")]
    public async Task Bad_input_names_the_field_and_goes_no_further(string what, string field)
    {
        var failure = await Refused(() => Place(Request(request => Spoil(request, what))));
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.Select(wrong => wrong.Field).ShouldBe([field]);
        Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_offer_may_have_a_reserve_for_each_slot_and_is_quoted_and_shown_by_them()
    {
        Engine = Accepts;
        var offer = (await Place(Request(request =>
        {
            request.ReserveMicrosPerGpuHour = 0;
            Reserves(request, 1_000_000, 3_000_000, 2_000_000);
        }))).Offer;
        offer.ReserveMicrosPerGpuHour.ShouldBe(3_000_000);
        offer.SlotReservesMicrosPerGpuHour.ShouldBe([1_000_000, 3_000_000, 2_000_000]);
        Asked.ShouldHaveSingleItem().Command.PlaceOffer.ReserveMicrosPerGpuHour.ShouldBe(3_000_000);

        await Feed(MarketIs(H100), new EngineEvent { OfferPlaced = new OfferPlaced { OfferId = 12, Offer = Asked[0].Command.PlaceOffer, Market = H100, BondMicros = 1 } });
        var quote = await Slice<MakeQuote, QuoteResponse>(make => make.Handle(
            new QuoteRequest { Market = H100, GpuCount = 2, FromTime = At(10).ToTimestamp(), ToTime = At(13).ToTimestamp() }, Caller.Nobody, Cancel));
        quote.CostMicros.ShouldBe(2 * 6_000_000);
        var depth = await Slice<ReadDepth, GetDepthResponse>(read => read.Get(new GetDepthRequest { Market = H100, SlotTime = At(12).ToTimestamp() }, Cancel));
        depth.Offers.ShouldHaveSingleItem().PriceMicrosPerGpuHour.ShouldBe(2_000_000);
    }

    [Fact]
    public async Task An_offer_by_policy_is_shown_as_one_and_one_that_gave_way_as_closed()
    {
        var offer = new PlaceOffer(Offer(12, Me, 8, 10, 13, 1_000_000).OfferPlaced.Offer) { ByPolicy = true };
        await Feed(MarketIs(H100), new EngineEvent { OfferPlaced = new OfferPlaced { OfferId = 12, Offer = offer, Market = H100, BondMicros = 1 } });
        (await List(new ListOffersRequest(), Buyer(Me))).Offers.ShouldHaveSingleItem().ByPolicy.ShouldBeTrue();
        await Feed(new EngineEvent { OfferClosed = new OfferClosed { OfferId = 12, Reason = CloseReason.Displaced } });
        (await List(new ListOffersRequest(), Buyer(Me))).Offers.ShouldHaveSingleItem().State.ShouldBe(OrderState.Closed);
    }

    [Fact]
    public async Task The_rest_of_a_lease_is_offered_by_its_buyer()
    {
        Engine = Accepts;
        var response = await Slice<PlaceResaleHandler, PlaceResaleResponse>(place => place.Handle(Resale(7), Buyer(Me), Cancel));
        (response.Offer.OfferId, response.Offer.LeaseId, response.BondMicros).ShouldBe((12, 7, 66));
        var asked = Asked.ShouldHaveSingleItem().Command.PlaceOffer;
        (asked.LeaseId, asked.NodeId, asked.ProviderId).ShouldBe((7, "", Me.ToString()));

        await Feed(new EngineEvent { OfferPlaced = new OfferPlaced { OfferId = 12, Offer = new PlaceOffer(asked) { NodeId = Node.ToString() }, Market = H100, BondMicros = 1 } });
        (await List(new ListOffersRequest(), Buyer(Me))).Offers.ShouldHaveSingleItem().LeaseId.ShouldBe(7);
    }

    [Fact]
    public async Task A_resale_that_does_not_fit_is_refused_by_name()
    {
        var failure = await Refused(() => Slice<PlaceResaleHandler, PlaceResaleResponse>(place => place.Handle(new PlaceResaleRequest(), Buyer(Me), Cancel)));
        failure.Fields.Select(wrong => wrong.Field).ShouldBe(["request_id", "lease_id", "gpu_count", "from_time", "to_time"], ignoreOrder: true);
        Engine = _ => new SubmitResponse { Events = { new EngineEvent { CommandRefused = new CommandRefused { Reason = "LEASE_CAPACITY", Field = "gpu_count", Message = "is too many." } } } };
        (await Refused(() => Slice<PlaceResaleHandler, PlaceResaleResponse>(place => place.Handle(Resale(7), Buyer(Me), Cancel)))).Reason.ShouldBe("LEASE_CAPACITY");
    }

    private static PlaceResaleRequest Resale(long lease) => new()
    {
        RequestId = Ids.Of(5).ToString(),
        LeaseId = lease,
        GpuCount = 4,
        FromTime = At(11).ToTimestamp(),
        ToTime = At(13).ToTimestamp(),
        ReserveMicrosPerGpuHour = 1_800_000,
    };

    [Fact]
    public async Task An_offer_is_not_longer_than_two_weeks()
    {
        var failure = await Refused(() => Place(Request(r => r.ToTime = At(10).AddHours(337).ToTimestamp())));
        (failure.Code, failure.Reason).ShouldBe((StatusCode.FailedPrecondition, "WINDOW_TOO_LONG"));
    }

    [Fact]
    public async Task A_provider_sees_only_its_own_offers_and_operators_all()
    {
        await Feed(
            Offer(1, Me, 8, 10, 13, 1_000), Offer(2, Ids.Of(2), 8, 10, 13, 1_000), Bid(1, Ids.Of(3), 2, 10, 12, 5_000),
            RunClosed(1), RunCleared(1), Sold(1, 1, 1, 1, Ids.Of(3), 2, 10, 12, 3_000), OfferEnds(1, CloseReason.NodeLost));
        var mine = (await List(new ListOffersRequest(), Provider(Me))).Offers.ShouldHaveSingleItem();
        mine.State.ShouldBe(OrderState.Closed);
        mine.SoldGpuMinutes.ShouldBe(240);
        mine.ProceedsMicros.ShouldBe(12_000);
        (await List(new ListOffersRequest(), Operator())).Offers.Select(offer => offer.OfferId).ShouldBe([2, 1]);
        (await List(new ListOffersRequest { State = OrderState.Open }, Operator())).Offers.Select(offer => offer.OfferId).ShouldBe([2]);
        (await List(new ListOffersRequest { PageSize = 1, PageToken = "1" }, Operator())).Offers.Select(offer => offer.OfferId).ShouldBe([1]);
    }

    [Fact]
    public async Task A_cancel_says_what_bond_is_free_again_or_that_it_waits()
    {
        Engine = _ => new SubmitResponse { Events = { new EngineEvent { OfferClosed = new OfferClosed { OfferId = 3, ReleasedMicros = 70 } } } };
        (await CancelIt()).ShouldBe(new CancelOfferResponse { ReleasedMicros = 70 });
        Engine = _ => new SubmitResponse { Events = { new EngineEvent { CancelPending = new CancelPending { OfferId = 3 } } } };
        (await CancelIt()).ShouldBe(new CancelOfferResponse { Pending = true });
        Asked[0].Command.CancelOffer.ShouldBe(new CancelOffer { ProviderId = Me.ToString(), OfferId = 3 });
    }

    private static SubmitResponse Accepts(SubmitRequest request) => new()
    {
        Events = { new EngineEvent { OfferPlaced = new OfferPlaced { OfferId = 12, Offer = request.Command.PlaceOffer, Market = H100, BondMicros = 66 } } },
    };

    private Task<PlaceOfferResponse> Place(PlaceOfferRequest request) =>
        Slice<PlaceOfferHandler, PlaceOfferResponse>(place => place.Handle(request, Provider(Me), Cancel));

    private Task<CancelOfferResponse> CancelIt() => Slice<CancelOfferHandler, CancelOfferResponse>(handler =>
        handler.Handle(new CancelOfferRequest { RequestId = Ids.Of(6).ToString(), OfferId = 3 }, Provider(Me), Cancel));

    private Task<ListOffersResponse> List(ListOffersRequest request, Hosting.Access.Caller caller) =>
        Slice<ReadOffers, ListOffersResponse>(offers => offers.List(request, caller, Cancel));

    private static PlaceOfferRequest Request(Action<PlaceOfferRequest>? change = null)
    {
        var request = new PlaceOfferRequest
        {
            RequestId = Ids.Of(5).ToString(),
            NodeId = Node.ToString(),
            GpuCount = 8,
            FromTime = At(10).ToTimestamp(),
            ToTime = At(13).ToTimestamp(),
            ReserveMicrosPerGpuHour = 1_800_000,
        };
        change?.Invoke(request);
        return request;
    }

    private static void Reserves(PlaceOfferRequest request, params long[] reserves) => request.SlotReservesMicrosPerGpuHour.AddRange(reserves);

    private static void Spoil(PlaceOfferRequest request, string what)
    {
        switch (what)
        {
            case "request_id": request.RequestId = ""; break;
            case "node_id": request.NodeId = Guid.Empty.ToString(); break;
            case "gpu_count": request.GpuCount = -1; break;
            case "from_unaligned": request.FromTime = At(10, 59).ToTimestamp(); break;
            case "to_missing": request.ToTime = null; break;
            case "to_before_from": request.ToTime = At(9).ToTimestamp(); break;
            case "reserve_negative": request.ReserveMicrosPerGpuHour = -1; break;
            case "prompt_negative": request.PromptReserveMicrosPerGpuHour = -1; break;
            case "prompt_above_reserve": request.PromptReserveMicrosPerGpuHour = 1_801_000; break;
            case "reserves_too_few": Reserves(request, 1_800_000, 1_000_000); break;
            case "reserves_negative": Reserves(request, 1_800_000, -1, 0); break;
            case "reserve_not_highest": Reserves(request, 1_900_000, 1_000, 0); break;
            case "run_negative": request.RunSlotCountMin = -1; break;
            case "run_longer_than_window": request.RunSlotCountMin = 4; break;
            default: throw new ArgumentException(what);
        }
    }
}
