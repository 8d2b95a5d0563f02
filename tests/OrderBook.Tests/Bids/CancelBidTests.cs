using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.OrderBook.Tests.Bids;

public sealed class CancelBidTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Me = Ids.Of(1);

    [Fact]
    public async Task A_cancel_says_what_is_free_again()
    {
        Engine = _ => Answers(new EngineEvent { BidClosed = new BidClosed { BidId = 7, Reason = CloseReason.Cancelled, ReleasedMicros = 55 } });
        var answer = await CancelIt(7);
        (answer.ReleasedMicros, answer.Pending).ShouldBe((55, false));
        Asked.ShouldHaveSingleItem().Command.CancelBid.ShouldBe(new CancelBid { BuyerId = Me.ToString(), BidId = 7 });
    }

    [Fact]
    public async Task While_a_run_clears_a_cancel_waits()
    {
        Engine = _ => Answers(new EngineEvent { CancelPending = new CancelPending { BidId = 7, RunId = 3 } });
        var answer = await CancelIt(7);
        (answer.ReleasedMicros, answer.Pending).ShouldBe((0, true));
    }

    [Fact]
    public async Task Bids_are_numbered_from_one()
    {
        var failure = await Refused(() => CancelIt(0));
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.ShouldHaveSingleItem().Field.ShouldBe("bid_id");
        Asked.ShouldBeEmpty();
    }

    private static SubmitResponse Answers(EngineEvent happened) => new() { Events = { happened } };

    private Task<CancelBidResponse> CancelIt(long bid) => Slice<CancelBidHandler, CancelBidResponse>(handler =>
        handler.Handle(new CancelBidRequest { RequestId = Ids.Of(6).ToString(), BidId = bid }, Buyer(Me), Cancel));
}
