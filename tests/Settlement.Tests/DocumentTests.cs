using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ComputeExchange.Settlement.Documents;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Values.Ledger;
using Shouldly;
using UglyToad.PdfPig;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class DocumentTests
{
    private readonly Paper _paper = Paper.Month();

    [Fact]
    public void An_invoice_adds_up_to_the_micro_dollar_what_was_paid_given_back_and_charged()
    {
        var invoice = _paper.Invoice();

        invoice.Leases.Select(lease => (lease.LeaseId, lease.Slots.Count)).ShouldBe([(7L, 2), (8L, 1)]);
        foreach (var slot in invoice.Leases.SelectMany(lease => lease.Slots))
            (slot.CostMicros + slot.FeeMicros + slot.RefundMicros).ShouldBe(slot.PaidMicros);
        invoice.Totals.ShouldBe(new InvoiceTotals(
            BoughtGpuSeconds: 61_200, DeliveredGpuSeconds: 46_800, PaidMicros: 325_220_000, RefundMicros: 80_800_000, CostMicros: 242_000_000,
            FeeMicros: 2_420_000, TaxMicros: 383_193, CompensationMicros: 12_500_001, ChargedMicros: 231_919_999));
        invoice.Taxes.ShouldBe([new TaxLine("DE", 383_193)]);

        // The buyer's accounts lost exactly what it was charged, beside the deposit.
        _paper.Statement(Paper.Buyer).ComesToMicros.ShouldBe(1_000_000_000 - invoice.Totals.ChargedMicros);
    }

    [Fact]
    public void A_payout_statement_carries_over_what_was_earned_and_not_paid_out()
    {
        var payouts = _paper.Payouts(opening: 1_000_000);

        payouts.Totals.ProceedsMicros.ShouldBe(242_000_000);
        payouts.Totals.FeeMicros.ShouldBe(1_433_000);
        payouts.Totals.TaxMicros.ShouldBe(228_000);
        payouts.Totals.EarnedMicros.ShouldBe(240_567_000);
        payouts.Totals.CompensationMicros.ShouldBe(12_500_001);
        payouts.Payouts.Select(line => (line.Text, line.AmountMicros)).ShouldBe([("Payout to the bank", -238_000_000L)]);
        payouts.Totals.ClosingMicros.ShouldBe(1_000_000 + 240_567_000 - 238_000_000);
    }

    [Fact]
    public void A_statement_says_every_transfer_in_a_sentence_and_what_was_held_after_it()
    {
        var statement = _paper.Statement(Paper.Buyer, new Dictionary<string, long> { ["collateral"] = 5 });

        statement.Balances.ShouldBe(
        [
            new StatementBalance("collateral", 5, 674_780_005), new StatementBalance("escrow", 0, 0), new StatementBalance("transit", 0, 93_300_001),
        ]);
        statement.Lines.Take(5).Select(line => (line.Text, line.ChangeMicros, line.BalanceMicros)).ShouldBe(
        [
            ("Deposit from the bank", 1_000_000_000L, 1_000_000_005L),
            ("Made tradable", 0, 1_000_000_005),
            ("Paid for lease 7 into escrow", 0, 1_000_000_005),
            ("Delivered: lease 7 slot 0", -159_048_000, 840_952_005),
            ("Buyer's fee for lease 7 slot 0", -1_344_538, 839_607_467),
        ]);
        statement.Lines[^1].BalanceMicros.ShouldBe(statement.ComesToMicros);
        statement.Head.ThroughHash.ShouldBe(Convert.ToHexStringLower(_paper.Movements[^1].Transfer.Hash.Span));
    }

    [Fact]
    public void What_is_only_set_aside_is_a_line_and_moves_no_balance()
    {
        var paper = new Paper();
        paper.Move(1, Account.Bank, Account.Transit(Paper.Buyer), 100, TransferKinds.Deposit, "deposit 1");
        paper.Move(1, Account.Transit(Paper.Buyer), Account.Bank, 60, TransferKinds.Withdrawal, "withdrawal 1", TransferPhase.Pending);
        paper.Move(2, Account.Transit(Paper.Buyer), Account.Bank, 40, "withdrawal paid", "withdrawal 1", TransferPhase.Post, pending: 2);

        paper.Statement(Paper.Buyer).Lines.Select(line => (line.Phase, line.Text, line.BalanceMicros)).ShouldBe(
        [
            ("direct", "Deposit from the bank", 100L),
            ("pending", "Withdrawal: set aside until the bank has it", 100),
            ("post", "Withdrawal to the bank", 60),
        ]);
    }

    [Theory]
    [InlineData(4_999, 0)]
    [InlineData(5_000, 1)]
    [InlineData(-5_000, -1)]
    [InlineData(-4_999, 0)]
    [InlineData(231_919_999, 23_192)]
    public void Cents_are_the_nearest_and_half_a_cent_goes_away_from_zero(long micros, long cents) => Cents.Of(micros).ShouldBe(cents);

    [Fact]
    public void A_document_read_from_its_JSON_is_the_same_document_with_stable_names()
    {
        foreach (var document in (Document[])[_paper.Invoice(), _paper.Payouts(), _paper.Statement(Paper.Buyer)])
        {
            var json = DocumentJson.Write(document);
            DocumentJson.Write(DocumentJson.Read(json)).ShouldBe(json);
        }
        using var invoice = JsonDocument.Parse(DocumentJson.Write(_paper.Invoice()));
        var root = invoice.RootElement;
        root.GetProperty("kind").GetString().ShouldBe("invoice");
        root.GetProperty("head").GetProperty("from_time").GetString().ShouldBe("2026-03-01T00:00:00Z");
        root.GetProperty("leases")[0].GetProperty("slots")[0].GetProperty("price_micros_per_gpu_hour").GetInt64().ShouldBe(2_500_000);
        root.GetProperty("totals").GetProperty("charged_micros").GetInt64().ShouldBe(231_919_999);
    }

    [Fact]
    public void A_CSV_has_a_row_for_each_slot_and_its_total_row_is_their_sum()
    {
        var rows = Cells(_paper.Invoice());
        var cost = Array.IndexOf(rows[0], "cost");

        rows.Count(row => row[1] == "slot").ShouldBe(3);
        rows.Where(row => row[1] == "slot").Sum(row => decimal.Parse(row[cost])).ShouldBe(242m);
        rows.Single(row => row[1] == "total")[cost].ShouldBe("242.000000");
        rows.ShouldAllBe(row => row.Length == rows[0].Length);
        foreach (var document in (Document[])[_paper.Payouts(), _paper.Statement(Paper.Buyer)])
            Cells(document).Select(row => row.Length).Distinct().Count().ShouldBe(1);

        // Commas outside of quotes part the cells.
        static List<string[]> Cells(Document document) => [.. Encoding.UTF8.GetString(DocumentCsv.Write(document)).TrimEnd('\n').Split('\n')
            .Select(line => Regex.Split(line, ",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)"))];
    }

    [Fact]
    public void A_PDF_says_the_party_the_figures_and_the_hash_in_letters_of_any_European_script()
    {
        using var pdf = PdfDocument.Open(PrintPdf.Of(_paper.Invoice(), Paper.Party));
        var text = string.Join(' ', pdf.GetPages().SelectMany(page => page.GetWords()).Select(word => word.Text));

        text.ShouldContain("Łukasz Żółw & Μαρία GmbH");
        text.ShouldContain("INV-2026-000012");
        text.ShouldContain("231.919999");
        text.ShouldContain("231.92");
        text.ShouldContain("of which tax, DE 0.383193");
        text.ShouldContain(_paper.Invoice().Head.ThroughHash);
    }

    [Fact]
    public void The_same_document_is_the_same_file_to_the_byte()
    {
        foreach (var document in (Document[])[_paper.Invoice(), _paper.Payouts(), _paper.Statement(Paper.Buyer)])
            PrintPdf.Of(document, Paper.Party).ShouldBe(PrintPdf.Of(DocumentJson.Read(DocumentJson.Write(document)), Paper.Party));
        PrintPdf.Of(_paper.Invoice("INV-2026-000013"), Paper.Party).ShouldNotBe(PrintPdf.Of(_paper.Invoice(), Paper.Party));
    }

    [Fact]
    public void A_letter_that_the_font_lacks_is_a_question_mark_and_stops_nothing()
    {
        using var pdf = PdfDocument.Open(PrintPdf.Of(_paper.Invoice(), new Party(["計算 Compute 🙂"])));
        pdf.GetPage(1).Text.ShouldContain("?? Compute ?");
    }

    [Fact]
    public void A_long_statement_goes_over_pages_with_its_columns_named_on_each()
    {
        var paper = new Paper();
        for (var i = 0; i < 300; i++) paper.Move(1 + (i / 20), Account.Bank, Account.Transit(Paper.Buyer), 1_000_000 + i, TransferKinds.Deposit, $"deposit {i}");
        using var pdf = PdfDocument.Open(PrintPdf.Of(paper.Statement(Paper.Buyer), Paper.Party));

        pdf.NumberOfPages.ShouldBeGreaterThan(5);
        foreach (var page in pdf.GetPages())
        {
            var text = string.Join(' ', page.GetWords().Select(word => word.Text));
            text.ShouldContain($"Page {page.Number} of {pdf.NumberOfPages}");
            if (page.Number < pdf.NumberOfPages) text.ShouldContain("Held then");
        }
    }
}
