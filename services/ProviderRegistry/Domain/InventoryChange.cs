namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>A GPU as an inventory says it, or as it was said before.</summary>
public sealed record KnownGpu(int Index, string Uuid, string Name, long MemoryBytes, string PciBusId, string PciDeviceId, bool Present);

/// <summary>What is different between two inventories of a node, and what of it honest hardware does not do.</summary>
/// <param name="Sentences">One for each difference.</param>
/// <param name="Signals">One for each that speaks of fraud.</param>
public sealed record InventoryChange(IReadOnlyList<string> Sentences, IReadOnlyList<string> Signals)
{
    /// <summary>What a newer inventory changes.</summary>
    public static InventoryChange Between(IReadOnlyCollection<KnownGpu> before, IReadOnlyCollection<KnownGpu> after)
    {
        var (sentences, signals) = (new List<string>(), new List<string>());
        var present = before.Where(gpu => gpu.Present).ToList();
        var known = before.ToDictionary(gpu => gpu.Uuid, StringComparer.Ordinal);
        foreach (var gpu in after)
        {
            if (!known.TryGetValue(gpu.Uuid, out var old))
            {
                // A GPU does not change its UUID, and a card that was swapped leaves its slot at least once without power.
                var replaced = gpu.PciBusId.Length == 0 ? null : present.FirstOrDefault(other => other.PciBusId == gpu.PciBusId);
                if (replaced is not null) signals.Add($"The GPU at {gpu.PciBusId} was {replaced.Uuid} and says now that it is {gpu.Uuid}.");
                sentences.Add($"GPU {gpu.Index} is new: {gpu.Name}, {gpu.Uuid}.");
                continue;
            }
            if (!old.Present) sentences.Add($"GPU {gpu.Index} is back: {gpu.Uuid}.");
            if (old.Name != gpu.Name) signals.Add($"GPU {gpu.Uuid} was a {old.Name} and says now that it is a {gpu.Name}.");
            if (Math.Abs(old.MemoryBytes - gpu.MemoryBytes) > old.MemoryBytes / 20)
                signals.Add($"GPU {gpu.Uuid} had {Gigabytes(old.MemoryBytes)} of memory and says now that it has {Gigabytes(gpu.MemoryBytes)}.");
            if (old.PciDeviceId.Length > 0 && gpu.PciDeviceId.Length > 0 && old.PciDeviceId != gpu.PciDeviceId)
                signals.Add($"GPU {gpu.Uuid} was the PCI device {old.PciDeviceId} and says now that it is {gpu.PciDeviceId}.");
        }
        var now = after.Select(gpu => gpu.Uuid).ToHashSet(StringComparer.Ordinal);
        sentences.AddRange(present.Where(gpu => !now.Contains(gpu.Uuid)).Select(gpu => $"GPU {gpu.Index} is gone: {gpu.Uuid}."));
        return new InventoryChange(sentences, signals);
    }

    private static string Gigabytes(long bytes) => $"{bytes / (1m * 1024 * 1024 * 1024):0.0} GiB";
}
