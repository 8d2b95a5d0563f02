using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>A host that holds a token and a key asks to become a node; the key is proven and the inventory well-formed.</summary>
public sealed record Enrol(string Token, byte[] PublicKey, NodeInventory Inventory, string AgentVersion);

/// <summary>What came of it.</summary>
public abstract record EnrolOutcome
{
    private EnrolOutcome()
    {
    }

    /// <summary>The node, new or as it was made by the same key.</summary>
    public sealed record Enrolled(Guid NodeId, string Market, string Name) : EnrolOutcome;

    /// <summary>The token is unknown, used by another key, or past its time.</summary>
    public sealed record TokenNotValid : EnrolOutcome;

    /// <summary>What the driver reports is no class that is traded.</summary>
    public sealed record ClassUnknown(string Why) : EnrolOutcome;

    /// <summary>The class is not traded in that region.</summary>
    public sealed record MarketUnknown(string Market) : EnrolOutcome;

    /// <summary>An inventory file does not stand in a market for real GPUs.</summary>
    public sealed record SimulatedInRealMarket(string Market) : EnrolOutcome;
}

/// <summary>Does it.</summary>
public sealed class EnrolHandler(ProviderRegistryDb db, ServiceOptions options, NodesChanged changed, TimeProvider clock)
{
    /// <summary>Makes the node, and asks for its first self-test.</summary>
    public async Task<EnrolOutcome> Handle(Enrol command, CancellationToken cancel)
    {
        // Load. The token's lock decides between two hosts with one token.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var hash = EnrolmentToken.Hash(command.Token);
        var token = await db.EnrolmentTokens.FromSql($"SELECT * FROM provider_registry.enrolment_tokens WHERE token_hash = {hash} FOR UPDATE").SingleOrDefaultAsync(cancel);
        var now = clock.GetUtcNow();
        if (token is null) return new EnrolOutcome.TokenNotValid();
        if (token.NodeId is { } made) return await Again(made, command.PublicKey, cancel);
        if (token.ExpiresTime <= now) return new EnrolOutcome.TokenNotValid();

        // Decide.
        var decision = command.Inventory.Class();
        if (decision.Class is not { } productClass) return new EnrolOutcome.ClassUnknown(decision.Reason);
        var market = Regions.Market(productClass.Name, token.Region);
        if (!await db.Markets.AnyAsync(known => known.Market == market, cancel)) return new EnrolOutcome.MarketUnknown(market);
        if (command.Inventory.IsSimulated() && !options.Simulated && !Regions.IsForSimulated(token.Region)) return new EnrolOutcome.SimulatedInRealMarket(market);

        // Save.
        var nodeId = Guid.CreateVersion7(now);
        var name = token.Name.Length > 0 ? token.Name : $"{productClass.Name} {nodeId.ToString()[^6..]}";
        token.NodeId = nodeId;
        Add(command, token, nodeId, name, market, productClass.Name, now);
        db.Ask(nodeId, "enrolment", now);
        await db.SaveChangesAsync(cancel);
        await db.WantAnew([nodeId], cancel);
        await transaction.CommitAsync(cancel);
        changed.Mark(nodeId, gpus: true);
        return new EnrolOutcome.Enrolled(nodeId, market, name);
    }

    private async Task<EnrolOutcome> Again(Guid nodeId, byte[] publicKey, CancellationToken cancel)
    {
        var agent = await db.Agents.AsNoTracking().SingleAsync(agent => agent.NodeId == nodeId, cancel);
        if (!agent.PublicKey.AsSpan().SequenceEqual(publicKey)) return new EnrolOutcome.TokenNotValid();
        var node = await db.Nodes.AsNoTracking().SingleAsync(node => node.NodeId == nodeId, cancel);
        return new EnrolOutcome.Enrolled(nodeId, node.Market, node.Name);
    }

    private void Add(Enrol command, EnrolmentTokenRow token, Guid nodeId, string name, string market, string productClass, DateTimeOffset now)
    {
        db.Nodes.Add(new NodeRow
        {
            NodeId = nodeId,
            ProviderId = token.ProviderId,
            Market = market,
            Name = name,
            GpuCount = 0,
            Location = token.Location,
            CommandId = DerivedId.Of($"node enrolled {nodeId}"),
        });
        db.Agents.Add(new AgentRow
        {
            NodeId = nodeId,
            PublicKey = command.PublicKey,
            Simulated = command.Inventory.IsSimulated(),
            Region = token.Region,
            Country = token.Country,
            Zone = Zones.Of(token.Country),
            ProductClass = productClass,
            Standing = NodeStanding.Unverified,
            StandingReason = "It was enrolled and has not passed a self-test yet.",
            StandingBy = Notes.Exchange,
            StandingTime = now,
            AgentVersion = command.AgentVersion,
            Inventory = command.Inventory.ToByteArray(),
            Nvlink = command.Inventory.HasNvlink(),
            LastSeenTime = now,
            WeightedTime = now,
        });
        db.Gpus.AddRange(command.Inventory.Gpus.Select(gpu => gpu.ToRow(nodeId)));
        var what = command.Inventory.IsSimulated() ? "simulated by an inventory file" : $"driver {command.Inventory.DriverVersion}";
        db.Note(nodeId, now, "enrolled", "agent", $"{command.Inventory.Gpus.Count} x {productClass}, {what}, market {market}.");
    }
}
