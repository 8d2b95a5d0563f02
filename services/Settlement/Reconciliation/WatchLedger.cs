using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Settlement.Storage;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>Compares the ledger with itself as the clock goes, and says in the log what does not agree.</summary>
/// <remarks>The quick checks every time; at the first look of a day also every balance against its transfers, which reads the whole ledger.</remarks>
public sealed class WatchLedger(SettlementDb db, ILogger<WatchLedger> log) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var first = due.UtcDateTime.TimeOfDay == TimeSpan.Zero;
        var findings = first ? await SelfChecks.Full(db, cancel) : await SelfChecks.Quick(db, cancel);
        Measures.Compared("itself", findings, TimeProvider.System.GetUtcNow());
        var (escrow, openLeases) = await SelfChecks.Held(db, cancel);
        Measures.Held(escrow, openLeases);
        foreach (var found in findings.Breaks) log.LogError("The ledger does not agree with itself: {Break}", found);
    }
}
