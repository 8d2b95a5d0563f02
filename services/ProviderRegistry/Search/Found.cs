using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Filters;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.ProviderRegistry.Search;

/// <summary>What is free of a node in the hours asked for, as filters and answers see it.</summary>
internal sealed class Found
{
    private readonly FreeNode _node;
    private readonly int _free;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;
    private readonly long? _reserve;
    private readonly long? _price;
    private readonly long? _likely;

    private Found(FreeNode node, int free, DateTimeOffset from, DateTimeOffset to, long? reserve, long? price, long? likely) =>
        (_node, _free, _from, _to, _reserve, _price, _likely) = (node, free, from, to, reserve, price, likely);

    /// <summary>The node's id.</summary>
    public Guid NodeId => _node.NodeId;

    /// <summary>What a node has in so many slots from one on; null: nothing is free in all of them.</summary>
    public static Found? In(FreePicture picture, FreeNode node, int first, IReadOnlyList<DateTimeOffset> slots)
    {
        var free = int.MaxValue;
        for (var slot = first; slot < first + slots.Count; slot++) free = Math.Min(free, node.Free[slot]);
        if (free <= 0) return null;

        // As far as so many are free without a gap, to both sides.
        var (from, to) = (first, first + slots.Count);
        while (from > 0 && node.Free[from - 1] >= free) from--;
        while (to < node.Free.Length && node.Free[to] >= free) to++;

        var end = slots[^1] + picture.Grid.Slot;
        long? reserve = null;
        foreach (var offer in node.Offers)
            if (offer.From < end && offer.To > slots[0]) reserve = Math.Min(reserve ?? long.MaxValue, offer.ReserveMicros);
        var prices = picture.Prices.GetValueOrDefault(node.Market);
        return new Found(
            node, free, picture.First + (from * picture.Grid.Slot), picture.First + (to * picture.Grid.Slot), reserve,
            prices?.Last(slots[0]), prices is null ? reserve : prices.Mean(slots, reserve));
    }

    /// <summary>What it has in a field of the filter language.</summary>
    public FilterValue Value(string field) => field switch
    {
        "market" => FilterValue.Of(_node.Market),
        "class" => FilterValue.Of(_node.ProductClass),
        "region" => FilterValue.Of(_node.Region),
        "country" => FilterValue.Of(_node.Country),
        "zone" => FilterValue.Of(_node.Zone),
        "gpus" => FilterValue.Of(_free),
        "node_gpus" => FilterValue.Of(_node.GpuCount),
        "memory" => FilterValue.Of(_node.Host?.GpuMemoryBytes),
        "price" => FilterValue.Of(_price),
        "reserve" => FilterValue.Of(_reserve),
        "likely" => FilterValue.Of(_likely),
        "reliability" => FilterValue.Of(_node.ReliabilityPpm),
        "verified" => FilterValue.Of(_node.State == NodeState.Verified),
        "simulated" => _node.Simulated is { } simulated ? FilterValue.Of(simulated) : FilterValue.Unknown,
        "nvlink" => _node.Nvlink is { } nvlink ? FilterValue.Of(nvlink) : FilterValue.Unknown,
        "cpus" => FilterValue.Of(_node.Host?.CpuCount),
        "ram" => FilterValue.Of(_node.Host?.MemoryBytes),
        "disk" => FilterValue.Of(_node.Host?.DiskFreeBytes),
        "network" => FilterValue.Of(_node.Host is { NetworkMbps: > 0 } host ? host.NetworkMbps : null),
        "reclaim" => FilterValue.Of(_node.ReclaimSeconds),
        "runner" => _node.Host is { } with ? FilterValue.Of(with.Runners) : FilterValue.Unknown,
        "free_hours" => FilterValue.Of((long)(_to - _from).TotalHours),
        "node" => FilterValue.Of(_node.NodeId.ToString()),
        _ => FilterValue.Unknown,
    };

    public Capacity ToProto()
    {
        var found = new Capacity
        {
            NodeId = _node.NodeId.ToString(),
            Market = _node.Market,
            ProductClass = _node.ProductClass,
            Region = _node.Region,
            Country = _node.Country,
            Zone = _node.Zone,
            GpuCount = _free,
            NodeGpuCount = _node.GpuCount,
            FreeFromTime = _from.ToTimestamp(),
            FreeToTime = _to.ToTimestamp(),
            ReliabilityPpm = _node.ReliabilityPpm,
            State = _node.State,
            Simulated = _node.Simulated ?? false,
            Nvlink = _node.Nvlink ?? false,
            GpuMemoryBytes = _node.Host?.GpuMemoryBytes ?? 0,
            CpuCount = _node.Host?.CpuCount ?? 0,
            MemoryBytes = _node.Host?.MemoryBytes ?? 0,
            DiskFreeBytes = _node.Host?.DiskFreeBytes ?? 0,
            NetworkMbps = _node.Host?.NetworkMbps ?? 0,
            ReclaimNoticeSeconds = _node.ReclaimSeconds ?? 0,
            Runners = { _node.Host?.Runners ?? [] },
        };
        if (_reserve is { } reserve) found.ReserveMicrosPerGpuHour = reserve;
        if (_price is { } price) found.PriceMicrosPerGpuHour = price;
        if (_likely is { } likely) found.LikelyPriceMicrosPerGpuHour = likely;
        return found;
    }
}
