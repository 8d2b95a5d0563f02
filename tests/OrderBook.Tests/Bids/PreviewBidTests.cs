using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Bids;

public sealed class PreviewBidTests(BookDatabase database) : Book(database)
{
    [Fact]
    public async Task A_block_would_reserve_its_run_once_and_the_fee()
    {
        var preview = await Preview(request => (request.Kind, request.RunSlotCount) = (BidKind.Block, 3));

        // 8 GPUs × 3 h × $2, and 0.15%: wherever in the ten hours it starts.
        preview.ReservedMicros.ShouldBe(48_072_000);
        preview.FeeMicros.ShouldBe(72_000);
        preview.StartTimes.Select(start => start.ToDateTimeOffset()).ShouldBe(Enumerable.Range(10, 8).Select(hour => At(hour)));
        preview.Warnings.ShouldBeEmpty();
        preview.HasReferenceMicrosPerGpuHour.ShouldBeFalse();
        Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wide_window_shows_the_thirteen_starts_that_would_be_used()
    {
        var preview = await Preview(request => (request.Kind, request.RunSlotCount, request.ToTime) = (BidKind.Block, 2, At(10).AddHours(50).ToTimestamp()));
        preview.StartTimes.Count.ShouldBe(13);
        preview.StartTimes[0].ToDateTimeOffset().ShouldBe(At(10));
        preview.StartTimes[^1].ToDateTimeOffset().ShouldBe(At(10).AddHours(48));
        preview.Warnings.ShouldHaveSingleItem().ShouldContain("leaves 49 starts");
    }

    [Fact]
    public async Task Starts_behind_the_gate_are_not_shown_but_warned_of()
    {
        Clock.MoveTo(At(10, 56));
        var preview = await Preview(request => (request.Kind, request.RunSlotCount) = (BidKind.Block, 3));

        // Of 10:00 less than five minutes are left, and 11:00 has closed.
        preview.StartTimes[0].ToDateTimeOffset().ShouldBe(At(12));
        preview.Warnings.ShouldHaveSingleItem().ShouldBe("2 of its 8 starts can no longer be traded.");
    }

    [Fact]
    public async Task A_cluster_shows_only_starts_before_its_longer_gate()
    {
        Clock.MoveTo(At(9, 35));
        var preview = await Preview(request => (request.Kind, request.RunSlotCount, request.NodeGpuCount) = (BidKind.Block, 3, 4));
        preview.StartTimes[0].ToDateTimeOffset().ShouldBe(At(11));
        preview.Warnings.ShouldBe(["1 of its 8 starts can no longer be traded.", "Its GPUs come from several nodes: it is sold 30 minutes before it starts at the latest."]);
    }

    [Fact]
    public async Task A_standing_bid_would_reserve_two_slots_and_its_buyer_is_warned()
    {
        var preview = await Preview(request => (request.Kind, request.ToTime) = (BidKind.Standing, null));
        preview.ReservedMicros.ShouldBe(32_048_000);
        preview.Warnings.ShouldHaveSingleItem().ShouldContain("another node");
    }

    [Fact]
    public async Task A_limit_far_above_the_last_price_is_shown_with_it()
    {
        await Feed(MarketIs(H100), Offer(1, Ids.Of(9), 8, 9, 20, 1_000_000), Bid(1, Ids.Of(2), 4, 10, 12, 3_000_000), RunClosed(1), RunCleared(1), Sold(1, 1, 1, 1, Ids.Of(2), 4, 10, 12, 1_500_000));
        var preview = await Preview(_ => { });
        preview.ReferenceMicrosPerGpuHour.ShouldBe(1_500_000);
        preview.NeedsConfirm.ShouldBeTrue();
        preview.Warnings.ShouldHaveSingleItem().ShouldContain("confirm");
    }

    [Fact]
    public async Task What_is_wrong_is_refused_as_when_it_is_placed_settings_included()
    {
        var failure = await Refused(() => Preview(request => (request.GpuCount, request.LimitMicrosPerGpuHour) = (0, 1_500)));
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.Select(wrong => wrong.Field).ShouldBe(["gpu_count", "limit_micros_per_gpu_hour"]);
    }

    [Fact]
    public async Task A_preview_has_the_fee_of_its_buyer()
    {
        await Feed(FeesAre(Ids.Of(1), 1_000), FeesAre(Ids.Of(2), 0));
        var preview = await Preview(_ => { });
        preview.FeeMicros.ShouldBe(160_000);
        preview.ReservedMicros.ShouldBe(160_160_000);
    }

    private Task<PreviewBidResponse> Preview(Action<PlaceBidRequest> change)
    {
        var request = new PlaceBidRequest
        {
            Kind = BidKind.Divisible,
            Markets = { H100 },
            GpuCount = 8,
            FromTime = At(10).ToTimestamp(),
            ToTime = At(20).ToTimestamp(),
            LimitMicrosPerGpuHour = 2_000_000,
        };
        change(request);
        return Slice<PreviewBidHandler, PreviewBidResponse>(preview => preview.Handle(new PreviewBidRequest { Bid = request }, Buyer(Ids.Of(1)), Cancel));
    }
}
