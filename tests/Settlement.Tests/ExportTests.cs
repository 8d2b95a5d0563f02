using System.Text;
using ComputeExchange.Settlement.Export;
using ComputeExchange.Testing;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class ExportTests(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 100_000_000);
        await _books.Feed(Happened.Sold(7, _buyer, _provider, Books.Start, 1, Happened.Slot(2_000_000, 2_000_000, 2_000, 4_000), Happened.Slot(2_000_000, 2_000_000, 2_000, 4_000)));
        await _books.Meter(Happened.Metered(7, 0, 3_600, 3_600), Happened.Metered(7, 1, 3_600, 1_800));
        await _books.PayOut(Books.Start.AddDays(1));
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task What_the_ledger_exports_verifies_to_its_last_transfer_and_every_balance()
    {
        var verifier = new LedgerVerifier();
        (await Verify(1, verifier)).ShouldBeNull();
        var head = await _books.Ask(db => db.LedgerHead.SingleAsync(Cancel));
        (verifier.LastNumber, verifier.Transfers).ShouldBe((head.LastNumber, head.LastNumber));
        verifier.LastHash.ToArray().ShouldBe(head.LastHash);
        verifier.IsWhole.ShouldBeTrue();
    }

    [Fact]
    public async Task An_export_of_the_end_verifies_its_chain()
    {
        var verifier = new LedgerVerifier();
        (await Verify(5, verifier)).ShouldBeNull();
        verifier.IsWhole.ShouldBeFalse();
        verifier.Transfers.ShouldBe(verifier.LastNumber - 4);
    }

    [Theory]
    [InlineData("UPDATE settlement.transfers SET amount_micros = amount_micros + 1 WHERE number = 4", 4)]
    [InlineData("UPDATE settlement.transfers SET kind = 'gift' WHERE number = 2", 2)]
    [InlineData("UPDATE settlement.transfers SET recorded_time = recorded_time + interval '1 microsecond' WHERE number = 3", 3)]
    [InlineData("DELETE FROM settlement.transfers WHERE number = 3", 4)]
    [InlineData("UPDATE settlement.accounts SET balance_micros = balance_micros + 1 WHERE name = 'fees'", null)]
    public async Task A_row_that_was_changed_behind_the_rules_is_named(string sql, int? transfer)
    {
        await _books.Do(db => db.Database.ExecuteSqlRawAsync(
            $"""
            ALTER TABLE settlement.transfers DISABLE TRIGGER USER; ALTER TABLE settlement.accounts DISABLE TRIGGER USER;
            {sql};
            ALTER TABLE settlement.transfers ENABLE TRIGGER USER; ALTER TABLE settlement.accounts ENABLE TRIGGER USER;
            """, Cancel));

        var fault = (await Verify(1, new LedgerVerifier())).ShouldNotBeNull();
        fault.Transfer.ShouldBe(transfer);
        if (transfer is null) fault.Sentence.ShouldStartWith("fees holds");
    }

    private Task<LedgerFault?> Verify(long from, LedgerVerifier verifier) => _books.Ask(async db =>
    {
        await foreach (var piece in new LedgerExport(db).From(from, Cancel))
        {
            foreach (var line in piece.TrimEnd('\n').Split('\n'))
                if (verifier.Take(Encoding.UTF8.GetBytes(line)) is { } fault) return fault;
        }
        return verifier.Finish();
    });
}
