using System.Diagnostics;
using System.Globalization;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;
using DocumentKind = ComputeExchange.Settlement.V1.DocumentKind;

namespace ComputeExchange.Settlement.Documents;

/// <summary>Documents as they go over the wire.</summary>
internal static class DocumentsWire
{
    private const string DayForm = "yyyy-MM-dd";

    public static string KindOf(DocumentKind kind, List<(string, string)> wrong)
    {
        switch (kind)
        {
            case DocumentKind.Invoice: return DocumentKinds.Invoice;
            case DocumentKind.PayoutStatement: return DocumentKinds.PayoutStatement;
            case DocumentKind.Statement: return DocumentKinds.Statement;
            default:
                wrong.Add(("kind", "is missing: give DOCUMENT_KIND_INVOICE, DOCUMENT_KIND_PAYOUT_STATEMENT or DOCUMENT_KIND_STATEMENT."));
                return "";
        }
    }

    public static DateOnly Day(string field, string value, List<(string, string)> wrong)
    {
        if (DateOnly.TryParseExact(value, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        wrong.Add((field, value.Length == 0 ? "is missing: give a UTC day, for example 2026-11-01." : $"'{value}' is not a day: write for example 2026-11-01."));
        return default;
    }

    public static V1.Document ToProto(this DocumentRow row) => new()
    {
        DocumentId = row.Id.ToString(),
        Number = row.Number,
        Kind = row.Kind switch
        {
            "INVOICE" => DocumentKind.Invoice,
            "PAYOUT_STATEMENT" => DocumentKind.PayoutStatement,
            "STATEMENT" => DocumentKind.Statement,
            var other => throw new UnreachableException($"A document cannot be {other}."),
        },
        ParticipantId = row.ParticipantId.ToString(),
        FromDay = row.FromDay.ToString(DayForm, CultureInfo.InvariantCulture),
        ToDay = row.ToDay.ToString(DayForm, CultureInfo.InvariantCulture),
        TotalMicros = row.TotalMicros,
        CreatedTime = row.CreatedTime.ToTimestamp(),
    };

    public static GetStatementResponse ToProto(this Statement statement) => new()
    {
        ParticipantId = statement.Head.ParticipantId.ToString(),
        FromTime = statement.Head.FromTime.ToTimestamp(),
        ToTime = statement.Head.ToTime.ToTimestamp(),
        Balances =
        {
            statement.Balances.Select(balance => new V1.StatementBalance
            {
                AccountKind = balance.AccountKind,
                OpeningMicros = balance.OpeningMicros,
                ClosingMicros = balance.ClosingMicros,
            }),
        },
        Lines = { statement.Lines.Select(ToProto) },
        ThroughTransferId = statement.Head.ThroughTransfer,
        ThroughHash = statement.Head.ThroughHash,
    };

    private static V1.StatementLine ToProto(Domain.Documents.StatementLine line) => new()
    {
        Transfer = new Transfer
        {
            TransferId = line.Transfer,
            DebitAccount = line.DebitAccount,
            CreditAccount = line.CreditAccount,
            AmountMicros = line.AmountMicros,
            Kind = line.TransferKind,
            Cause = line.Cause,
            HappenedTime = line.HappenedTime.ToTimestamp(),
            Phase = line.Phase,
            PendingTransferId = line.PendingTransfer,
            RecordedTime = line.RecordedTime.ToTimestamp(),
            Hash = line.Hash,
        },
        Text = line.Text,
        BalanceMicros = line.BalanceMicros,
    };
}
