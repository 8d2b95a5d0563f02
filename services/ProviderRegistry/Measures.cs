using System.Diagnostics;
using System.Diagnostics.Metrics;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.ProviderRegistry.Domain;

namespace ComputeExchange.ProviderRegistry;

/// <summary>What is measured of leases: how many begin and how they end, and what was sold and delivered.</summary>
internal static class Measures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "ProviderRegistry");

    private static readonly Counter<long> Leases = Meter.CreateCounter<long>(
        "cx.provider_registry.leases", "{lease}", "Leases by what happened to them: scheduled, started, ended, failed.");

    private static readonly Counter<long> Nodes = Meter.CreateCounter<long>(
        "cx.provider_registry.nodes", "{node}", "Nodes by what happened to them: lost, back, verified, suspended.");

    private static readonly Counter<long> Sold = Meter.CreateCounter<long>(
        "cx.provider_registry.gpu_time_sold", "s", "GPU-seconds of metered slots as they were sold.");

    private static readonly Counter<long> Delivered = Meter.CreateCounter<long>(
        "cx.provider_registry.gpu_time_delivered", "s", "GPU-seconds of metered slots as they were delivered.");

    private static readonly Counter<long> UnreportedSlots = Meter.CreateCounter<long>(
        "cx.provider_registry.unreported_slots", "{slot}", "Slots that no provider reported in time: counted as not delivered.");

    /// <summary>The source of this service's spans.</summary>
    public static ActivitySource Spans { get; } = Tracing.Of(ServiceNames.ProviderRegistry);

    public static void Scheduled() => Count("scheduled");

    public static void Started() => Count("started");

    public static void Ended(LeaseState how) => Count(how == LeaseState.Ended ? "ended" : "failed");

    public static void Metered(long soldGpuSeconds, long deliveredGpuSeconds)
    {
        Sold.Add(soldGpuSeconds);
        Delivered.Add(deliveredGpuSeconds);
    }

    public static void Unreported() => UnreportedSlots.Add(1);

    public static void NodesLost(int count) => Count("lost", count);

    public static void NodesBack(int count) => Count("back", count);

    public static void Stands(NodeStanding standing)
    {
        if (standing is NodeStanding.Verified or NodeStanding.Suspended) Count(standing == NodeStanding.Verified ? "verified" : "suspended", 1);
    }

    private static void Count(string what, int nodes) => Nodes.Add(nodes, new KeyValuePair<string, object?>("event", what));

    private static void Count(string what) => Leases.Add(1, new KeyValuePair<string, object?>("event", what));
}
