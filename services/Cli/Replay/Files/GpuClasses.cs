namespace ComputeExchange.Cli.Replay.Files;

/// <summary>One GPU product: what markets are named after, and what benchmarks call it.</summary>
/// <param name="Name">Class, form and memory as in a market's name: <c>H100-SXM-80GB</c>; the form is left out where only one is sold.</param>
/// <param name="PublishedAs">The accelerator's name in the tables of MLPerf.</param>
public sealed record GpuClass(string Name, string PublishedAs);

/// <summary>Which product a marketplace means by a name and an amount of memory: the table gpu_classes.csv.</summary>
/// <remarks>
/// Marketplaces tell the products of one name apart by memory alone, in MiB and a little less than is printed on the
/// card; the nearest printed size within 15% is meant. Form and interconnect stand in the name (SXM, PCIE, NVL). What
/// the table does not hold is not traded: two products must never share a market.
/// </remarks>
public sealed class GpuClasses
{
    readonly ILookup<string, (int MemoryGb, GpuClass Class)> _byName;

    GpuClasses(IEnumerable<(string Name, int MemoryGb, GpuClass Class)> rows)
    {
        var list = rows.ToList();
        _byName = list.ToLookup(row => Plain(row.Name), row => (row.MemoryGb, row.Class));
        All = [.. list.Select(row => row.Class)];
    }

    /// <summary>The table in the program.</summary>
    public static GpuClasses Table { get; } = new(
        CsvTable.Embedded("gpu_classes.csv", "gpu_name", "memory_gb", "market_class", "published_as").Rows()
            .Select(row => (row.Text("gpu_name"), (int)row.Whole("memory_gb")!.Value, new GpuClass(row.Text("market_class"), row.Text("published_as")))));

    /// <summary>Every product.</summary>
    public IReadOnlyList<GpuClass> All { get; }

    /// <summary>Whether the name is known at all.</summary>
    public bool Knows(string gpuName) => _byName.Contains(Plain(gpuName));

    /// <summary>The product; null where no printed size is near.</summary>
    public GpuClass? Find(string gpuName, decimal memoryMib)
    {
        var gb = memoryMib / 1024;
        var near = _byName[Plain(gpuName)]
            .Where(entry => Math.Abs(entry.MemoryGb - gb) <= 0.15m * entry.MemoryGb)
            .OrderBy(entry => Math.Abs(entry.MemoryGb - gb)).ToList();
        return near.Count == 0 ? null : near[0].Class;
    }

    /// <summary>Marketplaces write a name with blanks or underscores.</summary>
    static string Plain(string name) => name.Replace('_', ' ').Trim().ToUpperInvariant();
}
