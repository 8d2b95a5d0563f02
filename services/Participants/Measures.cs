using System.Diagnostics.Metrics;
using ComputeExchange.Facts;

namespace ComputeExchange.Participants;

/// <summary>What is measured of the audit log: that it grows, and that it is as it was written.</summary>
internal static class Measures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "Participants");

    private static readonly Counter<long> AuditRows = Meter.CreateCounter<long>(
        "cx.participants.audit_rows", "{row}", "Rows added to the audit log.");

    private static readonly Gauge<int> AuditBroken = Meter.CreateGauge<int>(
        "cx.participants.audit_broken", "{row}", "1 when the audit log is not as it was written; 0 is good.");

    public static void Audited() => AuditRows.Add(1);

    public static void Verified(bool whole) => AuditBroken.Record(whole ? 0 : 1);
}
