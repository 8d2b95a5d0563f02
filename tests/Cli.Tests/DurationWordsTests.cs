using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class DurationWordsTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1_800)]
    [InlineData("3h", 10_800)]
    [InlineData("1.5h", 5_400)]
    [InlineData("2d", 172_800)]
    [InlineData("1d12h30m", 131_400)]
    public void A_length_is_digits_and_units(string text, int seconds) =>
        DurationWords.Parse("to", text).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("h")]
    [InlineData("0h")]
    [InlineData("-3h")]
    [InlineData("3 h")]
    [InlineData("3w")]
    [InlineData("99999999999999999999d")]
    public void What_is_no_length_is_refused(string text) =>
        Should.Throw<InputException>(() => DurationWords.Parse("to", text)).Message.ShouldStartWith("to: ");
}
