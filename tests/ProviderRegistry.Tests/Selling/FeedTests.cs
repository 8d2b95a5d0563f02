using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Selling;

public sealed class FeedTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    [Fact]
    public async Task Offers_are_known_as_they_stand_however_their_ends_are_batched()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        var first = await world.OfferByHand(node, 2, Noon, 4);
        OfferPlaced Placed(long id) => new() { OfferId = id, Market = SellingWorld.Market, Offer = world.Open[first] };
        await world.Feed(
            new EngineEvent { OfferPlaced = Placed(100) }, new EngineEvent { OfferPlaced = Placed(101) },
            new EngineEvent { OfferClosed = new OfferClosed { OfferId = 100 } }, new EngineEvent { OfferClosed = new OfferClosed { OfferId = first } },
            new EngineEvent { OfferClosed = new OfferClosed { OfferId = 999 } });
        (await world.InDb(db => db.NodeOffers.Where(offer => offer.Open).Select(offer => offer.OfferId).ToListAsync())).ShouldBe([101]);
    }

    [Fact]
    public async Task The_last_price_of_a_slot_stands()
    {
        await using var world = await SellingWorld.Begin(database);
        await world.Feed(Cleared(2_100_000, 2_200_000), Cleared(2_300_000));
        (await world.InDb(db => db.SlotPrices.OrderBy(price => price.SlotTime).Select(price => price.PriceMicrosPerGpuHour).ToListAsync())).ShouldBe([2_300_000, 2_200_000]);
    }

    [Fact]
    public async Task A_sale_is_joined_with_its_payment_whichever_is_known_first()
    {
        await using var world = await SellingWorld.Begin(database);
        var node = await world.AddNode();
        var offer = await world.OfferByHand(node, 8, Noon, 24);
        var sold = world.Sold(offer, 2, Noon.AddHours(1), 2, bid: 77);
        await world.Change(db =>
        {
            db.Leases.Add(new Storage.LeaseRow
            {
                LeaseId = sold.LeaseId, NodeId = node, ProviderId = world.Provider, BuyerId = world.Buyer, Market = SellingWorld.Market, GpuCount = 2, FromTime = Noon.AddHours(1), ToTime = Noon.AddHours(3),
            });
            return Task.CompletedTask;
        });
        await world.Feed(new EngineEvent { LeaseSold = sold });
        (await world.InDb(db => db.Leases.AsNoTracking().SingleAsync())).BidId.ShouldBe(77);
        var kept = await world.InDb(db => db.SoldLeases.AsNoTracking().SingleAsync());
        (kept.BidId, kept.OfferId, kept.GpuCount, kept.FromTime, kept.ToTime).ShouldBe((77, offer, 2, Noon.AddHours(1), Noon.AddHours(3)));
    }

    [Fact]
    public async Task Sales_of_declared_nodes_leave_nothing_here()
    {
        await using var world = await SellingWorld.Begin(database);
        var declared = Guid.NewGuid();
        var offer = await world.OfferByHand(declared, 8, Noon, 24);
        await world.Feed(new EngineEvent { LeaseSold = world.Sold(offer, 2, Noon.AddHours(1), 2) });
        (await world.InDb(db => db.SoldLeases.CountAsync())).ShouldBe(0);
        (await world.InDb(db => db.FeedStates.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task A_moved_lease_is_on_its_new_node()
    {
        await using var world = await SellingWorld.Begin(database);
        var (from, to) = (await world.AddNode(1), await world.AddNode(2));
        var lease = await world.Buy(await world.OfferByHand(from, 8, Noon, 24), 2, Noon.AddHours(3), 1);
        await world.Pay(lease);
        await world.Feed(new EngineEvent { LeaseMoved = new LeaseMoved { LeaseId = lease, FromNodeId = from.ToString(), ToNodeId = to.ToString() } });
        (await world.InDb(db => db.SoldLeases.SingleAsync())).NodeId.ShouldBe(to);
        (await world.InDb(db => db.Leases.SingleAsync())).NodeId.ShouldBe(to);
        (await world.InDb(db => db.Deliveries.SingleAsync())).NodeId.ShouldBe(to);
    }

    [Fact]
    public async Task The_markets_settings_are_those_that_were_told_last()
    {
        await using var world = await SellingWorld.Begin(database);
        (await world.InDb(db => Policies.OwnNodes.Grid(db, default))).ShouldBe(MarketGrid.Untold);
        await world.Feed(new EngineEvent
        {
            SettingsChanged = new ChangeSettings { SlotMinutes = 30, GateMinutes = 5, PromptMinutesMin = 3, HorizonSlotCount = 48, TickMicros = 10_000, HighestPriceMicrosPerGpuHour = 9_000_000 },
        });
        await world.AddNode();
        await world.Feed(Cleared(1));
        (await world.InDb(db => Policies.OwnNodes.Grid(db, default))).ShouldBe(new MarketGrid(30, 5, 3, 48, 10_000, 9_000_000));
    }

    private static EngineEvent Cleared(params long[] prices) => new()
    {
        RunCleared = new RunCleared
        {
            Prices = { prices.Select((price, hour) => new SpotPrice { Market = SellingWorld.Market, SlotTime = Noon.AddHours(hour).ToTimestamp(), PriceMicrosPerGpuHour = price, GpuCount = 1 }) },
        },
    };
}
