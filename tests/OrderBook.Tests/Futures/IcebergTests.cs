using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.OrderBook.Futures.MarketData;
using ComputeExchange.OrderBook.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.OrderBook.Tests.Futures;

public sealed class IcebergTests(BookDatabase database) : FuturesBook(database)
{
    [Fact]
    public async Task The_book_shows_an_icebergs_peak_and_a_new_one_when_it_is_gone()
    {
        await Open();
        await Enter(Ann, Sell(10, 2_510, 1, order => order.PeakLotCount = 4));
        (await Shown()).ShouldBe(4);
        await Enter(Bob, Buy(3, 2_510, 1));
        (await Shown()).ShouldBe(1);
        await Enter(Bob, Buy(2, 2_510, 2));
        (await Shown()).ShouldBe(3, "one lot of the first peak, then one of the second");
        await Enter(Bob, Buy(4, 2_510, 3));
        (await Shown()).ShouldBe(1, "only one is left");
    }

    [Fact]
    public async Task An_iceberg_that_trades_as_it_comes_shows_a_whole_peak_of_what_is_left()
    {
        await Open();
        await Enter(Bob, Buy(3, 2_510, 1));
        await Enter(Ann, Sell(10, 2_510, 1, order => order.PeakLotCount = 4));
        (await Shown()).ShouldBe(4);
    }

    [Fact]
    public async Task After_an_auction_an_iceberg_shows_what_is_left_of_its_peak()
    {
        await Open(Phase.OpeningCall);
        await Enter(Ann, Sell(10, 2_510, 1, order => order.PeakLotCount = 4));
        await Enter(Bob, Buy(3, 2_510, 1));
        await SetPhase(Phase.Continuous);
        (await Shown()).ShouldBe(1);
    }

    [Fact]
    public async Task An_iceberg_made_smaller_in_its_place_loses_what_is_hidden_first()
    {
        await Open();
        var order = (await Enter(Ann, Sell(10, 2_510, 1, order => order.PeakLotCount = 4))).OrderId;
        await Enter(Bob, Buy(1, 2_510, 1));
        (await Enter(Ann, Replace(order, 5, 2_510, 2))).KeptPlace.ShouldBeTrue();
        (await Shown()).ShouldBe(3);
        (await Enter(Ann, Replace(order, 6, 2_510, 3))).KeptPlace.ShouldBeFalse();
        (await Shown()).ShouldBe(4, "it came anew");
    }

    private async Task<long> Shown() =>
        (await Slice<ReadBook, GetBookResponse>(book => book.Get(new GetBookRequest { Instrument = Future }, Cancel))).Asks.ShouldHaveSingleItem().LotCount;
}
