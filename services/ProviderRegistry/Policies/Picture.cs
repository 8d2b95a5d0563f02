using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>What is known of some nodes at a moment: their GPUs, what of them is sold and offered, and whether the engine has been heard on all that was asked.</summary>
internal sealed class Picture
{
    private readonly Dictionary<Guid, AgentRow> _agents;
    private readonly ILookup<Guid, GpuRow> _gpus;
    private readonly Dictionary<Guid, NodeRow> _nodes;
    private readonly Dictionary<Guid, NodeScore> _scores;
    private readonly HashSet<Guid> _underWay;

    private Picture(
        MarketGrid grid, List<NodeRow> nodes, List<AgentRow> agents, List<GpuRow> gpus, List<SoldLeaseRow> sold, List<NodeOfferRow> offers,
        List<MaintenanceRow> maintenance, Dictionary<Guid, NodeScore> scores, HashSet<Guid> underWay)
    {
        Grid = grid;
        _nodes = nodes.ToDictionary(node => node.NodeId);
        Providers = nodes.ToDictionary(node => node.NodeId, node => node.ProviderId);
        _agents = agents.ToDictionary(agent => agent.NodeId);
        _gpus = gpus.ToLookup(gpu => gpu.NodeId);
        Sold = sold.ToLookup(lease => lease.NodeId, lease => new SoldPart(lease.OfferId, lease.GpuCount, lease.FromTime, lease.ToTime));
        Offers = offers.ToLookup(offer => offer.NodeId, offer => new OpenOffer(
            offer.OfferId, offer.GpuCount, offer.FromTime, offer.ToTime, offer.ReserveMicrosPerGpuHour, offer.PromptReserveMicrosPerGpuHour,
            Math.Max(1, offer.RunSlotCountMin), offer.ByPolicy));
        Maintenance = maintenance.ToLookup(window => window.NodeId);
        _scores = scores;
        _underWay = underWay;
    }

    public MarketGrid Grid { get; }

    public Dictionary<Guid, Guid> Providers { get; }

    /// <summary>What is sold of each node's own GPUs; what buyers sold on is no part of it.</summary>
    public ILookup<Guid, SoldPart> Sold { get; }

    public ILookup<Guid, OpenOffer> Offers { get; }

    public ILookup<Guid, MaintenanceRow> Maintenance { get; }

    public static async Task<Picture> Of(ProviderRegistryDb db, Guid[] nodeIds, DateTimeOffset now, CancellationToken cancel)
    {
        // First what was asked, then what is known: what comes between is known too much, never too little.
        var applied = await db.FeedStates.AsNoTracking().Select(state => state.AppliedSequence).SingleOrDefaultAsync(cancel);
        var underWay = await (
            from policy in db.Policies.AsNoTracking()
            where nodeIds.Contains(policy.NodeId) && policy.LastCommandId != null
            join command in db.EngineCommands.AsNoTracking() on policy.LastCommandId equals command.CommandId
            where command.Sequence == null || command.Sequence > applied
            select policy.NodeId).ToListAsync(cancel);
        return new Picture(
            await db.Grid(cancel),
            await db.Nodes.AsNoTracking().Where(node => nodeIds.Contains(node.NodeId)).ToListAsync(cancel),
            await db.Agents.AsNoTracking().Where(agent => nodeIds.Contains(agent.NodeId)).ToListAsync(cancel),
            await db.Gpus.AsNoTracking().Where(gpu => nodeIds.Contains(gpu.NodeId) && gpu.Present).ToListAsync(cancel),
            await db.SoldLeases.AsNoTracking().Where(lease => nodeIds.Contains(lease.NodeId) && lease.ToTime > now && lease.ResoldFromLeaseId == 0).ToListAsync(cancel),
            await db.NodeOffers.AsNoTracking().Where(offer => nodeIds.Contains(offer.NodeId) && offer.Open).ToListAsync(cancel),
            await db.Maintenance.AsNoTracking().Where(window => nodeIds.Contains(window.NodeId) && !window.Cancelled && window.ToTime > now).ToListAsync(cancel),
            await db.Scores(nodeIds, now, cancel),
            [.. underWay]);
    }

    /// <summary>Whether the engine has been heard on everything that was asked of it for a node.</summary>
    public bool IsSettled(PolicyRow policy) => _agents.ContainsKey(policy.NodeId) && _nodes.ContainsKey(policy.NodeId) && !_underWay.Contains(policy.NodeId);

    /// <summary>GPUs of a node that its policy can sell, those that are sold included; and whether it sells anything now.</summary>
    public (int Count, bool Sells) Gpus(Guid nodeId, NodePolicy policy, DateTimeOffset now)
    {
        var (agent, node) = (_agents[nodeId], _nodes[nodeId]);
        if (agent.Standing != NodeStanding.Verified || agent.LostTime is not null || _scores[nodeId].ScorePpm < NodeScore.SellsFromPpm) return (0, false);
        var whole = _gpus[nodeId].Where(gpu => gpu.Healthy && !gpu.Mig).ToList();

        // Those that the owner uses, or used a moment ago, are the owner's; what the policy keeps may be the same ones.
        var since = now - TimeSpan.FromMinutes(policy.IdleMinutes);
        var owners = whole.Count(gpu => gpu.OwnerSince is not null || gpu.OwnerLastTime > since);
        return (Math.Min(node.GpuCount, whole.Count - Math.Max(policy.KeepGpuCount, owners)), true);
    }
}
