using System.Diagnostics;
using System.Diagnostics.Metrics;
using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement;

/// <summary>What is measured of money: how it moves, and whether the ledger agrees with itself and with the engine.</summary>
internal static class Measures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "Settlement");

    private static readonly Counter<long> Transfers = Meter.CreateCounter<long>(
        "cx.settlement.transfers", "{transfer}", "Transfers posted, by kind.");

    private static readonly Counter<long> Checks = Meter.CreateCounter<long>(
        "cx.settlement.checks", "{check}", "Comparisons of the ledger, with itself and with the engine.");

    private static readonly Gauge<int> Breaks = Meter.CreateGauge<int>(
        "cx.settlement.breaks", "{account}", "What did not agree at the last comparison; 0 is good.");

    private static readonly Gauge<long> CheckedTime = Meter.CreateGauge<long>(
        "cx.settlement.checked_time", "s", "When the ledger was last compared, in real seconds since 1970.");

    private static readonly Gauge<int> Halted = Meter.CreateGauge<int>(
        "cx.settlement.payments_halted", "{halt}", "1 while no money may leave, 0 otherwise.");

    private static readonly Gauge<long> Escrow = Meter.CreateGauge<long>(
        "cx.settlement.escrow_micros", "{micro_dollar}", "What all escrow accounts hold.");

    private static readonly Gauge<long> OpenLeases = Meter.CreateGauge<long>(
        "cx.settlement.open_leases_micros", "{micro_dollar}", "What the slots that are not metered yet cost; the escrow holds as much.");

    private static readonly Counter<long> Payouts = Meter.CreateCounter<long>("cx.settlement.payouts", "{payout}", "Payouts to providers.");

    private static readonly Counter<long> PaidOut = Meter.CreateCounter<long>(
        "cx.settlement.paid_out_micros", "{micro_dollar}", "What was paid out to providers.");

    private static readonly Counter<long> InTransit = Meter.CreateCounter<long>(
        "cx.settlement.commands_refused", "{command}", "Commands of the ledger that the engine refused: a deposit went back, or money stays in transit.");

    /// <summary>The source of this service's spans.</summary>
    public static ActivitySource Spans { get; } = Tracing.Of(ServiceNames.Settlement);

    public static void Posted(IEnumerable<Transfer> transfers)
    {
        if (!Transfers.Enabled) return;
        foreach (var kind in transfers.CountBy(transfer => transfer.Kind)) Transfers.Add(kind.Value, Tag("kind", kind.Key));
    }

    /// <param name="with">With what the ledger was compared: itself or the engine.</param>
    /// <param name="findings">What came out.</param>
    /// <param name="now">The real time.</param>
    public static void Compared(string with, Findings findings, DateTimeOffset now)
    {
        Checks.Add(findings.Checks, Tag("with", with));
        Breaks.Record(findings.Breaks.Count, Tag("with", with));
        CheckedTime.Record(now.ToUnixTimeSeconds(), Tag("with", with));
    }

    public static void Held(Money escrow, Money openLeases)
    {
        Escrow.Record(escrow.Micros);
        OpenLeases.Record(openLeases.Micros);
    }

    public static void MayLeave(bool may) => Halted.Record(may ? 0 : 1);

    public static void Paid(Money amount)
    {
        Payouts.Add(1);
        PaidOut.Add(amount.Micros);
    }

    public static void CommandRefused() => InTransit.Add(1);

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
