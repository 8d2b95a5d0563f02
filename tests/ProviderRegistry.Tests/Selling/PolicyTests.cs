using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Selling;

public sealed class PolicyTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    [Fact]
    public async Task Idle_GPUs_are_offered_by_the_policy_and_nothing_is_asked_twice()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy(policy => policy.KeepGpuCount = 2));

        await world.Follow();
        var offer = (await world.Waiting()).ShouldHaveSingleItem().PlaceOffer;
        (offer.GpuCount, offer.FromTime, offer.ToTime).ShouldBe((6, Noon.ToTimestamp(), Noon.AddHours(24).ToTimestamp()));
        (offer.ReserveMicrosPerGpuHour, offer.PromptReserveMicrosPerGpuHour, offer.ByPolicy).ShouldBe((2_000_000, 500_000, true));

        // Not sent; sent and not heard of; heard of.
        await world.Follow();
        (await world.Waiting()).Count.ShouldBe(1);
        var told = await world.Take();
        await world.Follow();
        (await world.Waiting()).ShouldBeEmpty();
        await world.Feed([.. told]);
        await world.Sell();
        world.Open.Count.ShouldBe(1);
        (await world.Events(node, "offer")).ShouldHaveSingleItem().ShouldContain("6 GPUs from 03-02 12:00 to 03-03 12:00 UTC at $2.00");
    }

    [Fact]
    public async Task What_its_owner_uses_is_taken_back_and_offered_again_when_it_was_idle_for_long_enough()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy(policy => policy.IdleMinutes = 30));
        await world.Sell();

        await world.Change(db => db.Gpus.Where(gpu => gpu.GpuIndex < 3).ExecuteUpdateAsync(set => set.SetProperty(gpu => gpu.OwnerSince, Noon).SetProperty(gpu => gpu.OwnerLastTime, Noon)));
        await world.Sell();
        world.Open.Values.ShouldHaveSingleItem().GpuCount.ShouldBe(5);

        await world.Change(db => db.Gpus.ExecuteUpdateAsync(set => set.SetProperty(gpu => gpu.OwnerSince, (DateTimeOffset?)null)));
        world.Clock.Now = Noon.AddMinutes(29);
        await world.Sell();
        world.Open.Values.Sum(offer => offer.GpuCount).ShouldBe(5);
        world.Clock.Now = Noon.AddMinutes(30);
        await world.Sell();
        world.Open.Values.Sum(offer => offer.GpuCount).ShouldBe(8);
    }

    [Fact]
    public async Task What_is_sold_or_offered_by_hand_is_not_offered_again()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.OfferByHand(node, 2, Noon, 48);
        await world.SetPolicy(node, SellingWorld.Policy());
        await world.Sell();
        var own = world.Open.Single(offer => offer.Value.ByPolicy);
        own.Value.GpuCount.ShouldBe(6);

        await world.Buy(own.Key, 6, Noon.AddHours(2), 4);
        await world.Sell();
        world.Open.Count.ShouldBe(2);

        // The sold GPUs stay sold when the offer they came from is gone.
        await world.SetPolicy(node, SellingWorld.Policy(policy => policy.FirmFloorMicrosPerGpuHour = 3_000_000));
        await world.Sell();
        world.Open.Values.Where(offer => offer.ByPolicy).ShouldAllBe(offer => offer.ReserveMicrosPerGpuHour == 3_000_000
            && (offer.ToTime <= Noon.AddHours(2).ToTimestamp() || offer.FromTime >= Noon.AddHours(6).ToTimestamp()));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("unverified")]
    [InlineData("disabled")]
    [InlineData("bad score")]
    public async Task A_node_that_may_not_sell_offers_nothing_and_takes_back_what_it_offered(string why)
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy());
        await world.Sell();
        world.Open.ShouldNotBeEmpty();
        if (why == "disabled") await world.SetPolicy(node, SellingWorld.Policy(policy => policy.Enabled = false));
        await world.Change(async db =>
        {
            var agent = await db.Agents.SingleAsync();
            if (why == "lost") agent.LostTime = Noon;
            if (why == "unverified") agent.Standing = NodeStanding.Unverified;
            if (why == "bad score") (agent.WeightedSold, agent.WeightedTime) = (1e9, Noon);
        });
        await world.Sell();
        world.Open.ShouldBeEmpty();
        await world.Sell();
        (await world.Waiting()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_repricer_moves_the_offers_and_its_sentence_is_shown()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy(policy => policy.Repricer = new Repricer { Enabled = true, CapMicrosPerGpuHour = 4_000_000, StepPercent = 10 }));
        await world.Sell();
        await world.Buy(world.Open.Single().Key, 8, Noon.AddHours(1), 23);
        await world.Sell();
        world.Clock.Now = Noon.AddMinutes(5);
        await world.Sell();
        var row = await world.InDb(db => db.Policies.AsNoTracking().SingleAsync());
        row.ReserveMicrosPerGpuHour.ShouldBe(2_200_000);
        var shown = Policies.PolicyWords.ToProto(row).Repricer;
        (shown.ReserveMicrosPerGpuHour, shown.Explanation).ShouldBe((2_200_000, "95% of the next 24 hours is sold, more than 85%: the reserve of $2.20 moves again at 13:00 UTC."));
        world.Open.Values.ShouldAllBe(offer => offer.ReserveMicrosPerGpuHour == 2_200_000);
    }

    [Fact]
    public async Task A_policy_that_is_wrong_is_refused_with_every_field_that_is()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        var wrong = new NodePolicy
        {
            Enabled = true, FirmFloorMicrosPerGpuHour = 2_000_500, InterruptibleFloorMicrosPerGpuHour = 3_000_000, HoursMask = 1 << 24, DaysMask = 128, RunSlotCountMin = 80,
            IdleMinutes = 1_441, HorizonSlotCount = 169, KeepGpuCount = 9, ReclaimNoticeSeconds = 60, KeepFree = { new KeepFreeWindow { FromTime = Noon.ToTimestamp(), ToTime = Noon.ToTimestamp() } },
            Repricer = new Repricer { Enabled = true, CapMicrosPerGpuHour = 1_000_000, RaiseAbovePercent = 10, LowerBelowPercent = 20, StepPercent = 51 },
        };
        await world.SetPolicy(node, wrong).ShouldBeRefused(StatusCode.InvalidArgument, string.Join(',', ((string[])[
            "firm_floor_micros_per_gpu_hour", "interruptible_floor_micros_per_gpu_hour", "hours_mask", "days_mask", "run_slot_count_min", "idle_minutes", "horizon_slot_count",
            "keep_gpu_count", "reclaim_notice_seconds", "keep_free[0].to_time", "repricer.cap_micros_per_gpu_hour", "repricer.step_percent", "repricer.raise_above_percent",
        ]).Select(field => $"policy.{field}")));
        await world.SetPolicy(node, SellingWorld.Policy(), provider: Guid.NewGuid()).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        (await world.InDb(db => db.Policies.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task What_the_engine_refuses_is_told_to_the_provider_and_asked_again_only_after_a_while()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy());
        await world.Follow();
        var command = await world.InDb(db => db.EngineCommands.AsNoTracking().SingleAsync());
        await world.Take();
        await world.Feed(new EngineEvent
        {
            CommandRefused = new CommandRefused { CommandId = command.CommandId.ToString(), Reason = "INSUFFICIENT_FUNDS", Field = "gpu_count", Message = "the bond is $9.60.", ParticipantId = world.Provider.ToString() },
        });
        (await world.Events(node, "offer"))[^1].ShouldBe("The market refused the policy's offer: the bond is $9.60.");
        await world.In((Policies.SellNodes selling) => selling.Page(Guid.Empty, world.Asked, default));
        (await world.Waiting()).ShouldBeEmpty();
    }
}
