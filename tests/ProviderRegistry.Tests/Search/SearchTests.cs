using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Search;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.Tests.Selling;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Search;

public sealed class SearchTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    [Fact]
    public async Task What_is_free_in_every_hour_is_found_with_how_long_and_at_what_price()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        await world.SetPolicy(node, SellingWorld.Policy(policy => policy.ReclaimNoticeSeconds = 7_200));
        await world.Sell();
        await world.Buy(world.Open.Single().Key, 3, Noon.AddHours(4), 2);
        await world.Feed(new EngineEvent
        {
            RunCleared = new RunCleared
            {
                Prices =
                {
                    Price(Noon.AddDays(-1).AddHours(1), 2_600_000), Price(Noon.AddDays(-2).AddHours(1), 2_400_000), Price(Noon.AddDays(-2).AddHours(7), 1_000_000), Price(Noon, 2_300_000),
                },
            },
        });

        var found = (await Find(world, "verified and nvlink and country = de and memory >= 80GB and runner = process", hours: 3)).Capacities.ShouldHaveSingleItem();
        (found.GpuCount, found.NodeGpuCount, found.FreeFromTime, found.FreeToTime).ShouldBe((8, 8, Noon.ToTimestamp(), Noon.AddHours(4).ToTimestamp()));
        (found.ReserveMicrosPerGpuHour, found.PriceMicrosPerGpuHour, found.ReclaimNoticeSeconds).ShouldBe((2_000_000, 2_300_000, 7_200));

        // Noon's own price; at one the lower of the same hour's two; at two the median of all: 2.3.
        found.LikelyPriceMicrosPerGpuHour.ShouldBe((2_300_000 + 2_400_000 + 2_300_000 + 2) / 3);
        (await Find(world, "", hours: 6)).Capacities.ShouldHaveSingleItem().GpuCount.ShouldBe(5);
        (await Find(world, "gpus >= 6", hours: 6)).Capacities.ShouldBeEmpty();
        (await Find(world, "gpus >= 6", hours: 2, from: Noon.AddHours(6))).Capacities.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nodes_are_sorted_and_paged_and_what_is_not_known_comes_last()
    {
        await using var world = await SellingWorld.Begin(database);
        for (var number = 1; number <= 5; number++) await world.AddNode(number, gpus: number);
        await world.Change(db =>
        {
            db.Nodes.Add(new NodeRow { NodeId = SellingWorld.NodeId(9), ProviderId = world.Provider, Market = SellingWorld.Market, Name = "declared", GpuCount = 7, Location = "" });
            return Task.CompletedTask;
        });
        await world.OfferByHand(SellingWorld.NodeId(9), 6, Noon, 24, reserve: 1_500_000);

        var first = await Find(world, "", order: "-cpus", size: 4);
        var second = await Find(world, "", order: "-cpus", size: 4, token: first.NextPageToken);
        first.Capacities.Concat(second.Capacities).Select(found => found.NodeGpuCount).ShouldBe([1, 2, 3, 4, 5, 7]);
        second.NextPageToken.ShouldBe("");
        (await Find(world, "", order: "-gpus")).Capacities.Select(found => found.GpuCount).ShouldBe([6, 5, 4, 3, 2, 1]);
        var declared = (await Find(world, "reserve < 2")).Capacities.ShouldHaveSingleItem();
        (declared.State, declared.GpuCount, declared.HasPriceMicrosPerGpuHour, declared.LikelyPriceMicrosPerGpuHour).ShouldBe((NodeState.Declared, 6, false, 1_500_000));
    }

    [Fact]
    public async Task What_is_lost_or_away_or_kept_free_is_not_found()
    {
        await using var world = await SellingWorld.Begin(database);
        var (lost, away, kept) = (await world.AddNode(1), await world.AddNode(2), await world.AddNode(3));
        await world.SetPolicy(kept, SellingWorld.Policy(policy => policy.KeepFree.Add(new KeepFreeWindow { FromTime = Noon.ToTimestamp(), ToTime = Noon.AddMinutes(1).ToTimestamp() })));
        await world.Change(async db =>
        {
            (await db.Agents.SingleAsync(agent => agent.NodeId == lost)).LostTime = Noon;
            db.Maintenance.Add(new MaintenanceRow { WindowId = Guid.NewGuid(), NodeId = away, FromTime = Noon.AddHours(-1), ToTime = Noon.AddHours(2), Category = "power", Note = "", AnnouncedTime = Noon });
        });
        (await Find(world, "")).Capacities.ShouldBeEmpty();
        (await Find(world, "", from: Noon.AddHours(1))).Capacities.ShouldHaveSingleItem().NodeId.ShouldBe(kept.ToString());
        (await Find(world, "", from: Noon.AddHours(2))).Capacities.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_wrong_filter_is_refused_at_its_word_and_a_right_one_is_said_back()
    {
        await using var world = await SellingWorld.Begin(database);
        (await Find(world, "Memory>=80gb and nvlink")).Understood.ShouldBe("memory >= 80GB and nvlink = true");
        var refused = await Should.ThrowAsync<RpcException>(Find(world, "gpus >= 8 and relability > 0.9"));
        refused.Status.Detail.ShouldBe("filter: at 15, 'relability': is no field: did you mean 'reliability'?");
        await Find(world, "", order: "colour").ShouldBeRefused(StatusCode.InvalidArgument, "order_by");
        await Find(world, "", hours: 169).ShouldBeRefused(StatusCode.InvalidArgument, "hour_count");
        await Find(world, "", from: Noon.AddDays(20)).ShouldBeRefused(StatusCode.InvalidArgument, "from_time");
        SearchCapacityHandler.Fields().Fields.Where(field => field.InBids).Select(field => field.Name).ShouldBe(["country", "zone", "reliability", "verified", "nvlink", "node"]);
    }

    private static SpotPrice Price(DateTimeOffset slot, long micros) =>
        new() { Market = SellingWorld.Market, SlotTime = slot.ToTimestamp(), PriceMicrosPerGpuHour = micros, GpuCount = 1 };

    private static Task<SearchCapacityResponse> Find(SellingWorld world, string filter, int hours = 0, DateTimeOffset? from = null, string order = "", int size = 0, string token = "") =>
        world.In((SearchCapacityHandler search) => search.Handle(
            new SearchCapacityRequest { Filter = filter, HourCount = hours, FromTime = from?.ToTimestamp(), OrderBy = order, PageSize = size, PageToken = token },
            TestContext.Current.CancellationToken));
}
