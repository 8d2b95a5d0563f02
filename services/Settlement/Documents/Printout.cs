using System.Globalization;
using ComputeExchange.Settlement.Domain.Documents;

namespace ComputeExchange.Settlement.Documents;

/// <summary>Who a document is for, as Participants holds it at the moment: it is shown and never kept here.</summary>
/// <param name="Lines">Name, address, and numbers, a line each.</param>
public sealed record Party(IReadOnlyList<string> Lines);

/// <summary>A document as it stands on paper.</summary>
/// <param name="Facts">Words and what they say, above the tables.</param>
/// <param name="Sums">The figures that count, the last of them the largest print.</param>
internal sealed record Printout(
    string Title, string Number, Party Party, IReadOnlyList<(string Word, string Says)> Facts, IReadOnlyList<(string Word, string Amount)> Sums,
    IReadOnlyList<PrintedTable> Tables, IReadOnlyList<string> Notes)
{
    public static Printout Of(Document document, Party party) => document switch
    {
        Invoice invoice => Of(invoice, party),
        PayoutStatement payouts => Of(payouts, party),
        Statement statement => Of(statement, party),
        _ => throw new ArgumentException($"{document.GetType().Name} has no form on paper.", nameof(document)),
    };

    private static Printout Of(Invoice invoice, Party party)
    {
        var sums = invoice.Totals;
        return new Printout(
            "Invoice", invoice.Head.Number, party, About(invoice.Head),
            [
                ("Paid in advance, in escrow", Cents.Exact(sums.PaidMicros)),
                ("Given back for hours not delivered", Cents.Exact(-sums.RefundMicros)),
                ("Delivered", Cents.Exact(sums.CostMicros)),
                ("Buyer's fee, tax included", Cents.Exact(sums.FeeMicros)),
                .. Taxes(invoice.Taxes),
                ("Compensation received", Cents.Exact(-sums.CompensationMicros)),
                .. Corrected(invoice.Corrections, -sums.CorrectionMicros),
                ("Charged, in US dollars", Cents.Exact(sums.ChargedMicros)),
                ("Rounded to cents", Cents.Text(sums.ChargedMicros)),
            ],
            [
                new PrintedTable(
                    "Leases", "Nothing was metered in this period.",
                    [
                        new("Lease", 42), new("Market", 128), new("Slots", 32, true), new("GPU-h bought", 54, true), new("delivered", 50, true),
                        new("Price", 46, true), new("Given back", 54, true), new("Cost", 58, true), new("Fee", 51, true),
                    ],
                    [.. invoice.Leases.Select(lease => new[]
                    {
                        Whole(lease.LeaseId), lease.Market, Whole(lease.Slots.Count), Cents.GpuHours(lease.Slots.Sum(slot => slot.BoughtGpuSeconds)),
                        Cents.GpuHours(lease.Slots.Sum(slot => slot.DeliveredGpuSeconds)), Prices([.. lease.Slots.Select(slot => slot.PriceMicrosPerGpuHour)]),
                        Cents.Exact(lease.Slots.Sum(slot => slot.RefundMicros)), Cents.Exact(lease.Slots.Sum(slot => slot.CostMicros)),
                        Cents.Exact(lease.Slots.Sum(slot => slot.FeeMicros)),
                    })],
                    [
                        "All", "", Whole(invoice.Leases.Sum(lease => lease.Slots.Count)), Cents.GpuHours(sums.BoughtGpuSeconds), Cents.GpuHours(sums.DeliveredGpuSeconds),
                        "", Cents.Exact(sums.RefundMicros), Cents.Exact(sums.CostMicros), Cents.Exact(sums.FeeMicros),
                    ]),
                Amounts("Compensation received", invoice.Compensations),
                .. CorrectedTable(invoice.Corrections),
            ],
            ["Prices are for one GPU for one hour, in US dollars. Each slot of each lease is in the CSV and JSON of this invoice.", .. Ends(invoice.Head)]);
    }

    private static Printout Of(PayoutStatement payouts, Party party)
    {
        var sums = payouts.Totals;
        return new Printout(
            "Payout statement", payouts.Head.Number, party, About(payouts.Head),
            [
                ("Proceeds of what was delivered", Cents.Exact(sums.ProceedsMicros)),
                ("Seller's fee, tax included", Cents.Exact(-sums.FeeMicros)),
                .. Taxes(payouts.Taxes),
                ("Carried over from before", Cents.Exact(sums.OpeningMicros)),
                ("Earned", Cents.Exact(sums.EarnedMicros)),
                .. Corrected(payouts.Corrections, sums.CorrectionMicros),
                ("Paid out", Cents.Exact(sums.PaidOutMicros)),
                ("Carried over", Cents.Exact(sums.ClosingMicros)),
                ("Taken from the bond, besides", Cents.Exact(-sums.CompensationMicros)),
                ("Earned, in US dollars", Cents.Exact(sums.EarnedMicros)),
                ("Rounded to cents", Cents.Text(sums.EarnedMicros)),
            ],
            [
                new PrintedTable(
                    "Leases", "Nothing was metered in this period.",
                    [
                        new("Lease", 44), new("Market", 134), new("Slots", 34, true), new("GPU-h sold", 54, true), new("delivered", 52, true),
                        new("Price", 48, true), new("Proceeds", 50, true), new("Fee", 44, true), new("Earned", 55, true),
                    ],
                    [.. payouts.Leases.Select(lease => new[]
                    {
                        Whole(lease.LeaseId), lease.Market, Whole(lease.Slots.Count), Cents.GpuHours(lease.Slots.Sum(slot => slot.SoldGpuSeconds)),
                        Cents.GpuHours(lease.Slots.Sum(slot => slot.DeliveredGpuSeconds)), Prices([.. lease.Slots.Select(slot => slot.PriceMicrosPerGpuHour)]),
                        Cents.Exact(lease.Slots.Sum(slot => slot.ProceedsMicros)), Cents.Exact(lease.Slots.Sum(slot => slot.FeeMicros)),
                        Cents.Exact(lease.Slots.Sum(slot => slot.EarnedMicros)),
                    })],
                    [
                        "All", "", Whole(payouts.Leases.Sum(lease => lease.Slots.Count)), Cents.GpuHours(sums.SoldGpuSeconds), Cents.GpuHours(sums.DeliveredGpuSeconds),
                        "", Cents.Exact(sums.ProceedsMicros), Cents.Exact(sums.FeeMicros), Cents.Exact(sums.EarnedMicros),
                    ]),
                Amounts("Paid out", payouts.Payouts),
                Amounts("Taken from the bond", payouts.Compensations),
                .. CorrectedTable(payouts.Corrections),
            ],
            ["Prices are for one GPU for one hour, in US dollars. Each slot of each lease is in the CSV and JSON of this statement.", .. Ends(payouts.Head)]);
    }

    private static Printout Of(Statement statement, Party party) => new(
        "Statement", statement.Head.Number, party, About(statement.Head),
        [
            ("Held at the start", Cents.Exact(statement.Balances.Sum(balance => balance.OpeningMicros))),
            ("Held at the end, in US dollars", Cents.Exact(statement.ComesToMicros)),
            ("Rounded to cents", Cents.Text(statement.ComesToMicros)),
        ],
        [
            new PrintedTable(
                "Balances", "No account held anything.",
                [new("Kind of account", 235), new("At the start", 140, true), new("At the end", 140, true)],
                [.. statement.Balances.Select(balance => new[] { balance.AccountKind, Cents.Exact(balance.OpeningMicros), Cents.Exact(balance.ClosingMicros) })],
                null),
            new PrintedTable(
                "Transfers", "Nothing moved in this period.",
                [new("Number", 46), new("Recorded (UTC)", 84), new("What", 191), new("Amount", 62, true), new("Change", 62, true), new("Held then", 70, true)],
                [.. statement.Lines.Select(line => new[]
                {
                    Whole(line.Transfer), Minute(line.RecordedTime), line.Text, Cents.Exact(line.AmountMicros), Cents.Exact(line.ChangeMicros), Cents.Exact(line.BalanceMicros),
                })],
                null),
        ],
        ["A transfer between two accounts of the same participant changes nothing in the sum; what is only set aside moves nothing yet.", .. Ends(statement.Head)]);

    private static IReadOnlyList<(string, string)> About(DocumentHead head) =>
    [
        ("Number", head.Number.Length > 0 ? head.Number : "none: made on demand and not kept"),
        ("Participant", head.ParticipantId.ToString()),
        ("Period (UTC)", $"{Minute(head.FromTime)} up to {Minute(head.ToTime)}"),
        ("Made (UTC)", Minute(head.IssuedTime)),
    ];

    private static IEnumerable<(string, string)> Taxes(IReadOnlyList<TaxLine> taxes) =>
        taxes.Select(tax => ($"  of which tax, {tax.TaxCode}", Cents.Exact(tax.AmountMicros)));

    /// <summary>Corrections are rare: a paper without any says nothing of them.</summary>
    private static IEnumerable<(string, string)> Corrected(IReadOnlyList<AmountLine> corrections, long micros) =>
        corrections.Count == 0 ? [] : [("Corrections after disputes", Cents.Exact(micros))];

    private static IEnumerable<PrintedTable> CorrectedTable(IReadOnlyList<AmountLine> corrections) =>
        corrections.Count == 0 ? [] : [Amounts("Corrections after disputes", corrections)];

    private static IEnumerable<string> Ends(DocumentHead head) =>
    [
        Cents.Rule,
        head.ThroughTransfer == 0
            ? "The ledger had no transfer before the end of the period."
            : $"Made of the ledger through transfer {Whole(head.ThroughTransfer)}, hash {head.ThroughHash}. The auditors' export of the ledger has the same hash at that number.",
    ];

    private static PrintedTable Amounts(string heading, IReadOnlyList<AmountLine> lines) => new(
        heading, "None.",
        [new("Number", 56), new("Recorded (UTC)", 94), new("What", 265), new("Amount", 100, true)],
        [.. lines.Select(line => new[] { Whole(line.Transfer), Minute(line.RecordedTime), $"{line.Text} ({line.Cause})", Cents.Exact(line.AmountMicros) })],
        lines.Count == 0 ? null : ["All", "", "", Cents.Exact(lines.Sum(line => line.AmountMicros))]);

    /// <summary>One price, or the lowest and the highest.</summary>
    private static string Prices(IReadOnlyList<long> prices) =>
        prices.Min() == prices.Max() ? Cents.Exact(prices.Min()) : $"{Cents.Exact(prices.Min())} to {Cents.Exact(prices.Max())}";

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>A table on paper.</summary>
/// <param name="WhenEmpty">What stands there when it has no rows.</param>
/// <param name="Total">A last row in bold; null: none.</param>
internal sealed record PrintedTable(
    string Heading, string WhenEmpty, IReadOnlyList<PrintedColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string>? Total);

/// <summary>A column: its word, its width in points, and whether figures stand in it.</summary>
internal sealed record PrintedColumn(string Word, double Width, bool IsFigure = false);
