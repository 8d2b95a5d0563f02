using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx account documents</c> and <c>cx account document</c>: invoices, payout statements and statements as files.</summary>
public static class DocumentCommands
{
    /// <summary>Where a file goes.</summary>
    public static readonly Option<string?> Output = new("--output", "-o") { Description = "Write it there. Default: the output, or the file's own name for pdf.", HelpName = "FILE" };

    static readonly Argument<string?> Whose = CommandShape.Optional("participant", "Whose, by UUID; operators and auditors only. Default: your own.");
    static readonly Argument<string> Id = CommandShape.Needed("document", "Its id, a UUID, or its number, for example INV-2026-000012.");
    static readonly Argument<string> Kind = CommandShape.Needed("kind", "invoice, payout-statement or statement.");
    static readonly Option<string> From = CommandShape.Required("--from", "DAY", "The period's first UTC day, for example 2026-11-01.");
    static readonly Option<string> To = CommandShape.Required("--to", "DAY", "The first UTC day after the period; not in the future.");
    static readonly Option<string?> Format = CommandShape.May("--format", "FORMAT", "pdf, csv or json. Default: pdf.");
    static readonly Option<string?> For = CommandShape.May("--for", "PARTICIPANT", "Whose, by UUID; operators only. Default: your own.");

    static readonly Sheet<Document> Documents = new Sheet<Document>("documents", "No documents.")
        .Text("Document", "document_id", document => document.DocumentId)
        .Text("Number", "number", document => document.Number)
        .Word("Kind", "kind", document => document.Kind)
        .Text("Whose", "participant_id", document => document.ParticipantId)
        .Text("From", "from_day", document => document.FromDay)
        .Text("To", "to_day", document => document.ToDay)
        .Money("Comes to", "total_micros", document => document.TotalMicros)
        .Time("Made", "created_time", document => document.CreatedTime);

    /// <summary><c>documents</c>.</summary>
    public static Command MakeList() => CommandShape.Make("documents", "Invoices, payout statements and statements, newest first; make one of any days that are over.", Whose, States.Most,
        CommandShape.Make("make", "Make a document of a period, or get the one there is.", Kind, From, To, For).Does(Create)).Does(async session =>
        session.Print.Rows(Documents, await All(session, session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("participant", whose) : "", session.Line.GetValue(States.Most))));

    /// <summary><c>document</c>.</summary>
    public static Command Make() => CommandShape.Make("document", "A document as a file.", Id, Format, Output)
        .Does(async session =>
        {
            var id = session.Line.GetRequiredValue(Id);
            if (!Guid.TryParse(id, out _))
                id = (await All(session, "", 0)).FirstOrDefault(document => document.Number.Equals(id, StringComparison.OrdinalIgnoreCase))?.DocumentId
                    ?? throw new InputException($"document: \"{id}\" is neither a UUID nor the number of one of your documents; cx account documents lists them.");
            await Fetch(session, id, session.Line.GetValue(Format) ?? "");
        });

    /// <summary>Writes a document's file where it was asked for.</summary>
    public static async Task Fetch(Session session, string id, string format)
    {
        var request = new GetDocumentRequest { DocumentId = id, Format = format };
        var file = await session.Ask(cancel => session.Exchange.Documents.GetDocumentAsync(request, cancellationToken: cancel));
        if (session.Line.GetValue(Output) is null && file.ContentType != "application/pdf")
        {
            if (session.Print.IsJson) session.Print.Field("content", file.Content.ToStringUtf8());
            else await session.Print.Output.WriteAsync(file.Content.ToStringUtf8());
            return;
        }
        var path = session.Line.GetValue(Output) ?? file.FileName;
        await using (var output = File.Create(path)) await output.WriteAsync(file.Content.Memory, session.Cancel);
        session.Print.Say(path);
        session.Print.Field("file", path);
        session.Print.Field("document_id", file.Document.DocumentId);
        session.Print.Field("number", file.Document.Number);
    }

    static async Task Create(Session session)
    {
        var request = new CreateDocumentRequest
        {
            Kind = session.Line.GetRequiredValue(Kind) switch
            {
                "invoice" => DocumentKind.Invoice,
                "payout-statement" => DocumentKind.PayoutStatement,
                "statement" => DocumentKind.Statement,
                var other => throw new InputException($"kind: \"{other}\" is not one of invoice, payout-statement, statement."),
            },
            FromDay = session.Line.GetRequiredValue(From),
            ToDay = session.Line.GetRequiredValue(To),
            ParticipantId = session.Line.GetValue(For) is { } whose ? IdWords.Uuid("--for", whose) : "",
        };
        var document = (await session.Ask(cancel => session.Exchange.Documents.CreateDocumentAsync(request, cancellationToken: cancel))).Document;
        session.Print.Say($"document {document.DocumentId} {document.Number} {Show.Money(document.TotalMicros)}");
        if (session.Print.IsJson) session.Print.Card(Documents, document);
    }

    static Task<List<Document>> All(Session session, string whose, int most) => Session.Pages<Document>(async token =>
    {
        var request = new ListDocumentsRequest { ParticipantId = whose, PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.Documents.ListDocumentsAsync(request, cancellationToken: cancel));
        return (reply.Documents, reply.NextPageToken);
    }, most);
}
