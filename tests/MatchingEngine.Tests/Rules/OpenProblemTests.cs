using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

public class OpenProblemTests
{
    private readonly Market _market = new();

    [Fact]
    public void What_is_open_is_the_problem_that_the_run_then_has_and_asking_changes_nothing()
    {
        _market.Offer(gpus: 8, reserve: 2m);
        _market.Bid(Ann, gpus: 6, fromHour: 2, hours: 3, limit: 3m);
        _market.Bid(Bob, gpus: 4, fromHour: 1, hours: 4, limit: 3m, block: true);
        var before = _market.Exchange.StateHash();
        var open = _market.Exchange.MakeOpenProblem().ShouldNotBeNull();
        _market.Exchange.MakeOpenProblem();
        _market.Exchange.StateHash().ShouldBe(before);

        (open.Bids, open.Offers, open.FirstSlot).ShouldBe((2, 1, Noon));
        var closed = _market.Do(new Command.CloseRun()).OfType<Event.RunClosed>().ShouldHaveSingleItem();
        AuctionJson.WriteProblem(open.Problem).ShouldBe(AuctionJson.WriteProblem(closed.Problem));
        closed.Run.ShouldBe(1);
    }

    [Fact]
    public void Nothing_is_open_while_a_run_clears_or_where_nothing_could_trade()
    {
        _market.Exchange.MakeOpenProblem().ShouldBeNull();
        _market.Offer();
        _market.Exchange.MakeOpenProblem().ShouldBeNull();
        _market.Bid(Ann, gpus: 1, fromHour: 2, hours: 1, limit: 3m);
        _market.Exchange.MakeOpenProblem().ShouldNotBeNull();
        _market.Do(new Command.CloseRun());
        _market.Exchange.MakeOpenProblem().ShouldBeNull();
    }
}
