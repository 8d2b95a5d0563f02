using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ComputeExchange.Settlement.Domain.Fees;

namespace ComputeExchange.Settlement.Domain;

/// <summary>Something that one operator proposes and another approves, exactly as it stands.</summary>
public abstract partial record Proposed
{
    private const long MostMicros = 1_000_000_000_000_000;
    private const long MostCoolingMinutes = 30 * 24 * 60;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly Dictionary<string, Type> Kinds = new(StringComparer.Ordinal)
    {
        ["set limits"] = typeof(Limits),
        ["resume payments"] = typeof(Resume),
        ["assign deposit"] = typeof(Assign),
        ["correct the ledger"] = typeof(Correct),
        ["set fees"] = typeof(SetFees),
        ["set tax"] = typeof(SetTax),
    };

    private Proposed()
    {
    }

    /// <summary>New limits of money going out.</summary>
    public sealed record Limits(long SingleMicros, long DailyMicros, long ApprovalMicros, long CoolingMinutes) : Proposed;

    /// <summary>Money may leave again after a halt.</summary>
    public sealed record Resume(string Explanation) : Proposed;

    /// <summary>An unmatched deposit belongs to somebody.</summary>
    public sealed record Assign(Guid DepositId, Guid ParticipantId) : Proposed;

    /// <summary>A transfer by hand.</summary>
    public sealed record Correct(string DebitAccount, string CreditAccount, long AmountMicros, string Reason) : Proposed;

    /// <summary>A fee schedule from a day on.</summary>
    public sealed record SetFees(string FromDay, IReadOnlyList<Tier> Tiers) : Proposed;

    /// <summary>A rate of tax from a day on.</summary>
    public sealed record SetTax(string TaxCode, string FromDay, int RatePpm) : Proposed;

    /// <summary>What it is, for example <c>set limits</c>.</summary>
    public string KindOf() => Kinds.Single(kind => kind.Value == GetType()).Key;

    /// <summary>Its parameters, the same text for the same content.</summary>
    public string Write() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <summary>SHA-256 of what it is and its parameters, hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{KindOf()}\n{Write()}")));

    /// <summary>A proposal as it was written.</summary>
    public static Proposed Read(string kind, string parameters) =>
        (Proposed)(JsonSerializer.Deserialize(parameters, Kinds[kind], Json) ?? throw new FormatException($"A proposal to {kind} has no parameters."));

    /// <summary>A day as it is written; null if it is none.</summary>
    public static DateOnly? DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>Every field that is wrong, and what would be right.</summary>
    public IReadOnlyList<(string Field, string Wrong)> Check(DateOnly today) => this switch
    {
        Limits limits => [.. OfLimits(limits)],
        Resume resume => [.. OfText("resume.explanation", resume.Explanation, 500)],
        Correct correct => [.. OfCorrection(correct)],
        SetFees fees => Within("set_fees", DayOf(fees.FromDay) is { } day ? new TierSchedule(day, fees.Tiers).Wrong(today) : [NoDay(fees.FromDay)]),
        SetTax tax => Within("set_tax", DayOf(tax.FromDay) is { } day ? FeeTax.Wrong(tax.TaxCode, day, tax.RatePpm, today) : [NoDay(tax.FromDay)]),
        _ => [],
    };

    private static IEnumerable<(string, string)> OfLimits(Limits limits)
    {
        if (limits.SingleMicros is < 0 or > MostMicros) yield return ("set_limits.single_micros", $"is {limits.SingleMicros}; it can be 0 to {MostMicros}.");
        if (limits.DailyMicros is < 0 or > MostMicros) yield return ("set_limits.daily_micros", $"is {limits.DailyMicros}; it can be 0 to {MostMicros}.");
        if (limits.ApprovalMicros is < 1 or > MostMicros)
            yield return ("set_limits.approval_micros", $"is {limits.ApprovalMicros}; it can be 1, so that every withdrawal needs two operators, to {MostMicros}.");
        if (limits.CoolingMinutes is < 0 or > MostCoolingMinutes)
            yield return ("set_limits.cooling_minutes", $"is {limits.CoolingMinutes}; it can be 0 to {MostCoolingMinutes}, 30 days.");
    }

    private static IEnumerable<(string, string)> OfCorrection(Correct correct)
    {
        const string accounts = "bank, suspense, fees, tax:<code>, receivable:<participant> or earnings:<participant>";
        if (CorrectableAccount(correct.DebitAccount) is null) yield return ("correct.debit_account", $"'{correct.DebitAccount}' cannot be corrected; it can be {accounts}.");
        if (CorrectableAccount(correct.CreditAccount) is null) yield return ("correct.credit_account", $"'{correct.CreditAccount}' cannot be corrected; it can be {accounts}.");
        else if (correct.DebitAccount == correct.CreditAccount) yield return ("correct.credit_account", "is the account it is taken from; give another.");
        if (correct.AmountMicros is < 1 or > MostMicros) yield return ("correct.amount_micros", $"is {correct.AmountMicros}; it can be 1 to {MostMicros}.");
        foreach (var wrong in OfText("correct.reason", correct.Reason, 100)) yield return wrong;
    }

    private static IReadOnlyList<(string, string)> Within(string what, IReadOnlyList<(string Field, string Wrong)> wrong) =>
        [.. wrong.Select(one => ($"{what}.{one.Field}", one.Wrong))];

    private static (string, string) NoDay(string text) => ("from_day", $"'{text}' is not a day such as 2026-12-01.");

    private static IEnumerable<(string, string)> OfText(string field, string text, int most)
    {
        if (string.IsNullOrWhiteSpace(text)) yield return (field, "is missing: say why, for those who read it later.");
        else if (text.Length > most || text.Any(char.IsControl)) yield return (field, $"is not one line of at most {most} characters.");
    }

    /// <summary>An account that operators may correct; null where it is none, or holds what participants trade with.</summary>
    public static Account? CorrectableAccount(string name)
    {
        switch (name)
        {
            case AccountKinds.Bank: return Account.Bank;
            case AccountKinds.Suspense: return Account.Suspense;
            case AccountKinds.Fees: return Account.Fees;
        }
        var parts = name.Split(':');
        if (parts is [AccountKinds.Tax, var code] && CodeOfTax().IsMatch(code)) return Account.Tax(code);
        if (parts is not [_, var owner] || !Guid.TryParseExact(owner, "D", out var id)) return null;
        var account = parts[0] switch
        {
            AccountKinds.Receivable => Account.Receivable(id),
            AccountKinds.Earnings => Account.Earnings(id),
            _ => null,
        };
        return account?.Name == name ? account : null;
    }

    [GeneratedRegex("^[A-Z0-9-]{2,10}$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeOfTax();
}
