using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ComputeExchange.Participants.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using CsvHelper;

namespace ComputeExchange.Settlement.Rails;

/// <summary>The csv rail's two files: payments for the bank, and the bank's statement.</summary>
public static partial class BankFile
{
    private const long MostMicros = 1_000_000_000_000_000;
    private const int NamedLimit = 20;

    private static readonly string[] Header = ["entry_id", "booked_on", "amount", "currency", "reference", "kind"];

    private static readonly Dictionary<string, RailSays> Kinds = new(StringComparer.Ordinal)
    {
        ["credit"] = RailSays.DepositSettled,
        ["credit_reversed"] = RailSays.DepositReversed,
        ["debit_settled"] = RailSays.PaymentSettled,
        ["debit_failed"] = RailSays.PaymentFailed,
        ["debit_returned"] = RailSays.PaymentReturned,
    };

    /// <summary>Payments for the bank. What a spreadsheet would take for a formula is not written.</summary>
    public static string Write(IEnumerable<(PaymentRow Payment, GetPaymentDestinationResponse To)> payments)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { HasHeader = false, NewLine = "\n" }, leaveOpen: true))
        {
            csv.WriteRecord(["payment_id", "amount", "currency", "holder", "scheme", "account", "routing", "reference"]);
            foreach (var (payment, to) in payments) csv.WriteRecord(Row(payment, to));
        }
        return text.ToString();
    }

    private static string[] Row(PaymentRow payment, GetPaymentDestinationResponse to)
    {
        var (scheme, account, routing) = to.Scheme switch
        {
            PaymentScheme.Iban => ("IBAN", to.Iban, to.Bic),
            PaymentScheme.UsAch => ("US_ACH", to.AccountNumber, to.RoutingNumber),
            PaymentScheme.Other => ("OTHER", to.AccountNumber, to.Bic),
            _ => ("", "", ""),
        };
        return
        [
            payment.Id.ToString(), ((decimal)payment.AmountMicros / Money.MicrosPerDollar).ToString("0.00", CultureInfo.InvariantCulture), "USD",
            Plain(to.Holder), scheme, Plain(account), Plain(routing), $"CX {payment.Id}",
        ];
    }

    private static string Plain(string text) => text.TrimStart('=', '+', '-', '@', '\t', '\r');

    /// <summary>Reads a bank's statement: all of its lines, or what is wrong with those that are.</summary>
    public static IReadOnlyList<RailEvent> Read(string text, out IReadOnlyList<string> wrong)
    {
        var (events, found) = (new List<RailEvent>(), new List<string>());
        wrong = found;
        using var csv = CsvReader.Create(Encoding.UTF8.GetBytes(text), new CsvReaderOptions
        {
            HasHeader = false,
            TrimWhitespace = true,
            MalformedData = CsvMalformedDataHandling.Recover,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
        });
        var row = 1;
        if (!csv.Read() || !Fields(csv).SequenceEqual(Header))
        {
            found.Add($"the header line is not {string.Join(',', Header)}.");
            return [];
        }
        while (found.Count < NamedLimit && csv.Read())
        {
            row++;
            var fields = Fields(csv);
            if (fields.Length != Header.Length) found.Add($"row {row} has {fields.Length} fields; there must be {Header.Length}.");
            else if (Line(fields, out var happened) is { } mistake) found.Add($"row {row}: {mistake}");
            else events.Add(happened!);
        }
        return events;
    }

    private static string[] Fields(CsvReader csv) => [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)];

    private static string? Line(string[] fields, out RailEvent? happened)
    {
        happened = null;
        var (id, day, amount, currency, reference, kind) = (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
        if (id.Length is 0 or > 100 || id.Any(char.IsControl)) return "entry_id must have 1 to 100 characters.";
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var booked))
            return $"booked_on '{day}' is not a day such as 2026-03-02.";
        if (!Money.TryParse(amount, out var money) || money.Micros is <= 0 or > MostMicros) return $"amount '{amount}' is not an amount above 0 such as 1250.00.";
        if (currency != "USD") return $"currency '{currency}' is not USD.";
        if (!Kinds.TryGetValue(kind, out var says)) return $"kind '{kind}' is none of {string.Join(", ", Kinds.Keys)}.";
        if (reference.Length > 500) return "reference has more than 500 characters.";

        var payment = PaymentId().Match(reference) is { Success: true } found ? Guid.Parse(found.Value) : (Guid?)null;
        if (says == RailSays.DepositReversed && reference.Length is 0 or > 100) return "reference of credit_reversed must be the entry_id of the credit that is taken back.";
        happened = new RailEvent(
            CsvRail.RailName, id, says, says <= RailSays.PaymentReturned ? payment : null, says == RailSays.DepositSettled ? reference : "",
            says == RailSays.DepositReversed ? reference : id, money, new DateTimeOffset(booked.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
        return null;
    }

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex PaymentId();
}
