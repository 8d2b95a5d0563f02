using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Whether nodes can be believed, with who said so and why; the caller holds the agent's row and saves.</summary>
internal static class Standings
{
    /// <summary>Puts a node where it stands from now on.</summary>
    /// <param name="by">Who: <see cref="Notes.Exchange"/>, or a participant's id.</param>
    public static async Task Stand(
        this ProviderRegistryDb db, AgentRow agent, NodeStanding standing, string reason, string by, DateTimeOffset at, CancellationToken cancel)
    {
        var changed = agent.Standing != standing;
        (agent.Standing, agent.StandingReason, agent.StandingBy, agent.StandingTime) = (standing, reason, by, at);
        db.Note(agent.NodeId, at, "state", by, reason.Length == 0 ? $"{standing}." : $"{standing}: {reason}");
        if (changed) Measures.Stands(standing);
        if (!changed || standing != NodeStanding.Suspended) return;

        var node = await db.Nodes.AsNoTracking().Where(node => node.NodeId == agent.NodeId).Select(node => new { node.ProviderId, node.Name }).SingleAsync(cancel);
        await db.Announce(node.ProviderId, "node.suspended", new { agent.NodeId, node.Name, Reason = reason, By = by }, at, cancel);
    }

    /// <summary>Suspends a node for what honest hardware does not do; one that is suspended already only gets the signals noted.</summary>
    public static async Task Suspect(this ProviderRegistryDb db, AgentRow agent, IReadOnlyList<string> signals, DateTimeOffset at, CancellationToken cancel)
    {
        foreach (var signal in signals) db.Note(agent.NodeId, at, "fraud_signal", Notes.Exchange, signal);
        if (agent.Standing is NodeStanding.Unverified or NodeStanding.Verified)
            await db.Stand(agent, NodeStanding.Suspended, string.Join(' ', signals), Notes.Exchange, at, cancel);
    }
}
