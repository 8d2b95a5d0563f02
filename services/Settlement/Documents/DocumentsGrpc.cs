using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Export;
using ComputeExchange.Settlement.Statements;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using DocumentKind = ComputeExchange.Settlement.V1.DocumentKind;

namespace ComputeExchange.Settlement.Documents;

/// <summary>The door for statements, documents and the auditors' export: it reads the request, calls, and replies.</summary>
public sealed partial class DocumentsGrpc(
    SettlementDb db, ReadStatement statements, DocumentMaker maker, DocumentFiles files, LedgerExtracts ledger, LedgerExport export, TimeProvider clock)
    : DocumentsService.DocumentsServiceBase
{
    private const int PageStandard = 100;
    private const int PageMost = 1_000;
    private const int DayMost = 366;

    /// <inheritdoc />
    public override async Task<GetStatementResponse> GetStatement(GetStatementRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var whose = Named(request.ParticipantId, caller) ?? caller.Participant;
        var from = request.FromTime is null ? (DateTimeOffset?)null : Refuse.ParseTime("from_time", request.FromTime);
        var to = request.ToTime is null ? (DateTimeOffset?)null : Refuse.ParseTime("to_time", request.ToTime);
        return (await statements.Read(whose, from, to, context.CancellationToken)).ToProto();
    }

    /// <inheritdoc />
    public override async Task<CreateDocumentResponse> CreateDocument(CreateDocumentRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var whose = Named(request.ParticipantId, caller) ?? caller.Participant;
        var wrong = new List<(string, string)>();
        var kind = DocumentsWire.KindOf(request.Kind, wrong);
        var (from, to) = (DocumentsWire.Day("from_day", request.FromDay, wrong), DocumentsWire.Day("to_day", request.ToDay, wrong));
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (wrong.Count == 0 && to > today) wrong.Add(("to_day", $"is {to:O}, and that period is not over: today is {today:O} by the exchange's clock."));
        if (wrong.Count == 0 && (from >= to || to.DayNumber - from.DayNumber > DayMost))
            wrong.Add(("from_day", $"is {from:O}; it is before to_day, and at most {DayMost} days before it."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);

        var cancel = context.CancellationToken;
        if (!await db.Accounts.AnyAsync(account => account.OwnerId == whose, cancel)) throw Refuse.NotFound($"Participant {whose} has no account.");
        await ledger.Settle(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var document = await maker.Make(kind, whose, new Period(from, to), clock.GetUtcNow(), null, cancel);
        await transaction.CommitAsync(cancel);
        return new CreateDocumentResponse { Document = document.ToProto() };
    }

    /// <inheritdoc />
    public override async Task<ListDocumentsResponse> ListDocuments(ListDocumentsRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var whose = Named(request.ParticipantId, caller) ?? (caller.SeesAll ? null : caller.Participant);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, PageStandard, PageMost);
        var documents = db.Documents.AsNoTracking();
        if (whose is { } owner) documents = documents.Where(document => document.ParticipantId == owner);

        // Without their content, which can be large.
        var found = await documents.OrderByDescending(document => document.CreatedTime).ThenByDescending(document => document.Number).Skip(skip).Take(size)
            .Select(document => new DocumentRow
            {
                Id = document.Id,
                Number = document.Number,
                Kind = document.Kind,
                ParticipantId = document.ParticipantId,
                FromDay = document.FromDay,
                ToDay = document.ToDay,
                TotalMicros = document.TotalMicros,
                CreatedTime = document.CreatedTime,
                Body = "",
            })
            .ToListAsync(context.CancellationToken);
        return new ListDocumentsResponse { Documents = { found.Select(DocumentsWire.ToProto) }, NextPageToken = Refuse.NextPage(skip, size, found.Count) };
    }

    /// <inheritdoc />
    public override async Task<GetDocumentResponse> GetDocument(GetDocumentRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var id = Refuse.ParseId("document_id", request.DocumentId);
        var document = await db.Documents.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, context.CancellationToken);
        if (document is null || (!caller.SeesAll && document.ParticipantId != caller.Participant)) throw Refuse.NotFound($"There is no document {id} of yours.");
        var file = await files.Of(document, request.Format.Length == 0 ? "pdf" : request.Format, context.CancellationToken);
        return new GetDocumentResponse
        {
            Document = document.ToProto(),
            FileName = file.Name,
            ContentType = file.ContentType,
            Content = UnsafeByteOperations.UnsafeWrap(file.Content),
        };
    }

    /// <inheritdoc />
    public override async Task ExportLedger(ExportLedgerRequest request, IServerStreamWriter<ExportLedgerResponse> responseStream, ServerCallContext context)
    {
        await foreach (var lines in export.From(Math.Max(1, request.FromTransferId), context.CancellationToken))
            await responseStream.WriteAsync(new ExportLedgerResponse { Lines = lines }, context.CancellationToken);
    }

    /// <summary>The participant a request names; null where it names none. Others than the caller are for those who see all.</summary>
    private static Guid? Named(string participantId, Caller caller)
    {
        if (participantId.Length == 0) return null;
        var id = Refuse.ParseId("participant_id", participantId);
        return caller.SeesAll || id == caller.Participant ? id : throw Refuse.Denied("These are another participant's documents; leave participant_id empty for your own.");
    }
}
