using System.Text;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Participants.V1;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Storage;

namespace ComputeExchange.Settlement.Documents;

/// <summary>A file of a document.</summary>
public sealed record DocumentFile(string Name, string ContentType, byte[] Content);

/// <summary>Kept documents as files. Who it is for is asked of Participants when a file for people is made, and kept nowhere here.</summary>
public sealed class DocumentFiles(ExchangeClient exchange)
{
    /// <summary>How many lines of a statement are printed; a longer one is for programs.</summary>
    private const int PrintedLineMost = 20_000;

    private const int ByteMost = 60_000_000;

    /// <param name="row">The document.</param>
    /// <param name="format">pdf, csv or json.</param>
    /// <param name="cancel">When nobody waits for it any more.</param>
    public async Task<DocumentFile> Of(DocumentRow row, string format, CancellationToken cancel)
    {
        var body = Encoding.UTF8.GetBytes(row.Body);
        var file = format switch
        {
            "json" => new DocumentFile($"{row.Number}.json", "application/json", body),
            "csv" => new DocumentFile($"{row.Number}.csv", "text/csv", DocumentCsv.Write(DocumentJson.Read(body))),
            "pdf" => new DocumentFile($"{row.Number}.pdf", "application/pdf", await Print(DocumentJson.Read(body), cancel)),
            _ => throw Refuse.Field("format", $"is \"{format}\"; it can be \"pdf\", \"csv\" or \"json\"."),
        };
        return file.Content.Length <= ByteMost
            ? file
            : throw Refuse.Rule("DOCUMENT_TOO_LARGE", $"The file has {file.Content.Length / 1_000_000} MB: make documents of shorter periods.", "document_id");
    }

    private async Task<byte[]> Print(Document document, CancellationToken cancel)
    {
        if (document is Statement { Lines.Count: > PrintedLineMost and var count })
            throw Refuse.Rule("TOO_LONG_TO_PRINT", $"The statement has {count} lines and {PrintedLineMost} are printed at most: take its csv or json.", "format");
        var party = await exchange.Participants.GetBillingPartyAsync(
            new GetBillingPartyRequest { ParticipantId = document.Head.ParticipantId.ToString() },
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
        return PrintPdf.Of(document, new Party(Lines(party)));
    }

    private static IReadOnlyList<string> Lines(GetBillingPartyResponse party) =>
    [
        .. new[] { party.LegalName }.Concat(party.AddressLines).Append(party.Country).Where(line => line.Length > 0),
        .. party.TaxNumber.Length > 0 ? (string[])[$"Tax number {party.TaxNumber}"] : [],
        .. party.Erased ? (string[])["Name and address were erased at the participant's wish."] : [],
    ];
}
