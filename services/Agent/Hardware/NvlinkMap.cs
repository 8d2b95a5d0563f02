using ComputeExchange.Agent.Hardware.Nvidia;

namespace ComputeExchange.Agent.Hardware;

/// <summary>Which GPUs reach which over NVLink.</summary>
static class NvlinkMap
{
    /// <summary>Follows the links of all GPUs: to each other directly, or to switches, which join all that are linked to one.</summary>
    public static void Join(NvmlLibrary nvml, IReadOnlyList<NvmlHardware.Known> gpus)
    {
        var byAddress = gpus.Where(known => known.Gpu.PciBusId.Length > 0).ToDictionary(known => known.Gpu.PciBusId, known => known.Gpu.Index, StringComparer.OrdinalIgnoreCase);
        var links = gpus.Select(known => Follow(nvml, known, byAddress)).ToList();
        var switched = links.Where(link => link.IsSwitched).Select(link => link.Of.Gpu.Index).ToList();
        foreach (var link in links)
            link.Of.Gpu = link.Of.Gpu with
            {
                NvlinkCount = link.Count,
                NvlinkPeers = [.. link.Peers.Union(link.IsSwitched ? switched : []).Where(index => index != link.Of.Gpu.Index).Order()],
            };
    }

    private static Links Follow(NvmlLibrary nvml, NvmlHardware.Known known, Dictionary<string, int> byAddress)
    {
        var links = new Links(known);
        for (var link = 0u; link < NvmlLibrary.LinksMax; link++)
        {
            if (!nvml.IsLinkUp(known.Device, link)) continue;
            links.Count++;
            if (nvml.IsLinkToSwitch(known.Device, link)) links.IsSwitched = true;
            else if (nvml.LinkRemote(known.Device, link) is { Length: > 0 } remote)
            {
                // What is no GPU of this host is a switch: older drivers do not say so.
                if (byAddress.TryGetValue(remote, out var peer)) links.Peers.Add(peer);
                else links.IsSwitched = true;
            }
        }
        return links;
    }

    private sealed class Links(NvmlHardware.Known of)
    {
        public NvmlHardware.Known Of { get; } = of;

        public HashSet<int> Peers { get; } = [];

        public int Count { get; set; }

        public bool IsSwitched { get; set; }
    }
}
