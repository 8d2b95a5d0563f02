using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.OrderBook.Tests.Entry;

public sealed class EngineDoorTests(BookDatabase database) : Book(database)
{
    private readonly CancelBidRequest _request = new() { RequestId = Ids.Of(1).ToString(), BidId = 7 };

    [Fact]
    public void A_retry_has_the_command_id_of_the_first_try_and_nobody_else_can_have_it()
    {
        var id = EngineDoor.CommandId(Ids.Of(1), Ids.Of(2));
        EngineDoor.CommandId(Ids.Of(1), Ids.Of(2)).ShouldBe(id);
        EngineDoor.CommandId(Ids.Of(1), Ids.Of(3)).ShouldNotBe(id);
        EngineDoor.CommandId(Ids.Of(3), Ids.Of(2)).ShouldNotBe(id);
        EngineDoor.CommandId(Ids.Of(2), Ids.Of(1)).ShouldNotBe(id);
    }

    [Theory]
    [InlineData("INSUFFICIENT_FUNDS")]
    [InlineData("MARKET_HALTED")]
    [InlineData("MARKET_UNKNOWN")]
    [InlineData("WINDOW_PASSED")]
    [InlineData("WINDOW_TOO_LONG")]
    [InlineData("OPEN_BID_LIMIT")]
    [InlineData("PARTICIPANT_SUSPENDED")]
    [InlineData("PARTICIPANT_UNKNOWN")]
    [InlineData("ROLE_MISSING")]
    [InlineData("NODE_UNKNOWN")]
    [InlineData("NODE_CAPACITY")]
    [InlineData("SLOT_LENGTH_FIXED")]
    [InlineData("A_REASON_OF_TOMORROW")]
    public async Task What_a_rule_refuses_is_a_failed_precondition_with_its_reason(string reason)
    {
        var failure = await Refused(reason, "some_field");
        failure.Code.ShouldBe(StatusCode.FailedPrecondition);
        failure.Reason.ShouldBe(reason);
        failure.Message.ShouldBe("some_field: says no.");
    }

    [Theory]
    [InlineData("LIMIT_NOT_ON_TICK", "limit_micros_per_gpu_hour", "limit_micros_per_gpu_hour")]
    [InlineData("LIMIT_OUT_OF_RANGE", "reserve_micros_per_gpu_hour", "reserve_micros_per_gpu_hour")]
    [InlineData("WINDOW_MALFORMED", "to_time", "to_time")]
    [InlineData("GPU_COUNT_OUT_OF_RANGE", "gpu_count", "gpu_count")]
    [InlineData("RUN_OUT_OF_RANGE", "run_slot_count_min", "run_slot_count_min")]
    [InlineData("MARKET_COUNT", "markets", "markets")]
    [InlineData("KIND_MISSING", "kind", "kind")]
    [InlineData("MARKET_NAME", "market", "market.market")]
    [InlineData("SETTING_OUT_OF_RANGE", "tick_micros", "settings.tick_micros")]
    public async Task What_is_malformed_is_an_invalid_argument_that_names_the_field(string reason, string field, string named)
    {
        var failure = await Refused(reason, field);
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.ShouldBe([(named, "says no.")]);
    }

    [Theory]
    [InlineData("BID_UNKNOWN")]
    [InlineData("OFFER_UNKNOWN")]
    public async Task What_is_not_the_callers_is_not_found(string reason) =>
        (await Refused(reason, "bid_id")).Code.ShouldBe(StatusCode.NotFound);

    [Fact]
    public async Task A_request_id_that_was_used_for_something_else_already_exists()
    {
        Engine = _ => throw new RpcException(new Status(StatusCode.AlreadyExists, "COMMAND_ID_REUSED"));
        var failure = await Refused(Cancelling);
        failure.Code.ShouldBe(StatusCode.AlreadyExists);
        failure.Reason.ShouldBe("REQUEST_ID_REUSED");
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.Cancelled)]
    [InlineData(StatusCode.Aborted)]
    public async Task While_the_engine_is_away_the_caller_is_told_to_ask_again_with_the_same_id(StatusCode code)
    {
        Engine = _ => throw new RpcException(new Status(code, "inner words"));
        var failure = await Refused(Cancelling);
        failure.Code.ShouldBe(StatusCode.Unavailable);
        failure.Message.ShouldContain("same request id");
        failure.Message.ShouldNotContain("inner words");
    }

    [Fact]
    public async Task What_is_wrong_between_the_services_is_not_blamed_on_the_caller()
    {
        Engine = _ => throw new RpcException(new Status(StatusCode.PermissionDenied, "Not for order_book."));
        await Should.ThrowAsync<System.Diagnostics.UnreachableException>(Cancelling);
    }

    private Task<CancelBidResponse> Cancelling() =>
        Slice<CancelBidHandler, CancelBidResponse>(cancel => cancel.Handle(_request, Buyer(Ids.Of(1)), Cancel));

    private Task<Client.RpcFailure> Refused(string reason, string field)
    {
        Engine = _ => new SubmitResponse
        {
            Events = { new EngineEvent { CommandRefused = new CommandRefused { Reason = reason, Field = field, Message = "says no." } } },
        };
        return Refused(Cancelling);
    }
}
