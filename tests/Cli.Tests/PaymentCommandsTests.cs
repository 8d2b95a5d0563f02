using ComputeExchange.Cli.Commands;
using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class PaymentCommandsTests
{
    [Fact]
    public void A_tier_is_a_volume_in_dollars_and_two_rates()
    {
        var tier = ProposalCommands.Tier("100000.50:2500:0");
        (tier.FromVolumeMicros, tier.BuyerPpm, tier.SellerPpm).ShouldBe((100_000_500_000, 2_500, 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1:2")]
    [InlineData("1:2:3:4")]
    [InlineData("-1:2:3")]
    [InlineData("1:2:x")]
    public void What_is_no_tier_is_refused_with_an_example(string text) =>
        Should.Throw<InputException>(() => ProposalCommands.Tier(text)).Message.ShouldContain("100000:2500:2500");

    [Theory]
    [InlineData("--to", "withdraw", "5")]
    [InlineData("--to", "withdraw", "5", "--to", "my bank")]
    [InlineData("amount", "withdraw", "lots", "--to", "0192f0c1-2d3e-7abc-8def-0123456789ab")]
    [InlineData("--amount", "withdrawals", "approve", "0192f0c1-2d3e-7abc-8def-0123456789ab")]
    [InlineData("withdrawal", "withdrawals", "approve", "the big one", "--amount", "5")]
    [InlineData("--reason", "withdrawals", "reject", "0192f0c1-2d3e-7abc-8def-0123456789ab")]
    [InlineData("--reason", "payments", "halt")]
    [InlineData("--number", "payments", "export", "--number", "last")]
    [InlineData("file", "payments", "import", "/no/such/statement.csv")]
    [InlineData("--hash", "proposals", "approve", "0192f0c1-2d3e-7abc-8def-0123456789ab")]
    [InlineData("--cooling", "proposals", "propose", "limits", "--single", "1", "--daily", "1", "--approval", "1", "--cooling", "long")]
    [InlineData("--explanation", "proposals", "propose", "resume")]
    [InlineData("participant", "proposals", "propose", "assign", "0192f0c1-2d3e-7abc-8def-0123456789ab", "me")]
    [InlineData("--amount", "proposals", "propose", "correct", "--debit", "bank", "--credit", "fees", "--amount", "-1", "--reason", "so")]
    [InlineData("--tier", "proposals", "propose", "fees", "--from-day", "2026-12-01", "--tier", "1")]
    [InlineData("--ppm", "proposals", "propose", "tax", "DE", "--from-day", "2026-12-01")]
    public async Task Wrong_input_is_a_sentence_with_its_field_and_nothing_is_sent(string field, params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        (await Program.Contents().Run([.. words, "--address", "http://127.0.0.1:1"], output, error)).ShouldBeInRange(1, 2);
        output.ToString().ShouldBeEmpty();
        error.ToString().ShouldContain(field);
        error.ToString().ShouldNotContain("No exchange answers");
    }
}
