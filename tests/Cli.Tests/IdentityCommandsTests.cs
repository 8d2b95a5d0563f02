using ComputeExchange.Cli.Commands;
using ComputeExchange.Cli.Words;
using ComputeExchange.Participants.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class IdentityCommandsTests
{
    [Theory]
    [InlineData("DE89370400440532013000", "", "", "", PaymentScheme.Iban)]
    [InlineData("", "", "021000021", "12345678", PaymentScheme.UsAch)]
    [InlineData("", "SBZAZAJJ", "", "62-0017", PaymentScheme.Other)]
    public void How_an_account_is_named_says_of_which_scheme_it_is(string iban, string bic, string routing, string account, PaymentScheme scheme) =>
        DestinationCommands.Request("id", "Ada", "", iban, bic, routing, account).Scheme.ShouldBe(scheme);

    [Fact]
    public void A_destination_without_an_account_is_refused_with_the_options_there_are() =>
        Should.Throw<InputException>(() => DestinationCommands.Request("id", "Ada", "", "", "DEUTDEFF", "", "")).Message.ShouldContain("--iban");

    [Theory]
    [InlineData("--holder", "destinations", "add", "--iban", "DE89370400440532013000")]
    [InlineData("destination", "destinations", "remove", "mine")]
    [InlineData("--participant", "destinations", "--participant", "me")]
    [InlineData("--legal-name", "profile", "set")]
    [InlineData("--participant", "profile", "--participant", "me")]
    [InlineData("--yes", "privacy", "erase")]
    [InlineData("--participant", "privacy", "export", "--participant", "me")]
    public async Task Wrong_input_is_a_sentence_with_its_field_and_nothing_is_sent(string field, params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        (await Program.Contents().Run([.. words, "--address", "http://127.0.0.1:1"], output, error)).ShouldBe(1);
        output.ToString().ShouldBeEmpty();
        error.ToString().ShouldContain(field);
        error.ToString().ShouldNotContain("No exchange answers");
    }
}
