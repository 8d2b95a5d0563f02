using System.Text.Json;
using System.Text.Json.Serialization;
using ComputeExchange.Agent.Logs;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>What the agent must not forget of a delivery when it ends itself: kept in a file of its own that only the agent's user can read.</summary>
public sealed class DeliveryState
{
    public long DeliveryId { get; set; }

    /// <summary>What the exchange wants, as it was told last; the workload's secrets are in it until the end.</summary>
    public byte[] Wanted { get; set; } = [];

    public DeliveryPhase Phase { get; set; } = DeliveryPhase.Scheduled;

    /// <summary>What it is about to become; unspecified while it goes on.</summary>
    public DeliveryPhase Closing { get; set; }

    public DeliveryCloseReason Reason { get; set; }

    public string Message { get; set; } = "";

    /// <summary>When the agent heard of it first, by the exchange's clock.</summary>
    public DateTimeOffset KnownTime { get; set; }

    /// <summary>Since when the GPUs are the buyer's.</summary>
    public DateTimeOffset? ActiveTime { get; set; }

    /// <summary>Until when readings are written.</summary>
    public DateTimeOffset? MeteredTime { get; set; }

    /// <summary>The start of the host in which this was written.</summary>
    public string BootId { get; set; } = "";

    /// <summary>Which runner runs it.</summary>
    public string Runner { get; set; } = "";

    /// <summary>Runs of workloads so far.</summary>
    public int Run { get; set; }

    /// <summary>Which workload on which GPUs the last run is; empty: none.</summary>
    public string RunKey { get; set; } = "";

    /// <summary>Whether the last run was certainly started.</summary>
    public bool RunStarted { get; set; }

    /// <summary>Whether the last run is over.</summary>
    public bool RunOver { get; set; }

    /// <summary>Whether the workload was told that the end comes.</summary>
    public bool EndSignalled { get; set; }

    public int? ExitCode { get; set; }

    public string SshEndpoint { get; set; } = "";

    public int MetadataPort { get; set; }

    /// <summary>All values that may not be shown.</summary>
    public List<string> Secrets { get; set; } = [];

    /// <summary>Until where the exchange has kept what was printed.</summary>
    public LogPlace Log { get; set; }

    /// <summary>Whether nothing of it runs any more.</summary>
    public bool Stopped { get; set; }

    /// <summary>Whether all of it was removed.</summary>
    public bool Removed { get; set; }

    /// <summary>The last report that was written.</summary>
    public byte[] Told { get; set; } = [];

    /// <summary>Whether everything is done.</summary>
    [JsonIgnore]
    public bool IsOver => Removed && (Phase is DeliveryPhase.Ended or DeliveryPhase.Failed);

    /// <summary>The states in a folder; a file that cannot be read is none, and its room is removed as a stranger's.</summary>
    public static IEnumerable<DeliveryState> All(StateFolder folder) =>
        Directory.EnumerateFiles(folder.Deliveries, "*.json").Select(Read).OfType<DeliveryState>().OrderBy(state => state.DeliveryId).ToList();

    /// <summary>The state as it is written.</summary>
    public byte[] Written() => JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.DeliveryState);

    private static DeliveryState? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StateJson.Default.DeliveryState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
