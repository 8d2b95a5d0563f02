using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class TickWordsTests
{
    static readonly Instrument H100 = new() { ReferenceTicks = 2_500, Terms = new InstrumentTerms { TickValueMicros = 730_000 } };

    [Theory]
    [InlineData("2500", 2_500)]
    [InlineData("$1,825.00", 2_500)]
    [InlineData("$0.73", 1)]
    public void A_price_is_whole_ticks_or_dollars_for_one_lot(string text, long ticks) => TickWords.Ticks("--price", text, H100).ShouldBe(ticks);

    [Theory]
    [InlineData("2.5", "whole ticks, for example 2500")]
    [InlineData("-1", "whole ticks")]
    [InlineData("0", "whole ticks")]
    [InlineData("$0", "above 0")]
    [InlineData("$1825.50", "the nearest are $1,825.00 and $1,825.73")]
    public void A_price_that_is_none_is_refused_and_says_what_would_be_right(string text, string says) =>
        Should.Throw<InputException>(() => TickWords.Ticks("--price", text, H100)).Message.ShouldContain(says);
}
