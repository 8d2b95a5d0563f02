using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.Tests.Selling;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Placing;

public sealed class PackingTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly DateTimeOffset Noon = Registry.Noon;

    [Fact]
    public void No_move_oversells_a_node_breaks_a_whole_one_or_goes_where_nothing_can_be_served() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (nodes, leases) = Some(random);
        var most = random.Next(6);
        var moves = PackingPlanner.Plan(nodes, leases, most);

        moves.Count.ShouldBeLessThanOrEqualTo(most);
        moves.Select(move => move.LeaseId).Distinct().Count().ShouldBe(moves.Count);
        var serves = nodes.Where(node => node.CanServe).Select(node => node.Room.NodeId).ToHashSet();
        foreach (var move in moves)
        {
            serves.ShouldContain(move.NodeId);
            var lease = leases.Single(one => one.LeaseId == move.LeaseId);
            lease.CanMove.ShouldBeTrue();
            lease.NodeId.ShouldNotBe(move.NodeId);
        }
        var after = leases.Select(lease => lease with { NodeId = moves.Where(move => move.LeaseId == lease.LeaseId).Select(move => move.NodeId).DefaultIfEmpty(lease.NodeId).Single() }).ToList();
        foreach (var node in nodes.Where(node => moves.Any(move => move.NodeId == node.Room.NodeId)))
            for (var slot = 0; slot < 4; slot++) Sold(after, node.Room.NodeId, slot).ShouldBeLessThanOrEqualTo(node.Room.GpuCount);

        // Only what is rescued may break a whole node.
        var rescued = moves.Count(move => !serves.Contains(leases.Single(lease => lease.LeaseId == move.LeaseId).NodeId));
        int Whole(List<PackableLease> sold) => serves.Count(id => Sold(sold, id, 0) == 0);
        Whole(after).ShouldBeGreaterThanOrEqualTo(Whole([.. leases]) - rescued);
        if (rescued == 0 && moves.Count > 0) Whole(after).ShouldBeGreaterThan(Whole([.. leases]));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public async Task Two_halves_that_begin_together_come_onto_one_node_after_the_gate()
    {
        await using var world = await SellingWorld.Begin(database);
        var (one, other) = (await world.AddNode(1), await world.AddNode(2));
        var first = await world.Buy(await world.OfferByHand(one, 4, Noon, 2), 4, Noon.AddHours(1), 1);
        var second = await world.Buy(await world.OfferByHand(other, 4, Noon, 2), 4, Noon.AddHours(1), 1);
        await world.Pay(first);
        await world.Pay(second);

        world.Clock.Now = Noon.AddMinutes(49);
        (await world.Pack()).ShouldBe(0);
        world.Clock.Now = Noon.AddMinutes(50);
        (await world.Pack()).ShouldBe(1);
        (await world.Pack()).ShouldBe(0);
        await world.TakeAll();
        (await world.InDb(db => db.SoldLeases.Select(lease => lease.NodeId).Distinct().CountAsync())).ShouldBe(1);
        world.Clock.Now = Noon.AddMinutes(55);
        (await world.Pack()).ShouldBe(0);
    }

    [Fact]
    public async Task A_lease_on_a_lost_node_begins_on_another_one_of_its_provider()
    {
        await using var world = await SellingWorld.Begin(database);
        var (lost, spare) = (await world.AddNode(1), await world.AddNode(2));
        var lease = await world.Buy(await world.OfferByHand(lost, 4, Noon, 2), 4, Noon.AddHours(1), 1);
        await world.Pay(lease);
        await world.Change(db => db.Agents.Where(agent => agent.NodeId == lost).ExecuteUpdateAsync(set => set.SetProperty(agent => agent.LostTime, Noon)));
        world.Clock.Now = Noon.AddMinutes(51);
        (await world.Pack()).ShouldBe(1);
        (await world.Waiting()).ShouldHaveSingleItem().MoveLease.ShouldBe(new MoveLease { LeaseId = lease, NodeId = spare.ToString() });
    }

    [Fact]
    public async Task What_was_sold_on_or_goes_on_stays_where_it_is()
    {
        await using var world = await SellingWorld.Begin(database);
        var (lost, _) = (await world.AddNode(1), await world.AddNode(2));
        var offer = await world.OfferByHand(lost, 8, Noon, 4);
        var (resold, goesOn) = (await world.Buy(offer, 4, Noon.AddHours(1), 1), await world.Buy(offer, 4, Noon.AddHours(1), 1));
        await world.Pay(resold);
        await world.Pay(goesOn);
        var part = world.Sold(offer, 1, Noon.AddHours(1), 1);
        part.ResoldFromLeaseId = resold;
        await world.Feed(new EngineEvent { LeaseSold = part });
        await world.Change(async db =>
        {
            (await db.Agents.SingleAsync(agent => agent.NodeId == lost)).LostTime = Noon;
            (await db.Deliveries.SingleAsync(delivery => delivery.DeliveryId == goesOn)).ToTime = Noon.AddHours(3);
        });
        world.Clock.Now = Noon.AddMinutes(55);
        (await world.Pack()).ShouldBe(0);
    }

    private static int Sold(List<PackableLease> leases, Guid node, int slot) =>
        leases.Where(lease => lease.NodeId == node && lease.FirstSlot <= slot && slot < lease.FirstSlot + lease.SlotCount).Sum(lease => lease.GpuCount);

    private static (List<PackableNode> Nodes, List<PackableLease> Leases) Some(Random random)
    {
        var (nodes, leases) = (new List<PackableNode>(), new List<PackableLease>());
        for (var number = 1; number <= random.Next(1, 7); number++)
        {
            var (id, gpus) = (SellingWorld.NodeId(number), 1 << random.Next(4));
            var free = Enumerable.Repeat(gpus, 4).ToArray();
            for (var tries = random.Next(4); tries > 0; tries--)
            {
                var (wanted, first) = (random.Next(1, gpus + 1), random.Next(3) == 0 ? random.Next(4) : 0);
                var slots = random.Next(1, 5 - first);
                if (Enumerable.Range(first, slots).Any(slot => free[slot] < wanted)) continue;
                for (var slot = first; slot < first + slots; slot++) free[slot] -= wanted;
                leases.Add(new PackableLease(leases.Count + 1, id, wanted, first, slots, random.Next(5) > 0));
            }
            nodes.Add(new PackableNode(random.Next(5) > 0, new NodeRoom(id, gpus, free)));
        }
        return (nodes, leases);
    }
}
