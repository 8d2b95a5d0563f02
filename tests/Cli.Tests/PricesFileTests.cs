using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class PricesFileTests
{
    static readonly TokensFile Tokens = TestFiles.Tokens(
        "llama3.1-8b,Server,NVIDIA H100-SXM-80GB,5000,a", "llama2-70b-99,Server,NVIDIA H100-SXM-80GB,3800,b",
        "qwen3-32b,Server,NVIDIA H100-SXM-80GB,2000,c", "whisper,Server,NVIDIA H100-SXM-80GB,2000,d");

    static readonly PricesFile Prices = TestFiles.Prices(
        "2026-01-10,m,meta-llama/llama-3.1-8b-instruct,0.02,0.03",
        "2026-01-20,m,meta-llama/llama-3.1-8b-instruct,0.02,0.05",
        "2026-01-20,n,meta-llama/llama-3.1-8b-instruct,0.03,0.06",
        "2026-01-20,m,meta-llama/llama-3.1-70b-instruct,0.4,0.4",
        "2026-01-20,q,qwen/Qwen3-32B,0.1,0.3");

    [Fact]
    public void A_model_is_found_by_the_alias_table()
    {
        var found = PricesFile.Match("llama3.1-8b", Tokens, Prices);
        found.Id.ShouldBe("meta-llama/llama-3.1-8b-instruct");
        found.StandsIn.ShouldBeEmpty();
    }

    [Fact]
    public void A_model_is_found_by_its_name_without_its_maker() => PricesFile.Match("qwen3-32b", Tokens, Prices).Id.ShouldBe("qwen/Qwen3-32B");

    [Fact]
    public void A_price_that_stands_in_for_another_says_why()
    {
        PricesFile.Match("llama2-70b-99", Tokens, Prices).StandsIn.ShouldNotBeEmpty();
        var own = TestFiles.Prices("2026-01-20,m,meta-llama/llama-3.1-70b-instruct,0.4,0.4", "2026-01-20,m,meta-llama/llama-2-70b-chat,0.9,0.9");
        PricesFile.Match("llama2-70b-99", Tokens, own).Id.ShouldBe("meta-llama/llama-2-70b-chat");
    }

    [Theory]
    [InlineData("2026-01-01", "0.03")]
    [InlineData("2026-01-15", "0.03")]
    [InlineData("2026-01-20", "0.05")]
    [InlineData("2026-03-01", "0.05")]
    public void The_latest_price_not_after_the_day_counts_else_the_first_and_the_cheapest_of_several(string day, string generated) =>
        PricesFile.Match("llama3.1-8b", Tokens, Prices).On(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture))
            .Generated.ShouldBe(decimal.Parse(generated, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void A_model_without_a_price_is_refused_with_those_that_have_one() =>
        Should.Throw<InputException>(() => PricesFile.Match("whisper", Tokens, Prices))
            .Message.ShouldBe("--model: \"whisper\" has no row in the price file, by alias or by name. These work: llama2-70b-99, llama3.1-8b, qwen3-32b.");

    [Fact]
    public void A_model_without_throughput_is_refused_with_those_that_have_it() =>
        Should.Throw<InputException>(() => PricesFile.Match("gpt-9", Tokens, Prices))
            .Message.ShouldBe("--model: \"gpt-9\" has no usable row in the tokens file. These work: llama2-70b-99, llama3.1-8b, qwen3-32b.");

    [Fact]
    public void Bad_rows_are_counted_by_reason()
    {
        var prices = TestFiles.Prices("soon,m,a/b,1,1", "2026-01-01,m,,1,1", "2026-01-01,m,a/b,x,1", "2026-01-01,m,a/b,1,-1", "2026-01-01,m,a/b,0,0");
        prices.Skipped.Count.ShouldBe(5);
        prices.Skipped.ByReason.Count.ShouldBe(5);
        prices.ModelCount.ShouldBe(0);
    }
}
