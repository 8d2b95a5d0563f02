using ComputeExchange.Cli.Output;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Search;

/// <summary>How free machines and the fields of the filter language are shown.</summary>
static class CapacityRows
{
    /// <summary>Free machines.</summary>
    public static readonly Sheet<Capacity> Found = new Sheet<Capacity>("capacities", "No machine is free that has all of this.")
        .Text("Market", "market", found => found.Market)
        .Text("Node", "node_id", found => found.NodeId)
        .Count("Free GPUs", "gpu_count", found => found.GpuCount)
        .Count("of", "node_gpu_count", found => found.NodeGpuCount)
        .Time("Free from", "free_from_time", found => found.FreeFromTime)
        .Time("to", "free_to_time", found => found.FreeToTime)
        .Price("Reserve", "reserve_micros_per_gpu_hour", found => found.HasReserveMicrosPerGpuHour ? found.ReserveMicrosPerGpuHour : null)
        .Price("Price now", "price_micros_per_gpu_hour", found => found.HasPriceMicrosPerGpuHour ? found.PriceMicrosPerGpuHour : null)
        .Price("Likely", "likely_price_micros_per_gpu_hour", found => found.HasLikelyPriceMicrosPerGpuHour ? found.LikelyPriceMicrosPerGpuHour : null)
        .Ppm("Score", "reliability_ppm", found => found.ReliabilityPpm)
        .WordOrNone("State", "state", found => found.State)
        .Text("Country", "country", found => found.Country)
        .Text("Zone", "zone", found => found.Zone)
        .Flag("NVLink", "nvlink", found => found.Nvlink)
        .Bytes("GPU memory", "gpu_memory_bytes", found => found.GpuMemoryBytes)
        .Count("Cores", "cpu_count", found => found.CpuCount > 0 ? found.CpuCount : null)
        .Bytes("Memory", "memory_bytes", found => found.MemoryBytes)
        .Bytes("Free disk", "disk_free_bytes", found => found.DiskFreeBytes)
        .Count("Mbit/s", "network_mbps", found => found.NetworkMbps > 0 ? found.NetworkMbps : null)
        .Seconds("Notice", "reclaim_notice_seconds", found => found.ReclaimNoticeSeconds)
        .List("Runners", "runners", found => found.Runners)
        .Flag("Simulated", "simulated", found => found.Simulated);

    /// <summary>The fields of the filter language.</summary>
    public static readonly Sheet<SearchField> Fields = new Sheet<SearchField>("fields", "")
        .Text("Field", "name", field => field.Name)
        .Text("Holds", "type", field => field.Type)
        .Text("Meaning", "meaning", field => field.Meaning)
        .Text("Example", "example", field => field.Example)
        .Flag("In bids", "in_bids", field => field.InBids);
}
