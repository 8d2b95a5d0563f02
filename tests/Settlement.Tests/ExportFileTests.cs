using System.Buffers;
using System.Text;
using ComputeExchange.Values.Ledger;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class ExportFileTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<TransferRecord> _transfers = [];

    public ExportFileTests()
    {
        Add("bank", "transit:a", 1_000, "deposit", "deposit 1");
        Add("transit:a", "collateral:a", 600, "made tradable", "feed 1", feed: 1);
        Add("transit:a", "bank", 300, "withdrawal", "withdrawal 1", TransferPhase.Pending, expires: Noon.AddDays(1));
        Add("transit:a", "bank", 250, "withdrawal paid", "withdrawal 1", TransferPhase.Post, pending: 3);
        Add("collateral:a", "transit:a", 50, "taken from trading", "feed 2", TransferPhase.Pending);
        Add("collateral:a", "transit:a", 50, "taken back", "feed 2", TransferPhase.Void, pending: 5);
    }

    [Fact]
    public void A_whole_export_verifies_and_says_how_far_it_goes()
    {
        var verifier = new LedgerVerifier();
        Verify(Export(), verifier).ShouldBeNull();
        (verifier.Transfers, verifier.LastNumber, verifier.Accounts, verifier.IsWhole).ShouldBe((6, 6, 3, true));
        verifier.LastHash.ToArray().ShouldBe(_transfers[^1].Hash.ToArray());
    }

    [Fact]
    public void A_line_that_was_written_reads_as_what_it_was()
    {
        foreach (var transfer in _transfers)
        {
            var read = LedgerFile.Read(Bytes(new LedgerLine.Moved(transfer))).ShouldBeOfType<LedgerLine.Moved>().Transfer;
            (read with { Hash = default }).ShouldBe(transfer with { Hash = default });
            read.Hash.ToArray().ShouldBe(transfer.Hash.ToArray());
        }
    }

    [Fact]
    public void Every_single_character_that_is_changed_in_a_transfer_is_found_at_that_transfer()
    {
        var lines = Export();
        for (var place = 0; place < lines[3].Length; place++)
        {
            var changed = lines[3].ToCharArray();
            changed[place] = changed[place] == '7' ? '8' : '7';
            var fault = Verify([.. lines[..3], new string(changed), .. lines[4..]]).ShouldNotBeNull($"at {place}: {new string(changed)}");
            fault.Line.ShouldBe(4);
        }
    }

    [Fact]
    public void A_transfer_that_is_missing_is_named_by_the_gap()
    {
        var lines = Export();
        Verify([.. lines[..3], .. lines[4..]]).ShouldBe(new LedgerFault(4, 4, "Its number does not follow on 2: transfers are missing."));
        Verify([.. lines[..3], lines[2], .. lines[3..]]).ShouldBe(new LedgerFault(4, 2, "Its number does not follow on 2: it is out of its place."));
    }

    [Fact]
    public void An_export_that_is_cut_off_says_so()
    {
        var lines = Export();
        for (var kept = 0; kept < lines.Count; kept++) Verify(lines[..kept]).ShouldNotBeNull().Sentence.ShouldContain("missing");
    }

    [Theory]
    [InlineData("transit:b", "bank", 1, TransferPhase.Direct, 0, "It takes more from transit:b than the account has: -$0.000001 would be left.")]
    [InlineData("collateral:a", "bank", 601, TransferPhase.Pending, 0, "It takes more from collateral:a than the account has: -$0.000001 would be left.")]
    [InlineData("bank", "receivable:a", 1, TransferPhase.Direct, 0, "It gives receivable:a more than is owed: $0.000001 would be left.")]
    [InlineData("bank", "bank", 1, TransferPhase.Direct, 0, "It moves from bank to itself.")]
    [InlineData("bank", "transit:a", 0, TransferPhase.Direct, 0, "It moves 0 micro-dollars; an amount is above 0.")]
    [InlineData("transit:a", "bank", 1, TransferPhase.Post, 3, "There is no pending transfer 3 that it could end; it never was, or it ended before.")]
    [InlineData("transit:a", "bank", 1, TransferPhase.Void, 2, "There is no pending transfer 2 that it could end; it never was, or it ended before.")]
    [InlineData("transit:a", "bank", 1, TransferPhase.Post, 0, "It does not say which pending transfer it ends.")]
    public void A_transfer_that_keeps_the_chain_and_breaks_a_rule_is_named(
        string debit, string credit, long micros, TransferPhase phase, long pending, string sentence)
    {
        Add(debit, credit, micros, "made up", "made up", phase, pending == 0 ? null : pending);
        Verify(Export()).ShouldBe(new LedgerFault(8, 7, sentence));
    }

    [Fact]
    public void An_ending_for_more_or_between_others_or_too_late_is_named()
    {
        Add("transit:a", "bank", 100, "withdrawal", "withdrawal 2", TransferPhase.Pending, expires: Noon.AddMinutes(8));
        var before = _transfers.Count;
        Ending(101, "bank", TransferPhase.Post).ShouldContain("is for $0.000101");
        Ending(99, "bank", TransferPhase.Void).ShouldContain("is for $0.000099");
        Ending(100, "collateral:a", TransferPhase.Post).ShouldContain("other accounts");
        Ending(100, "bank", TransferPhase.Expire).ShouldContain("was not over");
        Add("bank", "transit:a", 1, "deposit", "deposit 2");
        Add("bank", "transit:a", 1, "deposit", "deposit 3");
        Ending(100, "bank", TransferPhase.Post, keep: before + 2).ShouldContain("was over");

        string Ending(long micros, string credit, TransferPhase phase, int? keep = null)
        {
            Add("transit:a", credit, micros, "ended", "withdrawal 2", phase, pending: 7);
            var fault = Verify(Export()).ShouldNotBeNull();
            _transfers.RemoveRange(keep ?? before, _transfers.Count - (keep ?? before));
            return fault.Sentence;
        }
    }

    [Fact]
    public void A_cause_that_moves_twice_is_named()
    {
        Add("bank", "transit:a", 5, "deposit", "deposit 1");
        Verify(Export()).ShouldBe(new LedgerFault(8, 7, "Its cause and kind were given before: deposit 1, deposit."));
    }

    [Fact]
    public void A_balance_that_the_transfers_do_not_make_is_named()
    {
        var lines = Export();
        var held = lines.FindIndex(line => line.Contains("\"account\":\"transit:a\"", StringComparison.Ordinal));
        var wrong = lines[held].Replace("150", "151", StringComparison.Ordinal);
        Verify([.. lines[..held], wrong, .. lines[(held + 1)..]]).ShouldNotBeNull().Sentence.ShouldBe(
            "transit:a holds $0.000151 ($0.00 set aside, $0.00 to come); its transfers make $0.00015 ($0.00, $0.00).");
    }

    [Fact]
    public void An_export_from_a_later_transfer_is_checked_for_its_chain()
    {
        var verifier = new LedgerVerifier();
        Verify(Export(from: 4), verifier).ShouldBeNull();
        verifier.IsWhole.ShouldBeFalse();

        _transfers[4] = _transfers[4] with { AmountMicros = 51 };
        Verify(Export(from: 4)).ShouldNotBeNull().Transfer.ShouldBe(5);
    }

    [Theory]
    [InlineData("{\"format\":\"something else\",\"version\":1}", "This is not an export of the ledger")]
    [InlineData("{\"format\":\"computeexchange-ledger\",\"version\":2}", "version 2")]
    [InlineData("number,debit,credit", "not JSON")]
    [InlineData("{\"colour\":1}", "colour")]
    [InlineData("", "not JSON")]
    public void What_is_not_an_export_is_refused_with_its_reason(string line, string reason) =>
        Verify([line]).ShouldNotBeNull().Sentence.ShouldContain(reason);

    private static LedgerFault? Verify(IEnumerable<string> lines, LedgerVerifier? verifier = null)
    {
        verifier ??= new LedgerVerifier();
        foreach (var line in lines)
            if (verifier.Take(Encoding.UTF8.GetBytes(line)) is { } fault) return fault;
        return verifier.Finish();
    }

    private void Add(
        string debit, string credit, long micros, string kind, string cause, TransferPhase phase = TransferPhase.Direct, long? pending = null,
        DateTimeOffset? expires = null, long? feed = null)
    {
        var at = Noon.AddMinutes(_transfers.Count);
        _transfers.Add(LedgerChain.Next(
            _transfers.Count == 0 ? LedgerChain.Beginning.Span : _transfers[^1].Hash.Span,
            new TransferRecord(_transfers.Count + 1, phase, pending, debit, credit, micros, kind, cause, at, at, feed, expires, default)));
    }

    /// <summary>The lines of the export, with the balances that the first six transfers make.</summary>
    private List<string> Export(int from = 1)
    {
        List<LedgerLine> lines =
        [
            new LedgerLine.Header(from, from == 1 ? LedgerChain.Beginning : _transfers[from - 2].Hash),
            .. _transfers.Skip(from - 1).Select(transfer => new LedgerLine.Moved(transfer)),
            new LedgerLine.Held("bank", -750, 0, 0),
            new LedgerLine.Held("collateral:a", 600, 0, 0),
            new LedgerLine.Held("transit:a", 150, 0, 0),
            new LedgerLine.Footer(_transfers.Count - from + 1, 3, _transfers.Count, _transfers[^1].Hash),
        ];
        return [.. lines.Select(line => Encoding.UTF8.GetString(Bytes(line)))];
    }

    private static byte[] Bytes(LedgerLine line)
    {
        var bytes = new ArrayBufferWriter<byte>();
        LedgerFile.Write(bytes, line);
        bytes.WrittenSpan[^1].ShouldBe((byte)'\n');
        return bytes.WrittenSpan[..^1].ToArray();
    }
}
