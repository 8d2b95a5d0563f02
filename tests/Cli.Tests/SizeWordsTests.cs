using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class SizeWordsTests
{
    [Theory]
    [InlineData("64G", 68_719_476_736)]
    [InlineData("64GiB", 68_719_476_736)]
    [InlineData("64 gib", 68_719_476_736)]
    [InlineData("64GB", 64_000_000_000)]
    [InlineData("512M", 536_870_912)]
    [InlineData("1.5K", 1_536)]
    [InlineData("2T", 2_199_023_255_552)]
    [InlineData("4096", 4_096)]
    public void An_amount_is_a_number_and_a_unit(string text, long bytes) => SizeWords.Parse("--memory", text).ShouldBe(bytes);

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("0G")]
    [InlineData("-1G")]
    [InlineData("64X")]
    [InlineData("64GiBs")]
    [InlineData("99999999999T")]
    public void What_is_no_amount_is_refused_with_an_example(string text) =>
        Should.Throw<InputException>(() => SizeWords.Parse("--memory", text)).Message.ShouldContain("64G");

    [Theory]
    [InlineData(0, "")]
    [InlineData(512, "512 B")]
    [InlineData(85_899_345_920, "80 GiB")]
    [InlineData(1_649_267_441_664, "1.5 TiB")]
    public void Amounts_are_shown_in_their_largest_unit(long bytes, string shown) => Show.Bytes(bytes).ShouldBe(shown);

    [Theory]
    [InlineData(0, "")]
    [InlineData(90, "1m30s")]
    [InlineData(3_600, "1h")]
    [InlineData(129_600, "1d12h")]
    public void Lengths_are_shown_as_they_are_typed(long seconds, string shown) => Show.Length(seconds).ShouldBe(shown);
}
