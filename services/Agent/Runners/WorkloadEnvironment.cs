using System.Globalization;

namespace ComputeExchange.Agent.Runners;

/// <summary>The environment of a workload: what its buyer gave, and what the agent adds.</summary>
public static class WorkloadEnvironment
{
    /// <summary>By this name a buyer says which signal the workload gets when an interruption is announced, for example USR1; without it, none.</summary>
    public const string NoticeSignal = "CX_NOTICE_SIGNAL";

    /// <summary>The names with their values; what the agent says wins over what was given.</summary>
    /// <param name="room">The room.</param>
    /// <param name="home">Its home as the workload sees it; null: the image's own.</param>
    /// <param name="socket">The metadata socket as the workload sees it.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(Room room, string? home, string socket)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in room.Workload.Environment) all[name] = value;
        if (home is not null) all["HOME"] = home;
        var gpus = string.Join(',', room.GpuUuids);
        all["CUDA_VISIBLE_DEVICES"] = gpus;
        all["NVIDIA_VISIBLE_DEVICES"] = gpus;
        all["CX_DELIVERY_ID"] = room.DeliveryId.ToString(CultureInfo.InvariantCulture);
        if (room.MetadataPort > 0) all["CX_METADATA_URL"] = $"http://{room.MetadataAddress}:{room.MetadataPort}";
        all["CX_METADATA_SOCKET"] = socket;
        return [.. all];
    }
}
