using static ComputeExchange.Values.Filters.FilterFieldType;

namespace ComputeExchange.Values.Filters;

/// <summary>The fields of the filter language: the one table of them.</summary>
public static class FilterFields
{
    /// <summary>Every field, in the order in which they are shown.</summary>
    public static readonly IReadOnlyList<FilterField> All =
    [
        new("market", Text, FilterUnit.Count, "The market: class and region.", "market = H100-SXM-80GB.us-east", false),
        new("class", Text, FilterUnit.Count, "The product class.", "class in (H100-SXM-80GB, H200-SXM-141GB)", false),
        new("region", Text, FilterUnit.Count, "The region, the part of the market's name after the dot.", "region = us-east", false),
        new("country", Text, FilterUnit.Count, "The country it stands in, ISO 3166-1 alpha-2.", "country in (DE, FR)", true),
        new("zone", Text, FilterUnit.Count, "The zone of countries it stands in.", "zone = EU", true),
        new("gpus", Number, FilterUnit.Count, "GPUs that are free in every hour asked for.", "gpus >= 8", false),
        new("node_gpus", Number, FilterUnit.Count, "GPUs that the node has.", "node_gpus = 8", false),
        new("memory", Number, FilterUnit.Bytes, "Memory of one GPU, in GB where no unit stands.", "memory >= 80GB", false),
        new("price", Number, FilterUnit.Dollars, "The market's last price of the first hour, in dollars for one GPU for one hour.", "price <= 2.50", false),
        new("reserve", Number, FilterUnit.Dollars, "The least that the cheapest GPU offered is sold for, in dollars for one GPU for one hour.", "reserve < 2.20", false),
        new("likely", Number, FilterUnit.Dollars, "The likely price on the mean of the hours, in dollars for one GPU for one hour.", "likely <= 2.40", false),
        new("reliability", Number, FilterUnit.Share, "The node's score, from 0 to 1.", "reliability > 0.98", true),
        new("verified", Flag, FilterUnit.Count, "Whether the exchange has seen what it is and that it works.", "verified", true),
        new("simulated", Flag, FilterUnit.Count, "Whether an inventory file stands for the hardware.", "simulated = false", false),
        new("nvlink", Flag, FilterUnit.Count, "Whether all its GPUs reach each other over NVLink.", "nvlink", true),
        new("cpus", Number, FilterUnit.Count, "CPU cores of the node.", "cpus >= 64", false),
        new("ram", Number, FilterUnit.Bytes, "Memory of the node, in GB where no unit stands.", "ram >= 512GB", false),
        new("disk", Number, FilterUnit.Bytes, "Free disk of the node, in GB where no unit stands.", "disk > 2TB", false),
        new("network", Number, FilterUnit.Megabits, "Speed of its network, in megabits a second where no unit stands.", "network >= 10Gbps", false),
        new("reclaim", Number, FilterUnit.Seconds, "Notice before its provider may take it back, in seconds where no unit stands.", "reclaim >= 1h", false),
        new("runner", Text, FilterUnit.Count, "A runner that works there: docker, podman or process.", "runner = docker", false),
        new("free_hours", Number, FilterUnit.Hours, "For how many hours in a row it is free.", "free_hours >= 24", false),
        new("node", Text, FilterUnit.Count, "The node's id.", "node = 0192a7e4-0000-7000-8000-000000000001", true),
    ];

    /// <summary>Those that a bid can ask for.</summary>
    public static readonly IReadOnlyList<FilterField> InBids = [.. All.Where(field => field.InBids)];

    /// <summary>The field of that name; null: there is none.</summary>
    public static FilterField? Find(string name) => All.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
