namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>A lease of a node whose GPUs are to be named.</summary>
public readonly record struct Beginning(long LeaseId, int GpuCount, DateTimeOffset FromTime, DateTimeOffset ToTime);

/// <summary>GPUs of a node that a lease holds until its end.</summary>
public readonly record struct Holding(IReadOnlyList<int> Gpus, DateTimeOffset ToTime);

/// <summary>The GPUs named for a lease, by their index on the node from 0; none if it was over when it became known.</summary>
public readonly record struct Naming(long LeaseId, IReadOnlyList<int> Gpus);

/// <summary>Names the GPUs of a node's leases when they begin: the lowest that are free.</summary>
/// <remarks>
/// Moments of naming never go back: a lease that becomes known late is named at the last moment at which any was. So
/// whatever is held at a moment of naming belongs to leases that run at that moment, and as no hour of a node is sold
/// beyond its GPUs, the lowest free indices are always below its count.
/// </remarks>
public static class GpuNaming
{
    /// <summary>Names the GPUs of those leases of one node that have begun.</summary>
    /// <param name="beginnings">The leases to be named, in any order.</param>
    /// <param name="holdings">What earlier named leases of the node hold.</param>
    /// <param name="namedUntil">The last moment at which GPUs of this node were named.</param>
    /// <returns>The names, and the last moment of naming now.</returns>
    public static (IReadOnlyList<Naming> Namings, DateTimeOffset NamedUntil) Name(
        IEnumerable<Beginning> beginnings, IEnumerable<Holding> holdings, DateTimeOffset namedUntil)
    {
        var held = holdings.ToList();
        var namings = new List<Naming>();
        foreach (var lease in beginnings.OrderBy(lease => lease.FromTime).ThenBy(lease => lease.LeaseId))
        {
            if (lease.FromTime > namedUntil) namedUntil = lease.FromTime;
            if (lease.ToTime <= namedUntil)
            {
                namings.Add(new Naming(lease.LeaseId, []));
                continue;
            }
            var moment = namedUntil;
            var taken = held.Where(holding => holding.ToTime > moment).SelectMany(holding => holding.Gpus).ToHashSet();
            var gpus = LowestFree(taken, lease.GpuCount);
            held.Add(new Holding(gpus, lease.ToTime));
            namings.Add(new Naming(lease.LeaseId, gpus));
        }
        return (namings, namedUntil);
    }

    private static List<int> LowestFree(HashSet<int> taken, int count)
    {
        var free = new List<int>(count);
        for (var gpu = 0; free.Count < count; gpu++)
            if (!taken.Contains(gpu)) free.Add(gpu);
        return free;
    }
}
