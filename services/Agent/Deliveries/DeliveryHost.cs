using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.Records;
using ComputeExchange.Agent.Runners;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>What every delivery on this host stands on.</summary>
public sealed class DeliveryHost
{
    public required StateFolder State { get; init; }

    public required RecordSpool Records { get; init; }

    public required ExchangeTime Time { get; init; }

    /// <summary>The host's own clock: patience and pauses are real whatever the exchange's clock does.</summary>
    public required TimeProvider Clock { get; init; }

    public required HostLog Log { get; init; }

    public required GpuWatch Gpus { get; init; }

    /// <summary>The runners that work here.</summary>
    public required IReadOnlyList<IRunner> Runners { get; init; }

    /// <summary>What the host has.</summary>
    public required Func<Inventory> Inventory { get; init; }

    /// <summary>The address at which buyers reach the host.</summary>
    public required Func<string> PublicAddress { get; init; }

    /// <summary>Asks for a look at all deliveries soon.</summary>
    public required Action Wake { get; init; }

    /// <summary>Who holds a GPU besides a delivery, for people; null: nobody.</summary>
    public Func<string, long, string?> HeldBy { get; set; } = (_, _) => null;

    /// <summary>Seconds of a reading.</summary>
    public int MeterSeconds { get; set; } = 60;

    /// <summary>The runner for a workload, or what to say to its buyer.</summary>
    public (IRunner? Runner, string Refusal) RunnerFor(ProviderRegistry.V1.Workload workload)
    {
        if (workload.Image.Length == 0)
            return Runners.FirstOrDefault(runner => runner.Name == "process") is { } process ? (process, "") : (null, "This node runs container images only: name one.");
        if (Inventory().IsSimulated) return (null, "This is a simulated node: it runs commands, and no container images.");
        return Runners.FirstOrDefault(runner => runner.Name != "process") is { } engine ? (engine, "") : (null, "This node has no container engine: it runs commands only.");
    }
}
