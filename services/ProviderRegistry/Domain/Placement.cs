namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>A GPU of a node as placement sees it.</summary>
/// <param name="NvlinkPeers">Indices of the GPUs that it reaches over NVLink.</param>
/// <param name="Free">Whether it can be given away for all of the time in question.</param>
public sealed record PlaceableGpu(string Uuid, int Index, IReadOnlyList<int> NvlinkPeers, bool Free);

/// <summary>What a node has left, slot by slot from one first slot that is the same for all nodes.</summary>
/// <param name="GpuCount">What it has when nothing is sold.</param>
public sealed record NodeRoom(Guid NodeId, int GpuCount, IReadOnlyList<int> Free);

/// <summary>Where a lease runs: on which node, and on which of its GPUs. Best fit, so that what is whole stays whole.</summary>
public static class Placement
{
    /// <summary>The node for so many GPUs in some slots; null: none has them.</summary>
    /// <remarks>
    /// First a node that is then full, so that nothing is left in pieces; else the one with the least left of those that are already broken; else the
    /// smallest of the whole ones. Equal ones by id, so that the same question has the same answer.
    /// </remarks>
    public static NodeRoom? ChooseNode(IEnumerable<NodeRoom> nodes, int gpuCount, int firstSlot, int slotCount)
    {
        NodeRoom? best = null;
        (int Kind, int Free) least = (int.MaxValue, int.MaxValue);
        foreach (var node in nodes)
        {
            var free = FreeIn(node, firstSlot, slotCount);
            if (free < gpuCount) continue;
            (int Kind, int Free) here = (free == gpuCount ? 0 : free < node.GpuCount ? 1 : 2, free);
            var order = here.CompareTo(least);
            if (order > 0 || (order == 0 && best!.NodeId.CompareTo(node.NodeId) <= 0)) continue;
            (best, least) = (node, here);
        }
        return best;
    }

    /// <summary>GPUs that are free in every one of these slots; none beyond the last slot that is known.</summary>
    public static int FreeIn(NodeRoom node, int firstSlot, int slotCount)
    {
        if (firstSlot < 0 || firstSlot + slotCount > node.Free.Count) return 0;
        var free = node.GpuCount;
        for (var slot = firstSlot; slot < firstSlot + slotCount; slot++) free = Math.Min(free, node.Free[slot]);
        return free;
    }

    /// <summary>The GPUs for a delivery, by UUID in the order of their index: as many as wanted, or all that are free where they are fewer.</summary>
    /// <remarks>
    /// What it had before it keeps. The rest comes out of one NVLink island where one has so many: the island with the least left, one that it is on
    /// already before others. Where none has, whole islands are taken, the largest first, and the rest so. GPUs without NVLink are islands of one: lowest index first.
    /// </remarks>
    /// <param name="gpus">All GPUs of the node.</param>
    /// <param name="former">GPUs that the delivery had; kept where they are free.</param>
    public static IReadOnlyList<string> ChooseGpus(IReadOnlyList<PlaceableGpu> gpus, int count, IReadOnlyCollection<string> former)
    {
        var chosen = gpus.Where(gpu => gpu.Free && former.Contains(gpu.Uuid)).OrderBy(gpu => gpu.Index).Take(count).ToList();
        var islands = Islands(gpus);
        while (chosen.Count < count)
        {
            var wanted = count - chosen.Count;
            var rest = islands
                .Select(island => (Island: island, Free: island.Where(gpu => gpu.Free && !chosen.Contains(gpu)).ToList()))
                .Where(one => one.Free.Count > 0).ToList();
            if (rest.Count == 0) break;

            var roomy = rest.Where(one => one.Free.Count >= wanted).ToList();
            var (_, take) = roomy.Count > 0
                ? roomy.OrderBy(one => one.Island.Exists(chosen.Contains) ? 0 : 1).ThenBy(one => one.Free.Count)
                    .ThenBy(one => one.Free.Count < one.Island.Count ? 0 : 1).ThenBy(one => one.Free[0].Index).First()
                : rest.OrderByDescending(one => one.Free.Count).ThenBy(one => one.Free[0].Index).First();
            chosen.AddRange(take.Take(wanted));
        }
        return [.. chosen.OrderBy(gpu => gpu.Index).Select(gpu => gpu.Uuid)];
    }

    /// <summary>GPUs that reach each other over NVLink, be it over others; each island in the order of the index.</summary>
    private static List<List<PlaceableGpu>> Islands(IReadOnlyList<PlaceableGpu> gpus)
    {
        var byIndex = gpus.ToLookup(gpu => gpu.Index);
        var seen = new HashSet<PlaceableGpu>(ReferenceEqualityComparer.Instance);
        var islands = new List<List<PlaceableGpu>>();
        foreach (var gpu in gpus.OrderBy(gpu => gpu.Index))
        {
            if (!seen.Add(gpu)) continue;
            var island = new List<PlaceableGpu>();
            var next = new Stack<PlaceableGpu>([gpu]);
            while (next.TryPop(out var here))
            {
                island.Add(here);
                foreach (var peer in here.NvlinkPeers.SelectMany(index => byIndex[index]).Where(seen.Add)) next.Push(peer);
            }
            islands.Add([.. island.OrderBy(one => one.Index)]);
        }
        return islands;
    }
}
