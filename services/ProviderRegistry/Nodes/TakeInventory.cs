using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Delivery;
using Google.Protobuf;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Takes what a node says now that it has; the caller holds the agent's row and saves.</summary>
internal static class TakeInventory
{
    /// <summary>Writes what is different, notes it, and suspends the node where it speaks of fraud.</summary>
    /// <param name="rows">All GPUs the node ever had; new ones are added to it.</param>
    /// <returns>Whether anything was different.</returns>
    public static async Task<bool> TakeInventoryOf(
        this ProviderRegistryDb db, AgentRow agent, List<GpuRow> rows, NodeInventory inventory, DateTimeOffset at, CancellationToken cancel)
    {
        var bytes = inventory.ToByteArray();
        if (bytes.AsSpan().SequenceEqual(agent.Inventory)) return false;

        var change = InventoryChange.Between([.. rows.Select(row => row.Known())], inventory.Known());
        var signals = change.Signals.ToList();
        var decision = inventory.Class();
        if (inventory.IsSimulated() != agent.Simulated)
            signals.Add(agent.Simulated ? "It was an inventory file and says now that it is hardware." : "It was hardware and is an inventory file now.");
        else if (decision.IsMismatch) signals.Add(decision.Reason);
        else if (decision.Class is { } now && now.Name != agent.ProductClass)
            signals.Add($"It is sold as {agent.ProductClass} and what its driver reports is {now.Name}.");

        var known = rows.ToDictionary(row => row.Uuid, StringComparer.Ordinal);
        foreach (var gpu in inventory.Gpus)
        {
            if (known.Remove(gpu.Uuid, out var row)) row.Take(gpu);
            else
            {
                row = gpu.ToRow(agent.NodeId);
                db.Gpus.Add(row);
                rows.Add(row);
            }
        }
        foreach (var gone in known.Values) gone.Present = false;
        (agent.Inventory, agent.Nvlink) = (bytes, inventory.HasNvlink());
        foreach (var sentence in change.Sentences) db.Note(agent.NodeId, at, "inventory_changed", "agent", sentence);
        if (signals.Count > 0) await db.Suspect(agent, signals, at, cancel);
        return true;
    }
}
