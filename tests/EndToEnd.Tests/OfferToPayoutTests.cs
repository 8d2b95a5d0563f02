using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

[Collection(ToldStoryTests.Name)]
[Trait("Pace", "any")]
public class OfferToPayoutTests(ToldStory told)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_GPU_hour_goes_from_offer_to_payout_and_survives_a_stop_and_a_kill()
    {
        var (host, story) = (told.Host, told.Story);
        var before = await story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel);

        var (code, printed) = await host.Stop();
        code.ShouldBe(0);
        printed.ShouldContain("Stopped. Everything is kept.");
        await host.StartAgain();
        (await StateOf(story)).ShouldBe(before.StateHash);

        await host.KillHard();
        await host.StartAgain();
        (await StateOf(story)).ShouldBe(before.StateHash);
        await story.BooksAreExact();
    }

    [Fact]
    public async Task Strangers_and_wrong_roles_are_kept_out_and_bad_input_gets_a_clear_answer()
    {
        var (host, story) = (told.Host, told.Story);

        using var stranger = host.Client("gpx_sim_0000000000000000_0000000000000000000000000000000000000000000");
        (await Fails(() => stranger.OrderBook.PlaceBidAsync(Story.TheBid(), cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        using var nobody = new ExchangeClient(host.Addresses, (string?)null);
        (await Fails(() => nobody.OrderBook.ListTradesAsync(new ListTradesRequest(), cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        (await Fails(() => story.Operator.OrderBook.PlaceBidAsync(Story.TheBid(), cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
        (await Fails(() => story.Operator.Engine.SubmitAsync(new SubmitRequest(), cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.PermissionDenied);

        await story.Admit("second buyer", Access.V1.Role.Buyer);
        var other = await story.As("second buyer");
        (await Fails(() => other.OrderBook.GetBidAsync(new GetBidRequest { BidId = 1 }, cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.NotFound);
        (await Fails(() => other.Settlement.GetTrialBalanceAsync(new GetTrialBalanceRequest(), cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.PermissionDenied);

        var bad = Story.TheBid();
        bad.GpuCount = 0;
        bad.LimitMicrosPerGpuHour = 1_500;
        bad.RequestId = "not an id";
        var refused = await Fails(() => other.OrderBook.PlaceBidAsync(bad, cancellationToken: Cancel));
        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        var failure = RpcFailure.From(refused);
        failure.Fields.Select(field => field.Field).ShouldContain("gpu_count");
        failure.Fields.Select(field => field.Field).ShouldContain("limit_micros_per_gpu_hour");

        var poor = Story.TheBid();
        poor.RequestId = Story.Id("poor");
        poor.FromTime = Story.Start.AddHours(30).ToTimestamp();
        poor.ToTime = Story.Start.AddHours(33).ToTimestamp();
        await story.MoveClock(Story.Start.AddHours(26));
        RpcFailure.From(await Fails(() => other.OrderBook.PlaceBidAsync(poor, cancellationToken: Cancel))).Reason.ShouldBe("INSUFFICIENT_FUNDS");
    }

    [Fact]
    public async Task In_real_time_Quartz_closes_the_runs()
    {
        await using var host = await RunningHost.Start("live");
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        var settings = (await story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel)).Settings;
        settings.RunIntervalSeconds = 2;
        await story.Operator.Markets.ChangeSettingsAsync(new ChangeSettingsRequest { RequestId = Story.Id("settings"), Settings = settings }, cancellationToken: Cancel);

        var runs = 0;
        for (var i = 0; runs < 3 && i < 300; i++)
        {
            await Task.Delay(100, Cancel);
            runs = (await story.Operator.OrderBook.ListRunsAsync(new ListRunsRequest(), cancellationToken: Cancel)).Runs.Count;
        }
        runs.ShouldBeGreaterThanOrEqualTo(3, host.Printed);
        var refused = await Fails(() => story.Operator.Clock.AdvanceClockAsync(
            new AdvanceClockRequest { ToTime = Story.Start.ToTimestamp() }, cancellationToken: Cancel));
        RpcFailure.From(refused).Reason.ShouldBe("CLOCK_IS_LIVE");
    }

    [Fact]
    public async Task What_keeps_the_exchange_from_starting_is_said_in_one_sentence()
    {
        var host = told.Host;
        using var onTakenPort = host.Launch("simulated");
        (await onTakenPort.Exit(TimeSpan.FromSeconds(20))).ShouldBe(1);
        onTakenPort.Printed.Trim().ShouldBe($"Port {host.Port} is taken by another program: stop it, or start with --port and another number.");

        using var onTakenFolder = host.Launch("simulated", Checkout.FreePorts());
        (await onTakenFolder.Exit(TimeSpan.FromSeconds(20))).ShouldBe(1);
        onTakenFolder.Printed.ShouldStartWith("Another exchange runs on ");

        using var nonsense = host.Launch("sundial", Checkout.FreePorts());
        (await nonsense.Exit(TimeSpan.FromSeconds(20))).ShouldBe(2);
        nonsense.Printed.Trim().ShouldBe("--clock is 'sundial'; it can be live or simulated.");
    }

    private static async Task<string> StateOf(Story story) =>
        (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).StateHash;

    private static async Task<RpcException> Fails<T>(Func<AsyncUnaryCall<T>> call) => await Should.ThrowAsync<RpcException>(async () => await call());
}
