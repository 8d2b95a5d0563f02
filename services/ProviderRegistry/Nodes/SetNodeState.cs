using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Puts a node into another state.</summary>
/// <param name="By">The participant who does it.</param>
/// <param name="AsOperator">Whether as the operator; otherwise as its provider.</param>
public sealed record SetNodeState(Guid NodeId, NodeStanding Standing, string Reason, Guid By, bool AsOperator);

/// <summary>What came of it, in the order it is checked.</summary>
public enum SetNodeStateOutcome
{
    /// <summary>Done, or it was so already.</summary>
    Done,

    /// <summary>There is no such node, or it is another provider's.</summary>
    NotFound,

    /// <summary>It was declared: it is taken out by registering it with no GPUs.</summary>
    NoAgent,

    /// <summary>Only the operator does that.</summary>
    OperatorOnly,

    /// <summary>A retired node stays retired.</summary>
    IsRetired,

    /// <summary>What is not suspended cannot be lifted.</summary>
    NotSuspended,

    /// <summary>It has leases that are not over.</summary>
    HasLeases,
}

/// <summary>Does it.</summary>
public sealed class SetNodeStateHandler(ProviderRegistryDb db, NodesChanged changed, Pulses pulses, TimeProvider clock)
{
    /// <summary>Sets the state; a lifted suspension asks for a new self-test.</summary>
    public async Task<SetNodeStateOutcome> Handle(SetNodeState command, CancellationToken cancel)
    {
        // Load.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var node = await db.LockNode(command.NodeId, cancel);
        if (node is null || (!command.AsOperator && node.ProviderId != command.By)) return SetNodeStateOutcome.NotFound;
        if (await db.LockAgent(command.NodeId, cancel) is not { } agent) return SetNodeStateOutcome.NoAgent;
        var now = clock.GetUtcNow();
        var leases = await db.Leases.AnyAsync(
            lease => lease.NodeId == node.NodeId && lease.ToTime > now && lease.State != LeaseState.Ended && lease.State != LeaseState.Failed, cancel);

        // Decide.
        if (agent.Standing == command.Standing) return SetNodeStateOutcome.Done;
        if (!command.AsOperator && command.Standing != NodeStanding.Retired) return SetNodeStateOutcome.OperatorOnly;
        if (agent.Standing == NodeStanding.Retired) return SetNodeStateOutcome.IsRetired;
        if (command.Standing == NodeStanding.Unverified && agent.Standing != NodeStanding.Suspended) return SetNodeStateOutcome.NotSuspended;
        if (command.Standing == NodeStanding.Retired && leases) return SetNodeStateOutcome.HasLeases;

        // Save.
        await db.Stand(agent, command.Standing, command.Reason, command.By.ToString(), now, cancel);
        if (command.Standing == NodeStanding.Unverified && !await db.SelfTests.AnyAsync(test => test.NodeId == node.NodeId && test.DoneTime == null, cancel))
            db.Ask(node.NodeId, "asked", now);
        if (command.AsOperator)
            db.Tell(OperatorActed.Of(command.By, $"node {command.Standing.ToString().ToLowerInvariant()}", new { node_id = node.NodeId, reason = command.Reason }));
        await db.SaveChangesAsync(cancel);
        await db.WantAnew([node.NodeId], cancel);
        await transaction.CommitAsync(cancel);
        changed.Mark(node.NodeId, gpus: true);
        if (command.Standing == NodeStanding.Retired) pulses.Find(node.NodeId)?.Link?.Dismiss("RETIRED", $"The node was retired: {command.Reason}");
        return SetNodeStateOutcome.Done;
    }
}
