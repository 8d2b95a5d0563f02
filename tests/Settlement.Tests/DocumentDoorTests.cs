using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values.Ledger;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using UglyToad.PdfPig;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Statements, documents and the export, over the wire, on the clock that the engine moves.</summary>
public sealed class DocumentDoorTests(SettlementOnTheWire wire) : IClassFixture<SettlementOnTheWire>
{
    private readonly Guid _buyerId = Guid.NewGuid();
    private readonly Guid _providerId = Guid.NewGuid();

    private DocumentsService.DocumentsServiceClient Buyer => wire.DocumentsAs(_buyerId, Role.Buyer);

    private DocumentsService.DocumentsServiceClient Provider => wire.DocumentsAs(_providerId, Role.Provider);

    private DocumentsService.DocumentsServiceClient Operator => wire.DocumentsAs(Guid.NewGuid(), Role.Operator);

    private DocumentsService.DocumentsServiceClient Auditor => wire.DocumentsAs(Guid.NewGuid(), Role.Auditor);

    [Fact]
    public async Task Months_that_pass_while_nobody_looks_have_their_documents_and_everyone_reads_his_own()
    {
        await Trade(71);
        wire.Advance(wire.Clock.Now.AddMonths(1));
        await Trade(72);
        var began = TimeProvider.System.GetTimestamp();
        wire.Advance(wire.Clock.Now.AddMonths(1));
        await Until(async () => (await Buyer.ListDocumentsAsync(new ListDocumentsRequest())).Documents.Count >= 4);
        TestContext.Current.SendDiagnosticMessage($"A month of jobs took {TimeProvider.System.GetElapsedTime(began)}.");

        var mine = (await Buyer.ListDocumentsAsync(new ListDocumentsRequest())).Documents;
        mine.ShouldAllBe(document => document.ParticipantId == _buyerId.ToString());
        mine.Count(document => document.Kind == DocumentKind.Invoice).ShouldBe(2);
        (await Operator.ListDocumentsAsync(new ListDocumentsRequest { ParticipantId = _providerId.ToString() })).Documents
            .Select(document => document.Kind).ShouldContain(DocumentKind.PayoutStatement);

        var invoice = mine.Last(document => document.Kind == DocumentKind.Invoice);
        var pdf = await Buyer.GetDocumentAsync(new GetDocumentRequest { DocumentId = invoice.DocumentId });
        (pdf.FileName, pdf.ContentType).ShouldBe(($"{invoice.Number}.pdf", "application/pdf"));
        // A long name may stand on two lines.
        using (var opened = PdfDocument.Open(pdf.Content.ToByteArray()))
            opened.GetPage(1).Text.Replace(" ", "", StringComparison.Ordinal).ShouldContain($"Companyof{_buyerId}");
        (await Buyer.GetDocumentAsync(new GetDocumentRequest { DocumentId = invoice.DocumentId })).Content.ShouldBe(pdf.Content);
        var json = await Buyer.GetDocumentAsync(new GetDocumentRequest { DocumentId = invoice.DocumentId, Format = "json" });
        json.Content.ToStringUtf8().ShouldNotContain("Company");
        (await Buyer.GetDocumentAsync(new GetDocumentRequest { DocumentId = invoice.DocumentId, Format = "csv" })).Content.ToStringUtf8().ShouldStartWith("document,row,lease");

        await Refused(() => Provider.GetDocumentAsync(new GetDocumentRequest { DocumentId = invoice.DocumentId }), StatusCode.NotFound, "NOT_FOUND");
        await Refused(() => Buyer.ListDocumentsAsync(new ListDocumentsRequest { ParticipantId = _providerId.ToString() }), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(() => Buyer.GetDocumentAsync(new GetDocumentRequest { DocumentId = invoice.DocumentId, Format = "doc" }), StatusCode.InvalidArgument, "", "format");
    }

    [Fact]
    public async Task A_statement_is_the_callers_and_fixed_by_the_ledgers_hash()
    {
        await Trade(81);
        var statement = await Buyer.GetStatementAsync(new GetStatementRequest());
        statement.Balances.Sum(balance => balance.ClosingMicros).ShouldBe(10_000_000 - 1_001_500);
        statement.Lines[^1].BalanceMicros.ShouldBe(10_000_000 - 1_001_500);
        statement.Lines.ShouldAllBe(line => line.Text.Length > 0 && line.Transfer.Hash.Length == 64);

        // Its last moment is not over while the clock stands.
        await Refused(() => Buyer.GetStatementAsync(new GetStatementRequest { ToTime = statement.ToTime }), StatusCode.InvalidArgument, "", "to_time");
        wire.Advance(wire.Clock.Now.AddSeconds(1));
        await Until(async () => await Over(statement.ToTime));
        (await Auditor.GetStatementAsync(new GetStatementRequest { ParticipantId = _buyerId.ToString(), FromTime = statement.FromTime, ToTime = statement.ToTime })).ShouldBe(statement);
        await Refused(() => Buyer.GetStatementAsync(new GetStatementRequest { ParticipantId = _providerId.ToString() }), StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Refused(
            () => Buyer.GetStatementAsync(new GetStatementRequest { ToTime = wire.Clock.Now.AddDays(1).ToTimestamp() }), StatusCode.InvalidArgument, "", "to_time");
    }

    [Fact]
    public async Task A_document_is_made_on_demand_once_of_days_that_are_over()
    {
        await Trade(91);
        wire.Advance(wire.Clock.Now.AddDays(2));
        await Until(async () => await Over(wire.Clock.Now.AddHours(-1).ToTimestamp()));
        var day = DateOnly.FromDateTime(wire.Clock.Now.UtcDateTime);
        var request = new CreateDocumentRequest { Kind = DocumentKind.Invoice, FromDay = $"{day.AddDays(-2):yyyy-MM-dd}", ToDay = $"{day:yyyy-MM-dd}" };
        var made = (await Buyer.CreateDocumentAsync(request)).Document;
        made.TotalMicros.ShouldBe(1_001_500);
        (await Buyer.CreateDocumentAsync(request)).Document.ShouldBe(made);
        request.ParticipantId = _buyerId.ToString();
        (await Operator.CreateDocumentAsync(request)).Document.ShouldBe(made);
        await Refused(() => Provider.CreateDocumentAsync(request), StatusCode.PermissionDenied, "ACCESS_DENIED");

        await Refused(() => Buyer.CreateDocumentAsync(new CreateDocumentRequest()), StatusCode.InvalidArgument, "", "kind", "from_day", "to_day");
        await Refused(
            () => Buyer.CreateDocumentAsync(new CreateDocumentRequest { Kind = DocumentKind.Invoice, FromDay = "2026-01-01", ToDay = $"{day.AddDays(1):yyyy-MM-dd}" }),
            StatusCode.InvalidArgument, "", "to_day");
        await Refused(
            () => Buyer.CreateDocumentAsync(new CreateDocumentRequest { Kind = DocumentKind.Invoice, FromDay = "2026-03-02", ToDay = "2026-03-01" }),
            StatusCode.InvalidArgument, "", "from_day");
        await Refused(
            () => Operator.CreateDocumentAsync(new CreateDocumentRequest { Kind = DocumentKind.Statement, FromDay = "2026-03-01", ToDay = "2026-03-02", ParticipantId = Guid.NewGuid().ToString() }),
            StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task The_export_verifies_for_auditors_and_is_for_nobody_else()
    {
        await Trade(95);
        var verifier = new LedgerVerifier();
        using var export = Auditor.ExportLedger(new ExportLedgerRequest());
        await foreach (var piece in export.ResponseStream.ReadAllAsync())
        {
            foreach (var line in piece.Lines.TrimEnd('\n').Split('\n')) verifier.Take(Encoding.UTF8.GetBytes(line)).ShouldBeNull();
        }
        verifier.Finish().ShouldBeNull();
        verifier.Transfers.ShouldBeGreaterThan(5);

        using var denied = Buyer.ExportLedger(new ExportLedgerRequest());
        (await Should.ThrowAsync<RpcException>(() => denied.ResponseStream.MoveNext())).StatusCode.ShouldBe(StatusCode.PermissionDenied);
        using var beyond = Auditor.ExportLedger(new ExportLedgerRequest { FromTransferId = 1_000_000 });
        (await Should.ThrowAsync<RpcException>(() => beyond.ResponseStream.MoveNext())).Status.Detail.ShouldContain("from_transfer_id");
    }

    [Fact]
    public async Task Every_amount_of_an_account_is_what_its_reasons_add_up_to()
    {
        var (buyer, sold) = (wire.As(_buyerId, Role.Buyer), Lease(97));
        await Fund();
        wire.Engine.Sell(sold).ShouldBeTrue();
        await Until(async () => (await buyer.GetAccountAsync(new GetAccountRequest())).EscrowMicros > 0);

        var account = await buyer.GetAccountAsync(new GetAccountRequest());
        long Of(string balance) => account.Reasons.Where(reason => reason.Balance == balance).Sum(reason => reason.AmountMicros);
        (Of("free"), Of("reserved"), Of("bond")).ShouldBe((account.FreeMicros, account.ReservedMicros, account.BondMicros));
        (Of("escrow"), Of("earnings"), Of("transit")).ShouldBe((account.EscrowMicros, account.EarningsMicros, account.TransitMicros));
        (Of("set_aside"), Of("owed")).ShouldBe((account.SetAsideMicros, account.OwedMicros));
        account.Reasons.Single(reason => reason.Balance == "escrow").Text.ShouldBe("Lease 97: cost and fee of 1 slot that is not metered yet");
    }

    private MatchingEngine.V1.EngineEvent Lease(long id) =>
        Happened.Sold(id, _buyerId, _providerId, wire.Clock.Now, 1, Happened.Slot(1_000_000, 1_000_000, 1_500, 2_500, 100_000));

    /// <summary>The buyer and the provider have money; a lease is sold, and delivered whole.</summary>
    private async Task Trade(long lease)
    {
        await Fund();
        wire.Engine.Sell(Lease(lease)).ShouldBeTrue();
        var account = wire.As(_buyerId, Role.Buyer);
        await Until(async () => (await account.GetAccountAsync(new GetAccountRequest())).EscrowMicros > 0);
        wire.Say(Happened.Metered(lease, 0, 3_600, 3_600));
        await Until(async () => (await account.GetAccountAsync(new GetAccountRequest())).EscrowMicros == 0);
    }

    private async Task Fund()
    {
        var money = wire.As(Guid.NewGuid(), Role.Operator);
        foreach (var (whose, role) in ((Guid, Role)[])[(_buyerId, Role.Buyer), (_providerId, Role.Provider)])
        {
            var account = wire.As(whose, role);
            if ((await account.GetAccountAsync(new GetAccountRequest())).FreeMicros > 2_000_000) continue;
            await money.DepositAsync(new DepositRequest { RequestId = Guid.NewGuid().ToString(), ParticipantId = whose.ToString(), AmountMicros = 10_000_000 });
            await Until(async () => (await account.GetAccountAsync(new GetAccountRequest())).FreeMicros >= 10_000_000);
        }
    }

    /// <summary>Whether the service's clock is past a moment.</summary>
    private async Task<bool> Over(Timestamp moment)
    {
        try
        {
            await Buyer.GetStatementAsync(new GetStatementRequest { ToTime = moment });
            return true;
        }
        catch (RpcException early) when (early.StatusCode == StatusCode.InvalidArgument)
        {
            return false;
        }
    }

    /// <summary>Waits until it is so; a test that hangs is stopped.</summary>
    private static async Task Until(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMinutes(10), "it hangs");
            await Task.Delay(50);
        }
    }

    private static async Task Refused<T>(Func<AsyncUnaryCall<T>> call, StatusCode code, string reason, params string[] fields)
    {
        var failure = RpcFailure.From(await Should.ThrowAsync<RpcException>(async () => await call()));
        (failure.Code, failure.Reason).ShouldBe((code, reason));
        failure.Fields.Select(field => field.Field).ShouldBe(fields);
    }
}
