using System.Globalization;
using System.Text;
using ComputeExchange.Settlement.Domain.Documents;
using CsvHelper;

namespace ComputeExchange.Settlement.Documents;

/// <summary>A document as a table for spreadsheets: a row a slot or transfer, amounts in dollars to the millionth, times in UTC.</summary>
internal static class DocumentCsv
{
    public static byte[] Write(Document document)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { HasHeader = false, NewLine = "\n" }, leaveOpen: true))
        {
            foreach (var row in Rows(document)) csv.WriteRecord(row.Select(Field).ToArray());
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static IEnumerable<object?[]> Rows(Document document) => document switch
    {
        Invoice invoice => Rows(invoice),
        PayoutStatement payouts => Rows(payouts),
        Statement statement => Rows(statement),
        _ => throw new ArgumentException($"{document.GetType().Name} has no table.", nameof(document)),
    };

    private static IEnumerable<object?[]> Rows(Invoice invoice)
    {
        yield return
        [
            "document", "row", "lease", "slot", "market", "from_time", "to_time", "price_per_gpu_hour", "gpu_seconds_bought", "gpu_seconds_delivered",
            "paid", "given_back", "cost", "fee", "tax_in_fee", "compensation", "transfer", "recorded_time", "correction",
        ];
        var number = invoice.Head.Number;
        foreach (var lease in invoice.Leases)
        {
            foreach (var slot in lease.Slots)
                yield return
                [
                    number, "slot", lease.LeaseId, slot.SlotIndex, lease.Market, slot.FromTime, slot.ToTime, Dollars(slot.PriceMicrosPerGpuHour),
                    slot.BoughtGpuSeconds, slot.DeliveredGpuSeconds, Dollars(slot.PaidMicros), Dollars(slot.RefundMicros), Dollars(slot.CostMicros),
                    Dollars(slot.FeeMicros), Dollars(slot.TaxMicros), null, null, null, null,
                ];
        }
        foreach (var line in invoice.Compensations)
            yield return
            [
                number, "compensation", null, null, null, null, null, null, null, null, null, null, null, null, null,
                Dollars(line.AmountMicros), line.Transfer, line.RecordedTime, null,
            ];
        foreach (var line in invoice.Corrections)
            yield return
            [
                number, "correction", null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                line.Transfer, line.RecordedTime, Dollars(line.AmountMicros),
            ];
        var sums = invoice.Totals;
        yield return
        [
            number, "total", null, null, null, invoice.Head.FromTime, invoice.Head.ToTime, null, sums.BoughtGpuSeconds, sums.DeliveredGpuSeconds,
            Dollars(sums.PaidMicros), Dollars(sums.RefundMicros), Dollars(sums.CostMicros), Dollars(sums.FeeMicros), Dollars(sums.TaxMicros),
            Dollars(sums.CompensationMicros), invoice.Head.ThroughTransfer, null, Dollars(sums.CorrectionMicros),
        ];
    }

    private static IEnumerable<object?[]> Rows(PayoutStatement payouts)
    {
        yield return
        [
            "document", "row", "lease", "slot", "market", "from_time", "to_time", "price_per_gpu_hour", "gpu_seconds_sold", "gpu_seconds_delivered",
            "proceeds", "fee", "tax_in_fee", "earned", "paid_out", "taken_from_bond", "carried_over", "transfer", "recorded_time", "correction",
        ];
        var (number, sums) = (payouts.Head.Number, payouts.Totals);
        yield return
        [
            number, "opening", null, null, null, payouts.Head.FromTime, null, null, null, null, null, null, null, null, null, null,
            Dollars(sums.OpeningMicros), null, null, null,
        ];
        foreach (var lease in payouts.Leases)
        {
            foreach (var slot in lease.Slots)
                yield return
                [
                    number, "slot", lease.LeaseId, slot.SlotIndex, lease.Market, slot.FromTime, slot.ToTime, Dollars(slot.PriceMicrosPerGpuHour),
                    slot.SoldGpuSeconds, slot.DeliveredGpuSeconds, Dollars(slot.ProceedsMicros), Dollars(slot.FeeMicros), Dollars(slot.TaxMicros),
                    Dollars(slot.EarnedMicros), null, null, null, null, null, null,
                ];
        }
        foreach (var line in payouts.Payouts)
            yield return
            [
                number, "payout", null, null, null, null, null, null, null, null, null, null, null, null, Dollars(line.AmountMicros), null, null,
                line.Transfer, line.RecordedTime, null,
            ];
        foreach (var line in payouts.Compensations)
            yield return
            [
                number, "compensation", null, null, null, null, null, null, null, null, null, null, null, null, null, Dollars(line.AmountMicros), null,
                line.Transfer, line.RecordedTime, null,
            ];
        foreach (var line in payouts.Corrections)
            yield return
            [
                number, "correction", null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                line.Transfer, line.RecordedTime, Dollars(line.AmountMicros),
            ];
        yield return
        [
            number, "total", null, null, null, payouts.Head.FromTime, payouts.Head.ToTime, null, sums.SoldGpuSeconds, sums.DeliveredGpuSeconds,
            Dollars(sums.ProceedsMicros), Dollars(sums.FeeMicros), Dollars(sums.TaxMicros), Dollars(sums.EarnedMicros), Dollars(sums.PaidOutMicros),
            Dollars(sums.CompensationMicros), Dollars(sums.ClosingMicros), payouts.Head.ThroughTransfer, null, Dollars(sums.CorrectionMicros),
        ];
    }

    private static IEnumerable<object?[]> Rows(Statement statement)
    {
        yield return
        [
            "document", "row", "transfer", "recorded_time", "happened_time", "what", "kind", "cause", "phase", "from_account", "to_account",
            "amount", "change", "held", "hash",
        ];
        var number = statement.Head.Number;
        foreach (var balance in statement.Balances) yield return Balance("opening", statement.Head.FromTime, balance.AccountKind, balance.OpeningMicros);
        foreach (var line in statement.Lines)
            yield return
            [
                number, "transfer", line.Transfer, line.RecordedTime, line.HappenedTime, line.Text, line.TransferKind, line.Cause, line.Phase,
                line.DebitAccount, line.CreditAccount, Dollars(line.AmountMicros), Dollars(line.ChangeMicros), Dollars(line.BalanceMicros), line.Hash,
            ];
        foreach (var balance in statement.Balances) yield return Balance("closing", statement.Head.ToTime, balance.AccountKind, balance.ClosingMicros);
        yield return
        [
            number, "through", statement.Head.ThroughTransfer, null, null, null, null, null, null, null, null, null, null,
            Dollars(statement.ComesToMicros), statement.Head.ThroughHash,
        ];

        object?[] Balance(string row, DateTimeOffset at, string kind, long micros) =>
            [number, row, null, at, null, kind, null, null, null, null, null, null, null, Dollars(micros), null];
    }

    private static decimal Dollars(long micros) => micros / 1_000_000m;

    private static string Field(object? value) => value switch
    {
        null => "",
        decimal dollars => dollars.ToString("0.000000", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
