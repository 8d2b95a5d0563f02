using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class MoneyWordsTests
{
    [Theory]
    [InlineData("2.50", 2_500_000)]
    [InlineData("$2.5", 2_500_000)]
    [InlineData("0", 0)]
    [InlineData("0.000001", 1)]
    [InlineData("1,234.5", 1_234_500_000)]
    public void A_price_is_read_to_the_micro_dollar(string text, long micros) =>
        MoneyWords.Price("--limit", text).MicrosPerGpuHour.ShouldBe(micros);

    [Theory]
    [InlineData("2.0000001")]
    [InlineData("-1")]
    [InlineData("two")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("99999999999999999999")]
    public void What_is_no_price_is_refused_with_its_field(string text) =>
        Should.Throw<InputException>(() => MoneyWords.Price("--limit", text)).Message.ShouldStartWith("--limit: ");

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("5.1234567")]
    public void An_amount_is_above_0(string text) =>
        Should.Throw<InputException>(() => MoneyWords.Amount("amount", text)).Message.ShouldStartWith("amount: ");
}
