using System.Globalization;
using ComputeExchange.Settlement.Storage;

namespace ComputeExchange.Settlement.Withdrawals;

/// <summary>Why a withdrawal or payout stands as it does, in a sentence for the participant.</summary>
public static class Explain
{
    /// <summary>Of a withdrawal.</summary>
    /// <param name="approvals">How many operators approved it.</param>
    public static string Withdrawal(WithdrawalRow row, int approvals, PaymentRulesRow rules) => row.State switch
    {
        WithdrawalRow.Pending => $"The engine has been asked to let the money go.{Halted(rules)}",
        WithdrawalRow.AwaitingApproval =>
            $"It is large: two operators must let it go, and {Approvers(approvals)}.{Halted(rules)}",
        _ => Payment(row.State, row.Explanation, rules),
    };

    /// <summary>Of what is on its way to a bank, or was.</summary>
    public static string Payment(string state, string explanation, PaymentRulesRow rules) => state switch
    {
        PaymentRow.Ready => rules.HaltedTime is null ? "It waits for the bank's next file or message." : Halted(rules).TrimStart(),
        PaymentRow.Sent => "The bank has it and has not said yet that it arrived.",
        WithdrawalRow.Refused when explanation.Length == 0 => "Not that much was free.",
        _ => explanation,
    };

    private static string Halted(PaymentRulesRow rules) => rules.HaltedTime is { } since
        ? string.Create(CultureInfo.InvariantCulture, $" No money leaves since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC, until operators have found out why the books do not agree; it waits.")
        : "";

    private static string Approvers(int approvals) => approvals switch
    {
        0 => "none has yet",
        1 => "one has",
        _ => "they have",
    };
}
