using System.Diagnostics;
using System.Globalization;
using ComputeExchange.ProviderRegistry.Domain;

namespace ComputeExchange.Benchmarks;

/// <summary>How long it takes to find the node and the GPUs for a lease among many free nodes.</summary>
internal static class PlacementBench
{
    private const int SlotCount = 72;
    private const int Placements = 2_000;

    /// <summary>Places leases one after another on so many nodes of eight GPUs, each placement timed by itself, and prints the figures.</summary>
    public static void Run(int nodeCount)
    {
        // Two NVLink islands of four a node; nothing is sold at first.
        var random = new Random(42);
        var ids = Enumerable.Range(1, nodeCount).Select(number => new Guid(number, 0, 0, new byte[8])).ToArray();
        var free = ids.ToDictionary(id => id, _ => Enumerable.Repeat(8, SlotCount).ToArray());
        var nodes = ids.Select(id => new NodeRoom(id, 8, free[id])).ToArray();
        var gpus = Enumerable.Range(0, 8)
            .Select(index => new PlaceableGpu($"GPU-{index}", index, [.. Enumerable.Range(index / 4 * 4, 4).Where(peer => peer != index)], true)).ToList();

        var first = 0L;
        var times = new List<long>(Placements);
        for (var lease = 0; lease < Placements; lease++)
        {
            var (wanted, from, slots) = (1 << random.Next(4), random.Next(SlotCount / 2), random.Next(1, SlotCount / 2));
            var start = Stopwatch.GetTimestamp();
            var node = Placement.ChooseNode(nodes, wanted, from, slots) ?? throw new InvalidOperationException("The nodes are full: ask for more nodes.");
            Placement.ChooseGpus(gpus, wanted, []);
            var took = Stopwatch.GetTimestamp() - start;
            if (lease == 0) first = took;
            else times.Add(took);
            for (var slot = from; slot < from + slots; slot++) free[node.NodeId][slot] -= wanted;
        }
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{nodeCount} nodes, {Placements} placements of 1 to 8 GPUs for 1 to {SlotCount / 2} slots: first {Milliseconds(first):0.000} ms, p50 {Milliseconds(times[times.Count / 2]):0.000} ms, p99 {Milliseconds(times[times.Count * 99 / 100]):0.000} ms, longest {Milliseconds(times[^1]):0.000} ms"));
    }

    private static double Milliseconds(long ticks) => ticks * 1_000.0 / Stopwatch.Frequency;
}
