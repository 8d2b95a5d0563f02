using ComputeExchange.Participants.Domain;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class BankAccountTests
{
    [Theory]
    [InlineData("DE89 3704 0044 0532 0130 00")]
    [InlineData("gb29 nwbk 6016 1331 9268 19")]
    [InlineData("FR1420041010050500013M02606")]
    [InlineData("NL91ABNA0417164300")]
    [InlineData("NO9386011117947")]
    [InlineData("MT84MALT011000012345MTLCAST001S")]
    public void An_IBAN_whose_check_digits_match_is_taken_with_or_without_spaces(string iban)
    {
        var account = BankAccount.Of(PaymentScheme.Iban, iban, "", "", "");
        account.Faults().ShouldBeEmpty();
        account.Iban.ShouldNotContain(" ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("DE89370400440532013001")]
    [InlineData("DE98370400440532013000")]
    [InlineData("DE8937040044053201300")]
    [InlineData("DE89370400440532013000X")]
    [InlineData("8937040044053201300000")]
    [InlineData("DE89-3704-0044-0532-0130-00")]
    public void An_IBAN_with_a_typing_error_is_refused(string iban) => Fields(BankAccount.Of(PaymentScheme.Iban, iban, "", "", "")).ShouldBe("iban");

    /// <summary>What people get wrong: a digit, or two neighbours exchanged.</summary>
    [Fact]
    public void No_single_wrong_digit_and_no_two_neighbours_exchanged_pass_for_the_account()
    {
        const string right = "DE89370400440532013000";
        for (var at = 2; at < right.Length; at++)
        {
            for (var digit = '0'; digit <= '9'; digit++)
                if (digit != right[at]) BankNumbers.IbanFault(right[..at] + digit + right[(at + 1)..]).ShouldNotBeNull();
            if (at + 1 < right.Length && right[at] != right[at + 1])
                BankNumbers.IbanFault(right[..at] + right[at + 1] + right[at] + right[(at + 2)..]).ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData("021000021", true)]
    [InlineData("011401533", true)]
    [InlineData("091000019", true)]
    [InlineData("021000022", false)]
    [InlineData("012000021", false)]
    [InlineData("000000000", false)]
    [InlineData("02100002", false)]
    [InlineData("02100002X", false)]
    [InlineData("", false)]
    public void A_routing_number_is_checked_by_its_last_digit(string number, bool taken) =>
        (Fields(BankAccount.Of(PaymentScheme.UsAch, "", "", number, "12345678")).Length == 0).ShouldBe(taken);

    [Fact]
    public void Every_wrong_field_of_an_account_is_named_and_no_sentence_repeats_it()
    {
        Fields(BankAccount.Of(PaymentScheme.UsAch, "DE89370400440532013000", "DEUTDEFF", "1", "12a")).ShouldBe("iban,bic,routing_number,account_number");
        Fields(BankAccount.Of(PaymentScheme.Iban, "DE89370400440532013000", "DEUT", "021000021", "1234")).ShouldBe("routing_number,account_number,bic");
        Fields(BankAccount.Of(PaymentScheme.Other, "", "", "", "")).ShouldBe("bic,account_number");
        Fields(BankAccount.Of(PaymentScheme.Other, "", "SBZAZAJJ", "", "62-0017 4")).ShouldBe("");
        foreach (var (_, description) in BankAccount.Of(PaymentScheme.Iban, "DE89370400440532013777", "DEUTDEXX1", "021000888", "999").Faults())
        {
            description.ShouldNotContain("013777");
            description.ShouldNotContain("000888");
        }
    }

    [Theory]
    [InlineData(PaymentScheme.Iban, "DE…3000")]
    [InlineData(PaymentScheme.UsAch, "…5678")]
    public void Of_an_account_only_the_end_is_shown(PaymentScheme scheme, string shown)
    {
        var account = BankAccount.Of(scheme, "DE89370400440532013000", "", "021000021", "12345678");
        account.Masked.ShouldBe(shown);
        account.ToString().ShouldNotContain("013000");
    }

    [Theory]
    [InlineData("1234567", "…67")]
    [InlineData("12", "…2")]
    public void Of_a_short_account_less_is_shown(string number, string shown) =>
        BankAccount.Of(PaymentScheme.Other, "", "SBZAZAJJ", "", number).Masked.ShouldBe(shown);

    private static string Fields(BankAccount account) => string.Join(',', account.Faults().Select(fault => fault.Field));
}
