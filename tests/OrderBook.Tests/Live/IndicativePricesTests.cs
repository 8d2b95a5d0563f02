using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.OrderBook.Live;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Live;

public sealed class IndicativePricesTests : IDisposable
{
    private readonly ExchangeClock _clock = new(simulated: true);
    private readonly ExchangeClient _nobody = new(new ExchangeAddresses(new Uri("http://127.0.0.1:1")), apiKey: null);
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly RealTime _real = new();
    private readonly IndicativePrices _prices;

    public IndicativePricesTests()
    {
        _clock.MoveTo(At(9));
        _prices = new IndicativePrices(
            new MarketTape(_nobody, _clock, _services.GetRequiredService<IServiceScopeFactory>(), NullLogger<MarketTape>.Instance), _real);
    }

    [Fact]
    public void The_last_ones_are_served_for_one_market_or_for_all_until_they_are_a_minute_old()
    {
        Get().ComputedTime.ShouldBeNull();
        Take(At(9), 2_000_000);
        Get().Prices.Select(price => price.Market).ShouldBe([H100, "H200.eu"]);
        var (one, of) = (Get(H100), Get());
        one.Prices.ShouldHaveSingleItem().PriceMicrosPerGpuHour.ShouldBe(2_000_000);
        (one.BidCount, one.OfferCount, one.ComputedTime).ShouldBe((of.BidCount, of.OfferCount, of.ComputedTime));

        // A simulated clock may run fast or stand: what counts is how long ago they came.
        _clock.MoveTo(At(11));
        _real.Seconds = 60;
        Get().Prices.Count.ShouldBe(2);
        _real.Seconds = 61;
        Get().ShouldBe(new GetIndicativePricesResponse());
    }

    [Fact]
    public void Newer_ones_take_the_place_of_older_ones_and_older_ones_are_dropped()
    {
        Take(At(9), 2_000_000);
        Take(At(9), 2_100_000);
        Take(At(8, 59), 1_000_000);
        Get(H100).Prices.ShouldHaveSingleItem().PriceMicrosPerGpuHour.ShouldBe(2_100_000);
    }

    [Fact]
    public void Prices_without_a_time_are_refused()
    {
        RpcFailure.From(Should.Throw<RpcException>(() => _prices.Take(new TellIndicativePricesRequest()))).Fields.ShouldHaveSingleItem().Field.ShouldBe("indicative");
        RpcFailure.From(Should.Throw<RpcException>(() => _prices.Take(new TellIndicativePricesRequest { Indicative = new GetIndicativePricesResponse() })))
            .Fields.ShouldHaveSingleItem().Field.ShouldBe("indicative.computed_time");
    }

    public void Dispose()
    {
        _nobody.Dispose();
        _services.Dispose();
    }

    private GetIndicativePricesResponse Get(string market = "") => _prices.Get(new GetIndicativePricesRequest { Market = market });

    private void Take(DateTimeOffset time, long price) => _prices.Take(new TellIndicativePricesRequest
    {
        Indicative = new GetIndicativePricesResponse
        {
            ComputedTime = time.ToTimestamp(), BidCount = 3, OfferCount = 2,
            Prices =
            {
                new IndicativePrice { Market = H100, SlotTime = At(10).ToTimestamp(), PriceMicrosPerGpuHour = price, GpuCount = 4 },
                new IndicativePrice { Market = "H200.eu", SlotTime = At(10).ToTimestamp(), PriceMicrosPerGpuHour = 3_000_000, GpuCount = 8 },
            },
        },
    });

    private sealed class RealTime : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
