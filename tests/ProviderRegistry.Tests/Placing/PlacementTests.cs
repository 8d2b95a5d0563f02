using ComputeExchange.ProviderRegistry.Domain;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Placing;

public sealed class PlacementTests
{
    [Fact]
    public void A_node_that_is_then_full_comes_first_then_a_broken_one_then_the_smallest_whole_one()
    {
        var (whole8, whole4, broken6, exact2) = (Node(1, 8, 8), Node(2, 4, 4), Node(3, 8, 6), Node(4, 8, 2));
        Placement.ChooseNode([whole8, whole4, broken6, exact2], 2, 0, 1).ShouldBe(exact2);
        Placement.ChooseNode([whole8, whole4, broken6], 2, 0, 1).ShouldBe(broken6);
        Placement.ChooseNode([whole8, whole4], 2, 0, 1).ShouldBe(whole4);
        Placement.ChooseNode([whole8, whole4, broken6, exact2], 8, 0, 1).ShouldBe(whole8);
        Placement.ChooseNode([whole4, broken6, exact2], 8, 0, 1).ShouldBeNull();
    }

    [Fact]
    public void A_node_has_what_it_has_in_every_slot()
    {
        var node = new NodeRoom(Id(1), 8, [8, 3, 8]);
        Placement.FreeIn(node, 0, 3).ShouldBe(3);
        Placement.FreeIn(node, 2, 1).ShouldBe(8);
        Placement.FreeIn(node, 2, 2).ShouldBe(0);
        Placement.ChooseNode([node], 4, 0, 2).ShouldBeNull();
    }

    [Fact]
    public void Every_choice_has_the_GPUs_and_no_fitting_node_would_leave_less() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(1, random.Next(1, 20)).Select(id =>
        {
            var gpus = 1 << random.Next(4);
            return new NodeRoom(Id(id), gpus, [.. Enumerable.Range(0, 6).Select(_ => random.Next(gpus + 1))]);
        }).ToList();
        var (wanted, first, slots) = (random.Next(1, 9), random.Next(6), random.Next(1, 4));
        var chosen = Placement.ChooseNode(nodes, wanted, first, slots);
        var fitting = nodes.Where(node => first + slots <= 6 && Enumerable.Range(first, slots).All(slot => node.Free[slot] >= wanted)).ToList();
        (chosen is null).ShouldBe(fitting.Count == 0);
        if (chosen is null) return;
        fitting.ShouldContain(chosen);
        int Left(NodeRoom node) => Enumerable.Range(first, slots).Min(slot => Math.Min(node.Free[slot], node.GpuCount)) - wanted;
        bool IsWhole(NodeRoom node) => Left(node) + wanted == node.GpuCount;
        if (fitting.Any(node => Left(node) == 0)) Left(chosen).ShouldBe(0);
        else if (fitting.Any(node => !IsWhole(node))) Left(chosen).ShouldBe(fitting.Where(node => !IsWhole(node)).Min(Left));
        else Left(chosen).ShouldBe(fitting.Min(Left));
        Placement.ChooseNode(nodes.AsEnumerable().Reverse(), wanted, first, slots).ShouldBe(chosen);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void GPUs_come_out_of_one_island_the_fullest_that_has_room()
    {
        // Two islands of four: 0 to 3, of which 0 is taken, and 4 to 7.
        var gpus = Islands(4, 4, taken: [0]);
        Placement.ChooseGpus(gpus, 2, []).ShouldBe(["g1", "g2"]);
        Placement.ChooseGpus(gpus, 4, []).ShouldBe(["g4", "g5", "g6", "g7"]);
        Placement.ChooseGpus(gpus, 5, []).ShouldBe(["g1", "g4", "g5", "g6", "g7"]);
        Placement.ChooseGpus(gpus, 9, []).Count.ShouldBe(7);
    }

    [Fact]
    public void A_delivery_keeps_the_GPUs_that_it_had_and_grows_beside_them()
    {
        var gpus = Islands(4, 4, taken: [0]);
        Placement.ChooseGpus(gpus, 2, ["g6", "g7"]).ShouldBe(["g6", "g7"]);
        Placement.ChooseGpus(gpus, 3, ["g6", "g7"]).ShouldBe(["g4", "g6", "g7"]);
        Placement.ChooseGpus(gpus, 1, ["g0"]).ShouldBe(["g1"]);
    }

    [Fact]
    public void Without_NVLink_the_lowest_indices_are_given() =>
        Placement.ChooseGpus(Islands(1, 1, 1, 1), 2, []).ShouldBe(["g0", "g1"]);

    [Fact]
    public void What_is_given_is_free_is_given_once_and_is_as_much_as_there_is() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var gpus = Islands([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, 5))], [.. Enumerable.Range(0, 20).Where(_ => random.Next(3) == 0)]);
        var former = gpus.Where(_ => random.Next(4) == 0).Select(gpu => gpu.Uuid).ToList();
        var wanted = random.Next(0, 10);
        var chosen = Placement.ChooseGpus([.. gpus.OrderBy(_ => random.Next())], wanted, former);
        chosen.Distinct().Count().ShouldBe(chosen.Count);
        chosen.Count.ShouldBe(Math.Min(wanted, gpus.Count(gpu => gpu.Free)));
        chosen.ShouldAllBe(uuid => gpus.Single(gpu => gpu.Uuid == uuid).Free);
        var kept = former.Where(uuid => gpus.Single(gpu => gpu.Uuid == uuid).Free).ToList();
        chosen.Intersect(kept).Count().ShouldBe(Math.Min(wanted, kept.Count));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static NodeRoom Node(int id, int gpus, int free) => new(Id(id), gpus, [free]);

    private static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    private static List<PlaceableGpu> Islands(params int[] sizes) => Islands(sizes, []);

    private static List<PlaceableGpu> Islands(int first, int second, int[] taken) => Islands([first, second], taken);

    private static List<PlaceableGpu> Islands(int[] sizes, int[] taken)
    {
        var gpus = new List<PlaceableGpu>();
        foreach (var size in sizes)
        {
            var (from, to) = (gpus.Count, gpus.Count + size);
            for (var index = from; index < to; index++)
                gpus.Add(new PlaceableGpu($"g{index}", index, [.. Enumerable.Range(from, size).Where(peer => peer != index)], !taken.Contains(index)));
        }
        return gpus;
    }
}
