using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Futures.Instruments;
using ComputeExchange.OrderBook.Futures.Orders;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.OrderBook.Tests.Futures;

public sealed class OperatorTests(BookDatabase database) : FuturesBook(database)
{
    [Fact]
    public async Task Terms_that_the_engine_refuses_fail_with_the_field_as_the_request_names_it()
    {
        Engine = request => Refusal(request, "INSTRUMENT_TERMS", "band_ppm", "is 0; it can be 1 to 1000000.");
        var failure = await Refused(() => Slice<OperateInstruments, DefineInstrumentResponse>(operate => operate.Define(
            new DefineInstrumentRequest { RequestId = Ids.Of(5).ToString(), ReferenceTicks = 2_500, Terms = new InstrumentTerms { Name = Future, LotCountMax = 1 } }, Operator(), Cancel)));
        (failure.Code, failure.Fields.Single().Field).ShouldBe((StatusCode.InvalidArgument, "terms.band_ppm"));
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_call_auction_is_said_at_once()
    {
        var failure = await Refused(() => Slice<OperateInstruments, SetInstrumentPhaseResponse>(operate => operate.SetPhase(
            new SetInstrumentPhaseRequest { RequestId = "x", Phase = InstrumentPhase.OpeningCall }, Operator(), Cancel)));
        failure.Fields.Select(field => field.Field).ShouldBe(["request_id", "instrument", "until_time"]);
    }

    [Fact]
    public async Task A_bust_needs_a_reason_and_bears_the_operator_who_asks_for_it()
    {
        var failure = await Refused(() => Bust(""));
        failure.Fields.Single().Field.ShouldBe("reason");

        Engine = request => new SubmitResponse { CommandId = request.CommandId, Events = { new EngineEvent { BustProposed = new BustProposed { TradeId = 7 } } } };
        (await Bust("fat finger")).Busted.ShouldBeFalse();
        Asked.Single().Command.BustTrade.OperatorId.ShouldBe(Operator().Participant.ToString());
    }

    [Fact]
    public async Task Traders_cancel_their_own_orders_and_operators_anybodys()
    {
        Engine = request => new SubmitResponse { CommandId = request.CommandId };
        (await Refused(() => CancelAll(Trader(Ann), Bob.ToString()))).Code.ShouldBe(StatusCode.PermissionDenied);
        await CancelAll(Trader(Ann), "");
        await CancelAll(Operator(), Bob.ToString());
        await CancelAll(Operator(), "");
        Asked.Select(request => request.Command.CancelOrders.ParticipantId).ShouldBe([Ann.ToString(), Bob.ToString(), ""]);
    }

    private Task<BustTradeResponse> Bust(string reason) => Slice<OperateInstruments, BustTradeResponse>(operate => operate.Bust(
        new BustTradeRequest { RequestId = Ids.Of(5).ToString(), TradeId = 7, Reason = reason }, Operator(), Cancel));

    private Task<CancelOrdersResponse> CancelAll(Hosting.Access.Caller caller, string whose) => Slice<CancelAll, CancelOrdersResponse>(cancel => cancel.Handle(
        new CancelOrdersRequest { RequestId = Ids.Of(5).ToString(), ParticipantId = whose }, caller, Cancel));

    private static SubmitResponse Refusal(SubmitRequest request, string reason, string field, string message) => new()
    {
        CommandId = request.CommandId,
        Events = { new EngineEvent { CommandRefused = new CommandRefused { Reason = reason, Field = field, Message = message } } },
    };
}
