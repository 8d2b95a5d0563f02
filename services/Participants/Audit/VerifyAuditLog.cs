using ComputeExchange.Hosting.Jobs;

namespace ComputeExchange.Participants.Audit;

/// <summary>Looks every night whether the audit log is as it was written, and shouts if it is not.</summary>
public sealed class VerifyAuditLog(AuditLog audit, ILogger<VerifyAuditLog> log) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var found = await audit.FindBroken(cancel);
        Measures.Verified(whole: found is null);
        if (found is { } broken) log.LogCritical("The audit log was tampered with. {Why}", broken.Why);
    }
}
