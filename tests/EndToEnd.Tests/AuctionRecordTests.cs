using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>What everyone can see of an auction: what it would clear at while it is open, its record afterwards, and for each bid a reason.</summary>
[Trait("Pace", "any")]
public sealed class AuctionRecordTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_open_run_shows_its_price_a_cleared_one_its_record_and_each_bid_its_reason()
    {
        await using var host = await RunningHost.Start();
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        await Open(story);
        var buyer = await story.As("trainer");
        var high = await Bid(buyer, "high", 8, 2_500_000);
        var low = await Bid(buyer, "low", 8, 2_200_000);

        // While the run is open an auctioneer says what it would clear at, to those who ask and to those who listen.
        using var listening = buyer.OrderBook.StreamMarketData(new StreamMarketDataRequest(), cancellationToken: Cancel);
        while (await listening.ResponseStream.MoveNext(Cancel))
            if (listening.ResponseStream.Current.IndicativePrices is { BidCount: 2 }) break;
        var indicative = await buyer.OrderBook.GetIndicativePricesAsync(new GetIndicativePricesRequest { Market = Story.Market }, cancellationToken: Cancel);
        indicative.ShouldBe(listening.ResponseStream.Current.IndicativePrices);
        indicative.Prices.Select(price => (price.SlotTime.ToDateTimeOffset(), price.GpuCount)).ShouldBe([(Story.Start.AddHours(2), 8)]);
        var expected = indicative.Prices[0].PriceMicrosPerGpuHour;
        expected.ShouldBeInRange(2_200_000, 2_500_000);
        (await Get(buyer, high)).State.ShouldBe(OrderState.Open);
        (await Get(buyer, low)).Why.Outcome.ShouldBe(BidOutcome.Waits);

        // The run clears at that price. The one who lost is told by how much, and what would have done.
        await story.MoveClock(Story.Start.AddMinutes(30));
        (await Get(buyer, high)).State.ShouldBe(OrderState.Filled);
        (await Get(buyer, high)).Why.Outcome.ShouldBe(BidOutcome.Filled);
        var lost = (await Get(buyer, low)).Why;
        (lost.Outcome, lost.NeededLimitMicrosPerGpuHour, lost.OutbidByMicrosPerGpuHour).ShouldBe((BidOutcome.Outbid, expected, expected - 2_200_000));
        (await buyer.OrderBook.GetIndicativePricesAsync(new GetIndicativePricesRequest(), cancellationToken: Cancel)).Prices.ShouldBeEmpty();

        // Anyone checks it, without a key: not even one that lies about.
        var run = (await buyer.OrderBook.ListRunsAsync(new ListRunsRequest(), cancellationToken: Cancel)).Runs.Single(one => one.RecordSha256.Length > 0);
        var (code, said) = await Verify(host, run.RunId);
        output.WriteLine(said);
        code.ShouldBe(0);
        said.ShouldContain(", as published");
        said.TrimEnd().ShouldEndWith("valid");
        using var nobody = new ExchangeClient(host.Addresses, apiKey: null);
        var record = await nobody.OrderBook.GetRunRecordAsync(new GetRunRecordRequest { RunId = run.RunId }, cancellationToken: Cancel);
        record.Run.ShouldBe(run);
        record.Run.Solver.ShouldStartWith("auctioneer ");
        record.ProblemFile.ToStringUtf8().ShouldNotContain(Story.Id("participant", "trainer"));
        (await Verify(host, run.RunId + 1)).Code.ShouldBe(1);
    }

    private static async Task Open(Story story)
    {
        await story.MoveClock(Story.Start);
        await story.Ask(() => story.Operator.Markets.DefineMarketAsync(new DefineMarketRequest
        {
            RequestId = Story.Id("market"), Market = new DefineMarket { Market = Story.Market, State = MarketState.Open },
        }, cancellationToken: Cancel).ResponseAsync);
        var settings = (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = 1_800;
        await story.Ask(() => story.Operator.Markets.ChangeSettingsAsync(
            new ChangeSettingsRequest { RequestId = Story.Id("settings"), Settings = settings }, cancellationToken: Cancel).ResponseAsync);
        await story.Admit("rack owner", Role.Provider);
        await story.Admit("trainer", Role.Buyer);
        foreach (var name in (string[])["rack owner", "trainer"])
            await story.Ask(() => story.Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Story.Id("deposit", name), ParticipantId = Story.Id("participant", name), AmountMicros = 500 * Money.MicrosPerDollar,
            }, cancellationToken: Cancel).ResponseAsync);
        var provider = await story.As("rack owner");
        await story.Ask(() => provider.Registry.RegisterNodeAsync(new RegisterNodeRequest
        {
            RequestId = Story.Id("register"), NodeId = Story.Id("node"), Name = "rack 1", Market = Story.Market, GpuCount = 8, Location = "Virginia, US",
        }, cancellationToken: Cancel).ResponseAsync);
        await story.MoveClock(Story.Start);
        await story.Ask(() => provider.OrderBook.PlaceOfferAsync(new PlaceOfferRequest
        {
            RequestId = Story.Id("offer"), NodeId = Story.Id("node"), GpuCount = 8, FromTime = Story.Start.ToTimestamp(), ToTime = Story.Start.AddHours(24).ToTimestamp(),
            ReserveMicrosPerGpuHour = 2_000_000,
        }, cancellationToken: Cancel).ResponseAsync);
    }

    private static async Task<long> Bid(ExchangeClient buyer, string name, int gpus, long limitMicros) => (await buyer.OrderBook.PlaceBidAsync(new PlaceBidRequest
    {
        RequestId = Story.Id("bid", name), Kind = BidKind.Divisible, GpuCount = gpus, LimitMicrosPerGpuHour = limitMicros, Markets = { Story.Market },
        FromTime = Story.Start.AddHours(2).ToTimestamp(), ToTime = Story.Start.AddHours(3).ToTimestamp(),
    }, cancellationToken: Cancel)).Bid.BidId;

    private static async Task<Bid> Get(ExchangeClient buyer, long bid) => (await buyer.OrderBook.GetBidAsync(new GetBidRequest { BidId = bid }, cancellationToken: Cancel)).Bid;

    private static async Task<(int Code, string Said)> Verify(RunningHost host, long run)
    {
        using var cx = Checkout.Start(
            Checkout.Program("Cli", "cx"),
            ["auction", "verify", "--run", run.ToString(System.Globalization.CultureInfo.InvariantCulture), "--address", host.Addresses.Of(ServiceNames.OrderBook).ToString(), "--data", Path.GetTempPath()]);
        return (await cx.Exit(TimeSpan.FromMinutes(1)), cx.Printed);
    }
}
