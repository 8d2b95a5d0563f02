namespace ComputeExchange.ProviderRegistry.Domain.Selling;

/// <summary>A node that leases can be on.</summary>
/// <param name="CanServe">Whether it is verified, heard of and not away: one that is not gets nothing, and loses what can be moved.</param>
/// <param name="Room">What is left of it, slot by slot.</param>
public sealed record PackableNode(bool CanServe, NodeRoom Room);

/// <summary>A lease that begins at slot 0 or later.</summary>
/// <param name="CanMove">Whether it is nobody's who must stay: not sold on, and not a part of what already runs.</param>
public sealed record PackableLease(long LeaseId, Guid NodeId, int GpuCount, int FirstSlot, int SlotCount, bool CanMove);

/// <summary>A lease to be moved, and where to.</summary>
public readonly record struct LeaseMove(long LeaseId, Guid NodeId);

/// <summary>Says which leases of one provider in one market are to be moved before they begin: away from nodes that cannot serve them, and together where that frees whole nodes.</summary>
public static class PackingPlanner
{
    /// <summary>The moves, in order; each is possible when those before it are made.</summary>
    /// <param name="nodes">The provider's nodes in the market.</param>
    /// <param name="leases">What is sold of them from slot 0 on, what has begun included.</param>
    /// <param name="most">At most so many moves.</param>
    public static IReadOnlyList<LeaseMove> Plan(IReadOnlyList<PackableNode> nodes, IReadOnlyList<PackableLease> leases, int most)
    {
        var free = nodes.ToDictionary(node => node.Room.NodeId, node => node.Room.Free.ToArray());
        var moves = new List<LeaseMove>();
        Rescue(nodes, leases, most, free, moves);
        Gather(nodes, leases, most, free, moves);
        return moves;
    }

    private static void Rescue(
        IReadOnlyList<PackableNode> nodes, IReadOnlyList<PackableLease> leases, int most, Dictionary<Guid, int[]> free, List<LeaseMove> moves)
    {
        var lost = nodes.Where(node => !node.CanServe).Select(node => node.Room.NodeId).ToHashSet();
        foreach (var lease in leases.Where(lease => lease.CanMove && lost.Contains(lease.NodeId)).OrderByDescending(lease => lease.GpuCount).ThenBy(lease => lease.LeaseId))
        {
            if (moves.Count == most) return;
            var rooms = nodes.Where(node => node.CanServe).Select(node => node.Room with { Free = free[node.Room.NodeId] });
            if (Placement.ChooseNode(rooms, lease.GpuCount, lease.FirstSlot, lease.SlotCount) is not { } room) continue;
            Move(lease, room.NodeId, free);
            moves.Add(new LeaseMove(lease.LeaseId, room.NodeId));
        }
    }

    /// <summary>Empties nodes, those with the least sold first, when all that is on one finds room on others that are broken already.</summary>
    private static void Gather(
        IReadOnlyList<PackableNode> nodes, IReadOnlyList<PackableLease> leases, int most, Dictionary<Guid, int[]> free, List<LeaseMove> moves)
    {
        var moved = moves.ToDictionary(move => move.LeaseId, move => move.NodeId);
        var on = leases.ToLookup(lease => moved.GetValueOrDefault(lease.LeaseId, lease.NodeId));
        var filled = moved.Values.ToHashSet();
        var serving = nodes.Where(node => node.CanServe).ToDictionary(node => node.Room.NodeId);
        var least = serving.Keys.Where(id => on[id].Any()).OrderBy(id => on[id].Sum(lease => lease.GpuCount)).ThenBy(id => id).ToList();
        foreach (var id in least)
        {
            var here = on[id].ToList();
            if (filled.Contains(id) || here.Exists(lease => !lease.CanMove || lease.FirstSlot > 0) || moves.Count + here.Count > most) continue;

            // Tried on a copy: all of it moves, or none.
            var trial = free.ToDictionary(one => one.Key, one => (int[])one.Value.Clone());
            var asked = new List<LeaseMove>();
            foreach (var lease in here.OrderByDescending(lease => lease.GpuCount).ThenBy(lease => lease.LeaseId))
            {
                var broken = serving.Values.Where(node => node.Room.NodeId != id && on[node.Room.NodeId].Any(other => other.FirstSlot == 0))
                    .Select(node => node.Room with { Free = trial[node.Room.NodeId] });
                if (Placement.ChooseNode(broken, lease.GpuCount, lease.FirstSlot, lease.SlotCount) is not { } room) break;
                Move(lease, room.NodeId, trial);
                asked.Add(new LeaseMove(lease.LeaseId, room.NodeId));
            }
            if (asked.Count < here.Count) continue;
            foreach (var (node, slots) in trial) free[node] = slots;
            moves.AddRange(asked);
            filled.UnionWith(asked.Select(move => move.NodeId));
            serving.Remove(id);
            on = leases.ToLookup(lease => moves.FindLast(move => move.LeaseId == lease.LeaseId) is { LeaseId: > 0 } last ? last.NodeId : lease.NodeId);
        }
    }

    private static void Move(PackableLease lease, Guid to, Dictionary<Guid, int[]> free)
    {
        for (var slot = lease.FirstSlot; slot < lease.FirstSlot + lease.SlotCount; slot++)
        {
            free[to][slot] -= lease.GpuCount;
            if (free.TryGetValue(lease.NodeId, out var from)) from[slot] += lease.GpuCount;
        }
    }
}
