using ComputeExchange.ProviderRegistry.Maintenance;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Selling;

public sealed class MaintenanceTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly DateTimeOffset Noon = Registry.Noon;
    private static readonly Guid WindowId = Guid.Parse("55555555-0000-0000-0000-000000000001");

    [Fact]
    public async Task Nothing_is_offered_in_an_announced_window_until_it_is_taken_back()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy());
        var byHand = await world.OfferByHand(node, 1, Noon, 48);
        await world.Sell();
        await Schedule(world, Request(node));
        await world.TakeAll();
        await world.Sell();
        world.Open.Keys.ShouldNotContain(byHand);
        world.Open.Values.ShouldAllBe(offer => offer.ToTime <= Noon.AddHours(6).ToTimestamp() || offer.FromTime >= Noon.AddHours(8).ToTimestamp());

        await world.In(async (CancelMaintenanceHandler handler) => { await handler.Handle(world.Provider, node, WindowId, default); return 0; });
        await world.Sell();
        world.Open.Values.ShouldHaveSingleItem().GpuCount.ShouldBe(8);
    }

    [Fact]
    public async Task What_is_sold_in_the_window_stands_in_its_way_by_name()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy());
        await world.Sell();
        var lease = await world.Buy(world.Open.Single().Key, 2, Noon.AddHours(5), 2);
        var refused = await Should.ThrowAsync<RpcException>(Schedule(world, Request(node)));
        refused.Status.Detail.ShouldContain($"lease {lease}");
        await Schedule(world, Request(node)).ShouldBeRefused(StatusCode.FailedPrecondition, "SOLD_IN_WINDOW");
        (await world.InDb(db => db.Maintenance.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task With_reclaim_it_is_taken_back_with_the_notice_and_its_buyer_is_told()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy(policy => policy.ReclaimNoticeSeconds = 7_200));
        await world.Sell();
        var lease = await world.Buy(world.Open.Single().Key, 2, Noon.AddHours(1), 6);
        await world.Pay(lease);
        await world.Change(db =>
        {
            db.Webhooks.Add(new WebhookRow { WebhookId = Guid.NewGuid(), ParticipantId = world.Buyer, Url = "https://buyer.example", Events = ["maintenance.announced"], Sealed = [] });
            return Task.CompletedTask;
        });

        var soon = Request(node);
        (soon.Reclaim, soon.FromTime) = (true, Noon.AddMinutes(90).ToTimestamp());
        await Schedule(world, soon).ShouldBeRefused(StatusCode.FailedPrecondition, "NOTICE_TOO_SHORT");

        var request = Request(node);
        request.Reclaim = true;
        var (_, reclaimed) = await Schedule(world, request);
        reclaimed.ShouldBe([lease]);
        var delivery = await world.InDb(db => db.Deliveries.AsNoTracking().SingleAsync());
        (delivery.InterruptTime, delivery.InterruptReason).ShouldBe((Noon.AddHours(6), DeliveryCloseReason.Reclaimed));
        (await world.InDb(db => db.WebhookCalls.AsNoTracking().SingleAsync())).Body.ShouldContain($"[{lease}]");

        // The same again is the same window.
        (await Schedule(world, request)).Reclaimed.ShouldBeEmpty();
        var other = Request(node);
        other.Category = "disk";
        await Schedule(world, other).ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task What_is_wrong_with_a_window_is_named()
    {
        var wrong = Request(SellingWorld.NodeId(1));
        (wrong.ToTime, wrong.Category, wrong.Note) = (Noon.AddDays(30).ToTimestamp(), "holidays", new string('x', 201));
        await Task.Run(() => ScheduleMaintenance.Of(wrong), TestContext.Current.CancellationToken).ShouldBeRefused(StatusCode.InvalidArgument, "to_time,category,note");
    }

    [Fact]
    public async Task What_is_offered_by_hand_in_a_window_is_taken_back_once()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await Schedule(world, Request(node));
        await world.OfferByHand(node, 1, Noon.AddHours(7), 4);
        for (var i = 0; i < 2; i++) await world.Change(db => WithdrawOffers.ByHand(db, world.Clock.Now, TestContext.Current.CancellationToken));
        (await world.Waiting()).ShouldHaveSingleItem().CancelOffer.ShouldNotBeNull();
    }

    private static Task<(MaintenanceRow Window, IReadOnlyList<long> Reclaimed)> Schedule(SellingWorld world, ScheduleMaintenanceRequest request) =>
        world.In((ScheduleMaintenanceHandler handler) => handler.Handle(world.Provider, ScheduleMaintenance.Of(request), TestContext.Current.CancellationToken));

    private static ScheduleMaintenanceRequest Request(Guid node) => new()
    {
        NodeId = node.ToString(), WindowId = WindowId.ToString(), FromTime = Noon.AddHours(6).ToTimestamp(), ToTime = Noon.AddHours(8).ToTimestamp(), Category = "power", Note = "New supply.",
    };
}
