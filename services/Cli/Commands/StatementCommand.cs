using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx account statement</c>: what the accounts held, and every transfer with what it is; as of any moment that is past.</summary>
public static class StatementCommand
{
    static readonly Argument<string?> Whose = CommandShape.Optional("participant", "Whose, by UUID; operators and auditors only. Default: your own.");
    static readonly Option<string?> From = CommandShape.May("--from", "TIME", "The period's start, for example 2026-11-01. Default: the beginning.");
    static readonly Option<string?> To = CommandShape.May("--to", "TIME", "The period's end, outside, for example 2026-12-01. Default: all that is there.");
    static readonly Option<string?> AsOf = CommandShape.May("--as-of", "TIME", "Everything up to a moment that is past: the same as --to without --from. Asked again, it answers the same.");
    static readonly Option<string?> Format = CommandShape.May("--format", "FORMAT", "table, csv or json; pdf for whole days, which makes a document that is kept. Default: table.");

    static readonly Sheet<StatementBalance> Balances = new Sheet<StatementBalance>("balances", "No account held anything.")
        .Text("Kind of account", "account_kind", balance => balance.AccountKind)
        .Money("At the start", "opening_micros", balance => balance.OpeningMicros)
        .Money("At the end", "closing_micros", balance => balance.ClosingMicros);

    static readonly Sheet<StatementLine> Lines = new Sheet<StatementLine>("lines", "Nothing moved in this period.")
        .Number("Transfer", "transfer_id", line => line.Transfer.TransferId)
        .Time("Recorded", "recorded_time", line => line.Transfer.RecordedTime)
        .Text("What", "text", line => line.Text)
        .Money("Amount", "amount_micros", line => line.Transfer.AmountMicros)
        .Money("Held then", "balance_micros", line => line.BalanceMicros)
        .Text("From", "debit_account", line => line.Transfer.DebitAccount)
        .Text("To", "credit_account", line => line.Transfer.CreditAccount)
        .Text("Cause", "cause", line => line.Transfer.Cause);

    /// <summary>The columns that only programs and spreadsheets read, after those for people.</summary>
    static readonly Sheet<StatementLine> Full = Columns(new Sheet<StatementLine>("lines", ""));

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make(
        "statement", "Balances at the start and the end of a period, and every transfer between.", Whose, From, To, AsOf, Format, DocumentCommands.Output).Does(Show);

    static async Task Show(Session session)
    {
        var format = session.Print.IsJson ? "json" : session.Line.GetValue(Format) ?? "table";
        if (format is not ("table" or "csv" or "json" or "pdf")) throw new InputException($"--format: \"{format}\" is not one of table, csv, json, pdf.");
        if (session.Line.GetValue(AsOf) is not null && (session.Line.GetValue(To) is not null || session.Line.GetValue(From) is not null))
            throw new InputException("--as-of: is everything up to a moment; leave --from and --to out.");

        var request = new GetStatementRequest { ParticipantId = session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("participant", whose) : "" };
        if (session.Line.GetValue(From) is { } from) request.FromTime = (await session.Time("--from", from)).ToTimestamp();
        if (session.Line.GetValue(To) is { } to) request.ToTime = (await session.Time("--to", to)).ToTimestamp();
        if (session.Line.GetValue(AsOf) is { } asOf) request.ToTime = (await session.Time("--as-of", asOf)).ToTimestamp();
        if (format == "pdf")
        {
            await Print(session, request);
            return;
        }

        var statement = await session.Ask(cancel => session.Exchange.Documents.GetStatementAsync(request, cancellationToken: cancel));
        var path = session.Line.GetValue(DocumentCommands.Output);
        if (path is null)
        {
            Write(session, statement, format, session.Print);
            return;
        }
        using var file = new StringWriter();
        var print = new Printer(file, json: format == "json");
        Write(session, statement, format, print);
        print.Finish();
        await File.WriteAllTextAsync(path, file.ToString(), session.Cancel);
        session.Print.Say(path);
    }

    static void Write(Session session, GetStatementResponse statement, string format, Printer print)
    {
        if (format == "csv")
        {
            CsvOutput.Write(print.Output, Full, statement.Lines);
            return;
        }
        if (format == "json" && !print.IsJson)
        {
            var json = new Printer(print.Output, json: true);
            Write(session, statement, format, json);
            json.Finish();
            return;
        }
        print.Rows(Balances, statement.Balances);
        print.Rows(print.IsJson ? Full : Lines, statement.Lines);
        print.Say($"Through transfer {statement.ThroughTransferId}, hash {statement.ThroughHash}.");
        print.Field("participant_id", statement.ParticipantId);
        print.Field("from_time", Iso(statement.FromTime));
        print.Field("to_time", Iso(statement.ToTime));
        print.Field("through_transfer_id", statement.ThroughTransferId);
        print.Field("through_hash", statement.ThroughHash);
    }

    /// <summary>What is printed is a document: of whole days, kept and numbered.</summary>
    static async Task Print(Session session, GetStatementRequest request)
    {
        if (request.FromTime is null || request.ToTime is null) throw new InputException("--format: pdf is of whole days; give --from and --to, for example --from 2026-11-01 --to 2026-12-01.");
        var create = new CreateDocumentRequest
        {
            Kind = DocumentKind.Statement,
            FromDay = Day("--from", request.FromTime),
            ToDay = Day("--to", request.ToTime),
            ParticipantId = request.ParticipantId,
        };
        var made = await session.Ask(cancel => session.Exchange.Documents.CreateDocumentAsync(create, cancellationToken: cancel));
        await DocumentCommands.Fetch(session, made.Document.DocumentId, "pdf");
    }

    static string Day(string option, Timestamp time)
    {
        var day = time.ToDateTimeOffset().UtcDateTime;
        return day.TimeOfDay == TimeSpan.Zero
            ? day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)
            : throw new InputException($"{option}: pdf is of whole UTC days; {Output.Show.Time(time)} is within one.");
    }

    static string Iso(Timestamp time) =>
        time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);

    static Sheet<StatementLine> Columns(Sheet<StatementLine> sheet)
    {
        foreach (var column in Lines.Columns) sheet.Add(column.Header, column.Field, column.Text, column.Json, column.IsNumber);
        return sheet
            .Text("Kind", "kind", line => line.Transfer.Kind)
            .Text("Phase", "phase", line => line.Transfer.Phase)
            .Time("Happened", "happened_time", line => line.Transfer.HappenedTime)
            .Text("Hash", "hash", line => line.Transfer.Hash);
    }
}
