using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Registers a node, or changes it: recorded and told to the engine, or refused.</summary>
public sealed record RegisterNode(
    Guid ProviderId, Guid RequestId, Guid NodeId, string Name, string Market, int GpuCount, string Location);

/// <summary>What came of it.</summary>
public abstract record RegisterNodeOutcome
{
    private RegisterNodeOutcome()
    {
    }

    /// <summary>The node as registered by this request, now or earlier.</summary>
    public sealed record Registered(NodeRequestRow Node) : RegisterNodeOutcome;

    /// <summary>Nothing changed.</summary>
    public sealed record Refused(NodeRefusal Reason) : RegisterNodeOutcome;
}

/// <summary>Whether providers may declare nodes that no agent has looked at.</summary>
public sealed record DeclaredNodes(bool Allowed);

/// <summary>Does it.</summary>
public sealed class RegisterNodeHandler(ProviderRegistryDb db, DeclaredNodes declared)
{
    /// <summary>Registers the node; a repetition returns the first outcome.</summary>
    public async Task<RegisterNodeOutcome> Handle(RegisterNode command, CancellationToken cancel)
    {
        // Load. The look-up by request is the fast path; the key of node_requests is the guard.
        if (await Earlier(command, cancel) is { } earlier) return earlier;

        // One that was declared while that was allowed can still be taken out.
        if (!declared.Allowed && command.GpuCount > 0) return new RegisterNodeOutcome.Refused(NodeRefusal.DeclaredNodesOff);
        if (!await db.Markets.AnyAsync(market => market.Market == command.Market, cancel))
            return new RegisterNodeOutcome.Refused(NodeRefusal.MarketUnknown);

        // The node's lock keeps its commands to the engine in the order of its changes. A refusal rolls all of it back.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var commandId = DerivedId.Of($"node {command.ProviderId} {command.RequestId}");
        var node = await AddOrLock(command, commandId, cancel);

        // Decide.
        if (NodeRules.Judge(node.ProviderId, node.Market, command.ProviderId, command.Market) is { } refusal)
            return new RegisterNodeOutcome.Refused(refusal);

        if (await db.Agents.AnyAsync(agent => agent.NodeId == command.NodeId, cancel))
            return new RegisterNodeOutcome.Refused(NodeRefusal.NodeHasAgent);

        // Save.
        (node.Name, node.GpuCount, node.Location) = (command.Name, command.GpuCount, command.Location);
        (node.CommandId, node.Refused) = (commandId, false);
        var registered = new NodeRequestRow
        {
            ProviderId = command.ProviderId,
            RequestId = command.RequestId,
            NodeId = command.NodeId,
            Name = command.Name,
            Market = command.Market,
            GpuCount = command.GpuCount,
            Location = command.Location,
            ReliabilityPpm = NodeRules.ReliabilityPpm(node.DeliveredGpuSeconds, node.SoldGpuSeconds),
        };
        db.NodeRequests.Add(registered);
        db.Command(commandId, Sellable(node));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException raced) when (raced.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancel);
            if (await Earlier(command, cancel) is { } first) return first;
            throw;
        }
        await transaction.CommitAsync(cancel);
        return new RegisterNodeOutcome.Registered(registered);
    }

    /// <summary>The command by which the engine learns what a node can sell.</summary>
    /// <param name="node">The node.</param>
    /// <param name="traits">What <see cref="AgentRow.ToldTraits"/> says; empty for a node without an agent.</param>
    internal static EngineCommand Sellable(NodeRow node, string traits = "") => new()
    {
        SetNode = new SetNode
        {
            NodeId = node.NodeId.ToString(),
            ProviderId = node.ProviderId.ToString(),
            Market = node.Market,
            GpuCount = node.GpuCount,
            Traits = TellEngine.Traits(traits),
        },
    };

    private async Task<RegisterNodeOutcome?> Earlier(RegisterNode command, CancellationToken cancel)
    {
        var earlier = await db.NodeRequests.AsNoTracking().SingleOrDefaultAsync(
            request => request.ProviderId == command.ProviderId && request.RequestId == command.RequestId, cancel);
        if (earlier is null) return null;
        var same = command == new RegisterNode(
            earlier.ProviderId, earlier.RequestId, earlier.NodeId, earlier.Name, earlier.Market, earlier.GpuCount, earlier.Location);
        return same ? new RegisterNodeOutcome.Registered(earlier) : new RegisterNodeOutcome.Refused(NodeRefusal.RequestIdReused);
    }

    private async Task<NodeRow> AddOrLock(RegisterNode command, Guid commandId, CancellationToken cancel)
    {
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO provider_registry.nodes
                (node_id, provider_id, market, name, gpu_count, location, sold_gpu_seconds, delivered_gpu_seconds, command_id, refused)
            VALUES ({command.NodeId}, {command.ProviderId}, {command.Market}, {command.Name}, {command.GpuCount}, {command.Location},
                0, 0, {commandId}, false)
            ON CONFLICT DO NOTHING
            """, cancel);
        return await db.LockNode(command.NodeId, cancel) ?? throw new InvalidOperationException($"Node {command.NodeId} is not there.");
    }
}
