using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>What a bid can say, said to a running exchange: substitutes and windows, and a bid that stands, loses its GPUs and gets them back.</summary>
[Trait("Pace", "any")]
public sealed class BidLanguageTests
{
    private const string West = "H100-SXM-80GB.us-west";

    private static readonly DateTimeOffset Morning = Story.Start.AddHours(32);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_block_finds_the_cheaper_market_and_a_standing_bid_is_outbid_told_and_back()
    {
        await using var host = await RunningHost.Start();
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        await story.Tell();
        await Prepare(story);
        var (provider, trainer, rival) = (await story.As("rack owner", "second key"), await story.As("trainer", "second key"), await story.As("rival"));
        await Offer(story, provider, Story.Id("node"), 2_000_000);
        await Offer(story, provider, Story.Id("west node"), 1_500_000);

        // Three hours in a row, somewhere in the day, in either market: the preview says where, and the cheaper one it is.
        var block = Bid(BidKind.Block, 8, Morning.AddHours(2), Morning.AddHours(22), 2_200_000, Story.Market, West);
        block.RunSlotCount = 3;
        var preview = await story.Ask(() => trainer.OrderBook.PreviewBidAsync(new PreviewBidRequest { Bid = block }, cancellationToken: Cancel).ResponseAsync);
        preview.StartTimes.Count.ShouldBe(13);
        preview.ReservedMicros.ShouldBe(2_200_000L * 24 * 10_015 / 10_000);
        var placed = (await Place(story, trainer, block)).Bid;
        placed.ReservedMicros.ShouldBe(preview.ReservedMicros);
        var standing = (await Place(story, trainer, Bid(BidKind.Standing, 8, Morning, null, 2_400_000, Story.Market))).Bid.BidId;
        await story.MoveClock(Morning.AddMinutes(10));
        var bought = await story.Ask(() => trainer.OrderBook.GetBidAsync(new GetBidRequest { BidId = placed.BidId }, cancellationToken: Cancel).ResponseAsync);
        bought.Bid.State.ShouldBe(OrderState.Filled);
        var trade = bought.Trades.ShouldHaveSingleItem();
        trade.Market.ShouldBe(West);
        preview.StartTimes.ShouldContain(trade.FromTime);

        // The standing bid holds this hour and the next; for the one after, the rival pays more.
        var running = await Standing(story, trainer, standing);
        (running.State, running.HeldUntilTime.ToDateTimeOffset(), running.HeldGpuCount).ShouldBe((StandingState.Running, Morning.AddHours(2), 8));
        await Place(story, rival, Bid(BidKind.Divisible, 8, Morning.AddHours(2), Morning.AddHours(3), 3_500_000, Story.Market));
        await story.MoveClock(Morning.AddMinutes(110));
        var lost = await Standing(story, trainer, standing);
        (lost.State, lost.HeldUntilTime.ToDateTimeOffset()).ShouldBe((StandingState.Interrupted, Morning.AddHours(2)));

        await story.MoveClock(Morning.AddMinutes(190));
        var back = await Standing(story, trainer, standing);
        back.State.ShouldBe(StandingState.Running);
        back.HeldUntilTime.ToDateTimeOffset().ShouldBe(Morning.AddHours(5));

        var cancelled = await story.Ask(() => trainer.OrderBook.CancelBidAsync(
            new CancelBidRequest { RequestId = Story.Id("enough"), BidId = standing }, cancellationToken: Cancel).ResponseAsync);
        cancelled.Pending.ShouldBeFalse();
        (await story.Ask(() => trainer.OrderBook.GetBidAsync(new GetBidRequest { BidId = standing }, cancellationToken: Cancel).ResponseAsync)).Trades
            .Sum(lease => (lease.ToTime - lease.FromTime).ToTimeSpan().TotalMinutes).ShouldBeInRange(3 * 60, 4 * 60);
        await story.BooksAreExact();
    }

    private static async Task Prepare(Story story)
    {
        await story.Ask(() => story.Operator.Markets.DefineMarketAsync(
            new DefineMarketRequest { RequestId = Story.Id("west"), Market = new DefineMarket { Market = West, State = MarketState.Open } }, cancellationToken: Cancel).ResponseAsync);
        var settings = (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = 600;
        await story.Ask(() => story.Operator.Markets.ChangeSettingsAsync(
            new ChangeSettingsRequest { RequestId = Story.Id("ten minutes"), Settings = settings }, cancellationToken: Cancel).ResponseAsync);
        await story.Admit("rival", Role.Buyer);
        foreach (var (name, dollars) in new[] { ("rival", 200), ("rack owner", 500) })
            await story.Ask(() => story.Operator.Settlement.DepositAsync(
                new DepositRequest { RequestId = Story.Id("more", name), ParticipantId = Story.Id("participant", name), AmountMicros = dollars * Money.MicrosPerDollar },
                cancellationToken: Cancel).ResponseAsync);
        var owner = await story.As("rack owner", "third key");
        await story.Ask(() => owner.Registry.RegisterNodeAsync(
            new RegisterNodeRequest { RequestId = Story.Id("register west"), NodeId = Story.Id("west node"), Name = "rack 2", Market = West, GpuCount = 8, Location = "Oregon, US" },
            cancellationToken: Cancel).ResponseAsync);
        await story.MoveClock(Morning);
    }

    private static Task Offer(Story story, ExchangeClient provider, string node, long reserve) => story.Ask(() => provider.OrderBook.PlaceOfferAsync(
        new PlaceOfferRequest
        {
            RequestId = Story.Id("day offer", node), NodeId = node, GpuCount = 8, FromTime = Morning.ToTimestamp(), ToTime = Morning.AddHours(24).ToTimestamp(),
            ReserveMicrosPerGpuHour = reserve,
        }, cancellationToken: Cancel).ResponseAsync);

    private static PlaceBidRequest Bid(BidKind kind, int gpus, DateTimeOffset from, DateTimeOffset? to, long limit, params string[] markets)
    {
        var bid = new PlaceBidRequest
        {
            RequestId = Story.Id("bid", kind, from), Kind = kind, GpuCount = gpus, FromTime = from.ToTimestamp(), ToTime = to?.ToTimestamp(),
            LimitMicrosPerGpuHour = limit, Confirm = true,
        };
        bid.Markets.AddRange(markets);
        return bid;
    }

    private static Task<PlaceBidResponse> Place(Story story, ExchangeClient buyer, PlaceBidRequest bid) =>
        story.Ask(() => buyer.OrderBook.PlaceBidAsync(bid, cancellationToken: Cancel).ResponseAsync);

    private static async Task<Standing> Standing(Story story, ExchangeClient buyer, long bid) =>
        (await story.Ask(() => buyer.OrderBook.GetBidAsync(new GetBidRequest { BidId = bid }, cancellationToken: Cancel).ResponseAsync)).Bid.Standing;
}
