using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Asks for a self-test of a node.</summary>
/// <param name="ProviderId">Only if it is this provider's; null: anyone's.</param>
public sealed record TestNode(Guid NodeId, Guid? ProviderId);

/// <summary>What came of it.</summary>
public abstract record TestNodeOutcome
{
    private TestNodeOutcome()
    {
    }

    /// <summary>The test that waits to be made: this one, or one that was asked for before.</summary>
    public sealed record Asked(SelfTestRow Test) : TestNodeOutcome;

    /// <summary>There is no such node, or it is another provider's.</summary>
    public sealed record NotFound : TestNodeOutcome;

    /// <summary>It has no agent, or is retired: nobody can make a test.</summary>
    public sealed record NoAgent : TestNodeOutcome;
}

/// <summary>Does it.</summary>
public sealed class TestNodeHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>Asks, unless a test waits already.</summary>
    public async Task<TestNodeOutcome> Handle(TestNode command, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (!await db.Nodes.AnyAsync(node => node.NodeId == command.NodeId && (command.ProviderId == null || node.ProviderId == command.ProviderId), cancel))
            return new TestNodeOutcome.NotFound();
        if (await db.LockAgent(command.NodeId, cancel) is not { Standing: not NodeStanding.Retired }) return new TestNodeOutcome.NoAgent();
        var waiting = await db.SelfTests.AsNoTracking().Where(test => test.NodeId == command.NodeId && test.DoneTime == null).OrderBy(test => test.AskedTime).FirstOrDefaultAsync(cancel);
        if (waiting is not null) return new TestNodeOutcome.Asked(waiting);

        var test = db.Ask(command.NodeId, "asked", clock.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        await db.WantAnew([command.NodeId], cancel);
        await transaction.CommitAsync(cancel);
        return new TestNodeOutcome.Asked(test);
    }
}
