using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>A node that introduces itself, and what it is answered.</summary>
internal sealed record Greeting(NodeLink Link, AgentHello Hello)
{
    /// <summary>The last of its records that is kept.</summary>
    public long LastRecordNumber { get; set; }

    /// <summary>What is wanted of it; null: it was dismissed.</summary>
    public DesiredState? Desired { get; set; }
}

/// <summary>Takes what nodes say first on their streams, many at a time: after a start of the registry all of them come at once.</summary>
internal sealed class Greetings : BackgroundService
{
    private const int Most = 200;

    private readonly Batches<Greeting> _batches;
    private readonly IServiceScopeFactory _scopes;
    private readonly Pulses _pulses;
    private readonly NodesChanged _changed;
    private readonly Secrets _secrets;
    private readonly TimeProvider _clock;

    public Greetings(IServiceScopeFactory scopes, Pulses pulses, NodesChanged changed, Secrets secrets, TimeProvider clock)
    {
        (_scopes, _pulses, _changed, _secrets, _clock) = (scopes, pulses, changed, secrets, clock);
        _batches = new Batches<Greeting>(Most, Take);
    }

    /// <summary>Takes a greeting; when it is done the answer stands in it.</summary>
    public Task Greet(Greeting greeting) => _batches.Add(greeting);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _batches.Run(stoppingToken);

    private async Task Take(IReadOnlyList<Greeting> greetings, CancellationToken cancel)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var ids = greetings.Select(greeting => greeting.Link.NodeId).Distinct().Order().ToArray();
        var agents = (await db.LockAgents(ids, cancel)).ToDictionary(agent => agent.NodeId);
        var gpus = (await db.Gpus.Where(gpu => ids.Contains(gpu.NodeId)).ToListAsync(cancel)).GroupBy(gpu => gpu.NodeId).ToDictionary(group => group.Key, group => group.ToList());
        var now = _clock.GetUtcNow();

        var (changed, back) = (new Dictionary<Guid, bool>(), new List<AgentRow>());
        foreach (var greeting in greetings)
        {
            var link = greeting.Link;
            if (!agents.TryGetValue(link.NodeId, out var agent)) link.Dismiss("KEY_UNKNOWN", "There is no such node here: enrol the host anew.");
            else if (agent.Standing == NodeStanding.Retired) link.Dismiss("RETIRED", $"The node was retired: {agent.StandingReason}");
            else if (await Take(db, agent, gpus.GetValueOrDefault(agent.NodeId) ?? [], greeting, now, cancel)) changed[agent.NodeId] = true;
        }
        foreach (var agent in agents.Values.Where(agent => agent.LostTime is not null && agent.Standing != NodeStanding.Retired))
        {
            back.Add(agent);
            changed.TryAdd(agent.NodeId, false);
        }
        await db.ComeBack(back, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        foreach (var agent in back)
            if (_pulses.Find(agent.NodeId) is { } pulse) pulse.Lost = false;
        foreach (var (nodeId, others) in changed) _changed.Mark(nodeId, others);

        // What is wanted is read after the commit, with a revision that is not newer than it.
        var desired = await db.LoadDesired(ids, _secrets, cancel);
        foreach (var greeting in greetings)
        {
            if (greeting.Link.Dismissed || !desired.TryGetValue(greeting.Link.NodeId, out var state)) continue;
            greeting.LastRecordNumber = agents[greeting.Link.NodeId].LastRecordNumber;
            greeting.Desired = state;
        }
    }

    private static async Task<bool> Take(ProviderRegistryDb db, AgentRow agent, List<GpuRow> gpus, Greeting greeting, DateTimeOffset now, CancellationToken cancel)
    {
        var hello = greeting.Hello;
        if (agent.BootId.Length == 0) db.Note(agent.NodeId, now, "online", "agent", $"It was heard of for the first time (agent {hello.AgentVersion}).");
        else if (agent.BootId != hello.BootId && agent.LostTime is null) db.Note(agent.NodeId, now, "online", "agent", "The host was started anew.");
        if (agent.AgentVersion != hello.AgentVersion) agent.AgentVersion = hello.AgentVersion;
        if (agent.BootId != hello.BootId) agent.BootId = hello.BootId;

        var different = await db.TakeInventoryOf(agent, gpus, hello.Inventory, now, cancel);
        greeting.Link.Know(gpus.Where(gpu => gpu.Present).Select(gpu => (gpu.GpuIndex, new GpuNow(gpu.Uuid, gpu.Healthy, gpu.Trouble, gpu.OwnerSince is not null))));
        return different;
    }
}
