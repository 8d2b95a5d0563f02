using System.Buffers.Binary;
using System.Security.Cryptography;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Delivery;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using WireReport = ComputeExchange.ProviderRegistry.V1.SelfTestReport;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Self-tests of nodes: asked for, and judged when the agent has made them.</summary>
internal static class SelfTests
{
    /// <summary>Asks for a test; the caller saves and wants the node anew.</summary>
    public static SelfTestRow Ask(this ProviderRegistryDb db, Guid nodeId, string occasion, DateTimeOffset at)
    {
        var test = new SelfTestRow
        {
            TestId = Guid.CreateVersion7(at),
            NodeId = nodeId,
            AskedTime = at,
            Occasion = occasion,
            Seed = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long))),
        };
        db.SelfTests.Add(test);
        return test;
    }

    /// <summary>The seed as the check takes it.</summary>
    public static ulong SeedOf(SelfTestRow test) => unchecked((ulong)test.Seed);

    /// <summary>Takes what a node's test found, once; the caller holds the agent's row, saves, and wants the node anew.</summary>
    /// <returns>Whether there was such a test that was not done yet.</returns>
    public static async Task<bool> TakeTest(this ProviderRegistryDb db, AgentRow agent, WireReport report, DateTimeOffset at, CancellationToken cancel)
    {
        if (!Guid.TryParse(report.TestId, out var testId)) return false;
        var test = await db.SelfTests.SingleOrDefaultAsync(test => test.TestId == testId && test.NodeId == agent.NodeId, cancel);
        if (test is null || test.DoneTime is not null) return false;

        var figures = Figures(report);
        var inventory = NodeInventory.Parser.ParseFrom(agent.Inventory);
        var known = inventory.Gpus.Select(gpu => gpu.Uuid).ToHashSet(StringComparer.Ordinal);
        var tested = figures.Gpus.Select(gpu => gpu.Uuid).Where(known.Contains).ToList();

        // While a node is not verified nothing runs on it: then all its GPUs can be tested, and must be.
        var asked = agent.Standing == NodeStanding.Verified ? tested : [.. known];
        var verdict = ProductClasses.Find(agent.ProductClass) is { } productClass
            ? SelfTestNorms.Judge(productClass, figures, SeedOf(test), asked)
            : new SelfTestVerdict([new SelfTestFailure(SelfTestFault.NotMade, -1, "The node is of no class that is traded.")], []);
        var failures = verdict.Failures.ToList();
        if (figures.Failure.Length == 0 && figures.Gpus.Count == 0) failures.Add(new SelfTestFailure(SelfTestFault.NotMade, -1, "No GPU was tested."));
        failures.AddRange(figures.Gpus.Where(gpu => !known.Contains(gpu.Uuid)).Select(gpu =>
            new SelfTestFailure(SelfTestFault.GpuNotTested, gpu.GpuIndex, $"GPU {gpu.Uuid} was tested and is not one of the node's.")));

        (test.DoneTime, test.Passed, test.Report) = (at, failures.Count == 0, report.ToByteArray());
        test.Findings = [.. failures.Select(failure => failure.Sentence), .. verdict.Remarks];
        await Follow(db, agent, test, [.. SelfTestFraud.SignalsOf(agent.ProductClass, figures)], at, cancel);
        return true;
    }

    private static async Task Follow(
        ProviderRegistryDb db, AgentRow agent, SelfTestRow test, IReadOnlyList<string> signals, DateTimeOffset at, CancellationToken cancel)
    {
        var findings = string.Join(' ', test.Findings);
        db.Note(agent.NodeId, at, test.Passed ? "test_passed" : "test_failed", "agent", findings.Length == 0 ? $"Self-test ({test.Occasion}): all within the norms." : $"Self-test ({test.Occasion}): {findings}");
        if (signals.Count > 0)
        {
            await db.Suspect(agent, signals, at, cancel);
            return;
        }
        if (test.Passed)
        {
            agent.VerifiedTime = at;
            if (agent.Standing == NodeStanding.Unverified) await db.Stand(agent, NodeStanding.Verified, "", Notes.Exchange, at, cancel);
        }
        else if (agent.Standing is NodeStanding.Verified or NodeStanding.Unverified)
            await db.Stand(agent, NodeStanding.Unverified, $"Its self-test failed: {findings}", Notes.Exchange, at, cancel);
    }

    private static Values.Delivery.SelfTestReport Figures(WireReport report) => new()
    {
        TestId = report.TestId,
        Gpus = [.. report.Gpus.Select(gpu => new Values.Delivery.GpuTestFigures
        {
            GpuIndex = gpu.GpuIndex,
            Uuid = gpu.Uuid,
            MemoryBytes = Math.Max(0, gpu.MemoryBytes),
            MemoryBytesPerSecond = gpu.MemoryBytesPerSecond,
            HostBytesPerSecond = gpu.HostBytesPerSecond,
            OperationsPerSecond = gpu.OperationsPerSecond,
            Digest = gpu.Digest,
            Failure = gpu.Failure,
        })],
        DiskWriteBytesPerSecond = report.DiskWriteBytesPerSecond,
        DiskReadBytesPerSecond = report.DiskReadBytesPerSecond,
        ExchangeRoundTripMicros = report.ExchangeRoundTripMicros,
        ExchangeBytesPerSecond = report.ExchangeBytesPerSecond,
        Failure = report.Failure,
        ElapsedMilliseconds = report.ElapsedMilliseconds,
    };
}
