using ComputeExchange.Settlement.Documents;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Statements;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class DocumentJobTests(PostgresServer server) : IAsyncLifetime
{
    private const long Hour = 3_600;

    private static readonly DateTimeOffset April = new(2026, 4, 1, 2, 0, 0, TimeSpan.Zero);

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;
    private long _lease;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 1_000_000_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task A_month_that_is_over_gives_an_invoice_a_payout_statement_and_statements_that_agree_with_each_other()
    {
        await Deliver(Hour);
        await Deliver(Hour / 2);
        await Deliver(0);
        await Close(April);

        var made = await Documents();
        made.Select(row => (row.Kind, row.ParticipantId, row.FromDay, row.ToDay)).ShouldBe(
        [
            ("INVOICE", _buyer, new(2026, 3, 1), new(2026, 4, 1)), ("PAYOUT_STATEMENT", _provider, new(2026, 3, 1), new(2026, 4, 1)),
            ("STATEMENT", _buyer, new(2026, 3, 1), new(2026, 4, 1)), ("STATEMENT", _provider, new(2026, 3, 1), new(2026, 4, 1)),
        ], ignoreOrder: true);

        // 2.00 and a fee of 0.002 for each whole hour: one and a half were delivered.
        var invoice = (Invoice)Body(made, "INVOICE", _buyer);
        invoice.Leases.Select(lease => lease.Slots.Single().DeliveredGpuSeconds).ShouldBe([Hour, Hour / 2, 0]);
        (invoice.Totals.CostMicros, invoice.Totals.FeeMicros, invoice.Totals.RefundMicros).ShouldBe((3_000_000, 3_000, 3_003_000));
        var payouts = (PayoutStatement)Body(made, "PAYOUT_STATEMENT", _provider);
        payouts.Leases.Select(lease => lease.Slots.Single().DeliveredGpuSeconds).ShouldBe([Hour, Hour / 2, 0]);
        (payouts.Totals.ProceedsMicros, payouts.Totals.FeeMicros, payouts.Totals.EarnedMicros).ShouldBe((3_000_000, 6_000, 2_994_000));
        Body(made, "STATEMENT", _buyer).ComesToMicros.ShouldBe(1_000_000_000 - invoice.ComesToMicros);
        Body(made, "STATEMENT", _provider).ComesToMicros.ShouldBe(payouts.Totals.ClosingMicros);
    }

    [Fact]
    public async Task A_month_that_is_run_again_adds_nothing_and_changes_nothing()
    {
        await Deliver(Hour);
        await Close(April);
        var first = await Documents();
        _books.Clock.Now = April.AddHours(1);
        await Deliver(Hour);
        await Close(April);
        var again = await Documents();
        again.Select(row => (row.Id, row.Number, row.Body)).ShouldBe(first.Select(row => (row.Id, row.Number, row.Body)));
    }

    [Fact]
    public async Task A_month_whose_making_crashed_left_nothing_and_is_made_whole_the_next_time()
    {
        await Deliver(Hour);
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => Close(April));
        (await Documents()).ShouldBeEmpty();
        await Close(April);
        (await Documents()).Count.ShouldBe(4);
    }

    [Fact]
    public async Task What_was_made_on_demand_is_the_months_document_and_numbers_have_no_gap()
    {
        await Deliver(Hour);
        _books.Clock.Now = April.AddHours(-1);
        var month = new Period(new(2026, 3, 1), new(2026, 4, 1));
        var asked = await Make(DocumentKinds.Statement, _buyer, month);
        (await Make(DocumentKinds.Statement, _buyer, month)).Id.ShouldBe(asked.Id);
        var part = await Make(DocumentKinds.Statement, _buyer, new(new(2026, 3, 1), new(2026, 3, 3)));
        await Close(April);

        var made = await Documents();
        made.Where(row => row.Kind == "STATEMENT").Select(row => row.Number).Order(StringComparer.Ordinal)
            .ShouldBe(["STM-2026-000001", "STM-2026-000002", "STM-2026-000003"]);
        made.Single(row => row.Kind == "STATEMENT" && row.ParticipantId == _buyer && row.ToDay == month.ToDay).Id.ShouldBe(asked.Id);
        part.Number.ShouldBe("STM-2026-000002");
    }

    [Fact]
    public async Task A_year_of_months_comes_in_order_and_its_invoices_add_up_to_what_left_the_buyers_accounts()
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var month = 0; month < 12; month++)
        {
            for (var day = 0; day < 3; day++)
            {
                _books.Clock.Now = Books.Start.AddMonths(month).AddDays(day);
                await Deliver(Hour * (1 + day) / 3);
                await _books.PayOut(new DateTimeOffset(_books.Clock.Now.Date, TimeSpan.Zero).AddDays(1).AddHours(1));
            }
            await Close(April.AddMonths(month));
        }

        var made = await Documents();
        var invoices = made.Where(row => row.Kind == "INVOICE").OrderBy(row => row.Number, StringComparer.Ordinal).ToList();
        invoices.Select(row => row.FromDay).ShouldBe(Enumerable.Range(0, 12).Select(month => new DateOnly(2026, 3, 1).AddMonths(month)));
        invoices[9].Number.ShouldBe("INV-2027-000001");
        var held = await _books.Ask(db => db.Accounts.Where(account => account.OwnerId == _buyer).SumAsync(account => account.BalanceMicros, Cancel));
        invoices.Sum(row => row.TotalMicros).ShouldBe(1_000_000_000 - held);
        var statements = made.Where(row => row.Kind == "PAYOUT_STATEMENT").OrderBy(row => row.FromDay).Select(row => (PayoutStatement)DocumentJson.Read(System.Text.Encoding.UTF8.GetBytes(row.Body))).ToList();
        for (var month = 1; month < 12; month++) statements[month].Totals.OpeningMicros.ShouldBe(statements[month - 1].Totals.ClosingMicros);
        TestContext.Current.SendDiagnosticMessage($"A year of 36 leases, payouts and documents took {TimeProvider.System.GetElapsedTime(began)}.");
    }

    [Fact]
    public async Task A_correction_stands_in_the_documents_of_the_month_in_which_it_was_made_and_they_agree_with_each_other()
    {
        await Deliver(Hour);
        await _books.PayOut(Books.Start.Date.AddDays(1).AddHours(1));
        await Deliver(Hour / 2);
        await Close(April);
        await _books.Correct(Happened.Corrected(1, 0, Hour, 0));
        await Close(April.AddMonths(1));

        var made = await Documents();
        var march = made.Where(row => row.FromDay.Month == 3).ToList();
        ((Invoice)Body(march, "INVOICE", _buyer)).Corrections.ShouldBeEmpty();
        var april = made.Where(row => row.FromDay.Month == 4).ToList();

        // 2.00 and the fee of 0.002 come back; the lease had no bond, so no compensation goes with it.
        var invoice = (Invoice)Body(april, "INVOICE", _buyer);
        (invoice.Totals.CorrectionMicros, invoice.Totals.ChargedMicros).ShouldBe((2_002_000, -2_002_000));
        invoice.Corrections.ShouldAllBe(line => line.Cause.StartsWith("dispute ") && line.AmountMicros > 0);
        var payouts = (PayoutStatement)Body(april, "PAYOUT_STATEMENT", _provider);
        (payouts.Totals.CorrectionMicros, payouts.Totals.OpeningMicros, payouts.Totals.ClosingMicros).ShouldBe((-998_000, 998_000, 0));
        payouts.Corrections.Select(line => line.AmountMicros).ShouldBe([-1_996_000, 998_000], ignoreOrder: true);
        Body(april, "STATEMENT", _buyer).ComesToMicros.ShouldBe(
            1_000_000_000 - Body(march, "INVOICE", _buyer).ComesToMicros - invoice.ComesToMicros);
        foreach (var document in (Document[])[invoice, payouts])
        {
            DocumentJson.Read(DocumentJson.Write(document)).ComesToMicros.ShouldBe(document.ComesToMicros);
            System.Text.Encoding.UTF8.GetString(DocumentCsv.Write(document)).Split('\n')[..^1].Select(row => row.Count(letter => letter == ',')).Distinct().Count().ShouldBe(1);
            PrintPdf.Of(document, Paper.Party).Length.ShouldBeGreaterThan(1_000);
        }
    }

    [Fact]
    public async Task A_document_that_was_made_is_never_changed_even_by_hand()
    {
        await Deliver(Hour);
        await Close(April);
        await Should.ThrowAsync<PostgresException>(() => _books.Do(db => db.Database.ExecuteSqlRawAsync("UPDATE settlement.documents SET total_micros = 0", Cancel)));
        await Should.ThrowAsync<PostgresException>(() => _books.Do(db => db.Database.ExecuteSqlRawAsync("DELETE FROM settlement.documents", Cancel)));
    }

    private static Document Body(IEnumerable<DocumentRow> made, string kind, Guid whose) =>
        DocumentJson.Read(System.Text.Encoding.UTF8.GetBytes(made.Single(row => row.Kind == kind && row.ParticipantId == whose).Body));

    private Task<List<DocumentRow>> Documents() => _books.Ask(db => db.Documents.AsNoTracking().OrderBy(row => row.Number).ToListAsync(Cancel));

    /// <summary>The monthly job of a moment, as the clock runs it.</summary>
    private Task Close(DateTimeOffset due)
    {
        if (_books.Clock.Now < due) _books.Clock.Now = due;
        return _books.Do(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
            var ledger = new LedgerExtracts(db);
            await new MonthlyDocuments(ledger, new DocumentMaker(db, ledger), NullLogger<MonthlyDocuments>.Instance).Run(due, Cancel);
            await db.SaveChangesAsync(Cancel);
            await transaction.CommitAsync(Cancel);
        });
    }

    private Task<DocumentRow> Make(string kind, Guid whose, Period period) => _books.Ask(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        var made = await new DocumentMaker(db, new LedgerExtracts(db)).Make(kind, whose, period, _books.Clock.Now, null, Cancel);
        await transaction.CommitAsync(Cancel);
        return made;
    });

    /// <summary>A lease of one GPU-hour is sold and metered.</summary>
    private async Task Deliver(long delivered)
    {
        _lease++;
        await _books.Feed(Happened.Sold(_lease, _buyer, _provider, _books.Clock.Now, 1, Happened.Slot(2_000_000, 2_000_000, 2_000, 4_000)));
        await _books.Meter(Happened.Metered(_lease, 0, Hour, delivered));
    }
}
