using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Search;

/// <summary>All that is free at a moment, and the prices.</summary>
/// <param name="First">The slot in progress, or the next where too little is left of it.</param>
internal sealed record FreePicture(
    MarketGrid Grid, DateTimeOffset Now, DateTimeOffset First, IReadOnlyList<FreeNode> Nodes, IReadOnlyDictionary<string, LikelyPrice> Prices)
{
    /// <summary>How many slots ahead are known.</summary>
    public const int SlotCount = 336;

    private static readonly TimeSpan PriceSpan = TimeSpan.FromDays(7);

    /// <summary>Reads it.</summary>
    /// <param name="hosts">What is known of hosts; what is missing is added.</param>
    /// <param name="withDeclared">Whether nodes without an agent are in it.</param>
    public static async Task<FreePicture> Read(
        ProviderRegistryDb db, Dictionary<Guid, HostFigures> hosts, bool withDeclared, DateTimeOffset now, CancellationToken cancel)
    {
        var grid = MarketGrid.Of(await db.FeedStates.AsNoTracking().Select(state => state.Settings).SingleOrDefaultAsync(cancel) ?? []);
        var row = new SlotRow(grid, grid.FirstOffered(now), SlotCount);
        var nodes = await db.Nodes.AsNoTracking().Where(node => node.GpuCount > 0).ToListAsync(cancel);
        var agents = (await db.Agents.AsNoTracking()
            .Select(agent => new { agent.NodeId, agent.Country, agent.Zone, agent.Standing, agent.Simulated, agent.Nvlink, agent.LostTime }).ToListAsync(cancel))
            .ToDictionary(agent => agent.NodeId);
        if (!withDeclared) nodes = [.. nodes.Where(node => agents.ContainsKey(node.NodeId))];

        var unknown = agents.Keys.Where(id => !hosts.ContainsKey(id)).ToArray();
        foreach (var page in unknown.Chunk(2_000))
        {
            foreach (var agent in await db.Agents.AsNoTracking().Where(agent => page.Contains(agent.NodeId)).Select(agent => new { agent.NodeId, agent.Inventory }).ToListAsync(cancel))
                hosts[agent.NodeId] = HostFigures.Of(agent.Inventory);
        }
        var scores = await db.Scores(agents.Keys, now, cancel);
        var gpuCounts = await db.Gpus.AsNoTracking().Where(gpu => gpu.Present).GroupBy(gpu => gpu.NodeId)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancel);
        var policies = (await db.Policies.AsNoTracking().Select(policy => new { policy.NodeId, policy.Policy }).ToListAsync(cancel))
            .ToDictionary(policy => policy.NodeId, policy => NodePolicy.Parser.ParseFrom(policy.Policy));
        var windows = (await db.Maintenance.AsNoTracking().Where(window => !window.Cancelled && window.ToTime > now).ToListAsync(cancel))
            .ToLookup(window => window.NodeId, window => new Window(window.FromTime, window.ToTime));
        var sold = (await db.SoldLeases.AsNoTracking().Where(lease => lease.ToTime > now && lease.ResoldFromLeaseId == 0).ToListAsync(cancel))
            .ToLookup(lease => lease.NodeId, lease => new SoldPart(lease.OfferId, lease.GpuCount, lease.FromTime, lease.ToTime));
        var paid = !withDeclared ? null : (await db.Leases.AsNoTracking().Where(lease => lease.ToTime > now && lease.ResoldFromLeaseId == 0)
            .Select(lease => new { lease.NodeId, lease.GpuCount, lease.FromTime, lease.ToTime }).ToListAsync(cancel))
            .ToLookup(lease => lease.NodeId, lease => new SoldPart(0, lease.GpuCount, lease.FromTime, lease.ToTime));
        var offers = (await db.NodeOffers.AsNoTracking().Where(offer => offer.Open && offer.ToTime > now).ToListAsync(cancel))
            .ToLookup(offer => offer.NodeId, offer => new OpenOffer(
                offer.OfferId, offer.GpuCount, offer.FromTime, offer.ToTime, offer.ReserveMicrosPerGpuHour, offer.PromptReserveMicrosPerGpuHour, offer.RunSlotCountMin, offer.ByPolicy));
        var since = now - PriceSpan;
        var prices = (await db.SlotPrices.AsNoTracking().Where(price => price.SlotTime >= since).ToListAsync(cancel))
            .GroupBy(price => price.Market).ToDictionary(market => market.Key, market => new LikelyPrice(market.Select(price => (price.SlotTime, price.PriceMicrosPerGpuHour)), now));

        var found = new List<FreeNode>(nodes.Count);
        foreach (var node in nodes)
        {
            var own = offers[node.NodeId].ToList();
            if (agents.TryGetValue(node.NodeId, out var agent))
            {
                if (agent.LostTime is not null) continue;
                var policy = policies.GetValueOrDefault(node.NodeId);
                var away = windows[node.NodeId].Concat(policy?.KeepFree.Select(window => new Window(window.FromTime.ToDateTimeOffset(), window.ToTime.ToDateTimeOffset())) ?? []);
                var notice = policy is { ReclaimNoticeSeconds: > 0 } ? policy.ReclaimNoticeSeconds : (int)DeliveryRules.StandardReclaimNotice.TotalSeconds;
                found.Add(new FreeNode(
                    node.NodeId, node.Market, agent.Country, agent.Zone, Math.Max(node.GpuCount, gpuCounts.GetValueOrDefault(node.NodeId)), scores[node.NodeId].ScorePpm,
                    StateOf(agent.Standing), agent.Simulated, agent.Nvlink, notice, hosts.GetValueOrDefault(node.NodeId), Free(row, node.GpuCount, sold[node.NodeId], away), own));
            }
            else if (own.Count > 0)
            {
                // Nothing says of a declared node what is idle but what its provider offers.
                var free = Free(row, node.GpuCount, paid![node.NodeId], []);
                var offered = row.Sold(own.Select(offer => new SoldPart(0, offer.GpuCount, offer.From, offer.To)));
                for (var slot = 0; slot < free.Length; slot++) free[slot] = Math.Min(free[slot], offered[slot]);
                found.Add(new FreeNode(
                    node.NodeId, node.Market, "", "", node.GpuCount, NodeRules.ReliabilityPpm(node.DeliveredGpuSeconds, node.SoldGpuSeconds),
                    NodeState.Declared, null, null, null, null, free, own));
            }
        }
        return new FreePicture(grid, now, row.StartOf(0), found, prices);
    }

    private static int[] Free(SlotRow row, int gpuCount, IEnumerable<SoldPart> sold, IEnumerable<Window> away)
    {
        var free = row.Sold(sold);
        for (var slot = 0; slot < free.Length; slot++) free[slot] = Math.Max(0, gpuCount - free[slot]);
        foreach (var window in away)
        {
            var (from, to) = row.Span(window.From, window.To);
            for (var slot = from; slot < to; slot++) free[slot] = 0;
        }
        return free;
    }

    private static NodeState StateOf(NodeStanding standing) => standing switch
    {
        NodeStanding.Verified => NodeState.Verified,
        NodeStanding.Suspended => NodeState.Suspended,
        NodeStanding.Retired => NodeState.Retired,
        _ => NodeState.Unverified,
    };
}
