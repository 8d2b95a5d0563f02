using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class ModelWorthTests
{
    // 1,200 prompt and 360 generated tokens; the first minute generates 300.
    static readonly RequestsFile Trace = TestFiles.Small.Requests;
    static readonly Throughput Rate = TestFiles.Small.Tokens.Of("llama3.1-8b")["H100-SXM-80GB"];

    [Fact]
    public void Requests_are_added_up_by_the_minute()
    {
        Trace.Minutes.Select(minute => (minute.Requests, minute.PromptTokens, minute.GeneratedTokens)).ShouldBe([(2, 600, 300), (1, 600, 60)]);
        Trace.BusiestMinuteTokens.ShouldBe(300);
    }

    [Fact]
    public void Gpus_wanted_are_generated_tokens_a_second_by_the_published_rate() =>
        // 300 tokens in a minute are 5 a second; a GPU makes 5,000.
        ModelWorth.GpusFor(300, Rate).ShouldBe(0.001m);

    [Fact]
    public void A_gpu_earns_its_generated_tokens_and_the_prompts_that_go_with_them()
    {
        // 5,000 × 3,600 = 18,000,000 generated at $0.05 a million are $0.90;
        // 1,200 / 360 of them, 60,000,000 prompt tokens, at $0.02 are $1.20.
        var price = new TokenPrice(new DateOnly(2026, 2, 1), "m", Prompt: 0.02m, Generated: 0.05m);
        ModelWorth.RevenuePerGpuHour(Rate, price, Trace).MicrosPerGpuHour.ShouldBe(2_100_000);
    }

    [Fact]
    public void Revenue_is_rounded_down_to_the_micro_dollar()
    {
        var price = new TokenPrice(new DateOnly(2026, 2, 1), "m", Prompt: 0m, Generated: 0.0000001m);
        ModelWorth.RevenuePerGpuHour(Rate, price, Trace).MicrosPerGpuHour.ShouldBe(1);
    }

    [Fact]
    public void The_server_scenario_goes_before_offline_and_the_best_result_before_the_others()
    {
        var tokens = TestFiles.Tokens(
            "m,Offline,NVIDIA L40S,900,a", "m,Offline,NVIDIA L40S,950,b",
            "m,Offline,NVIDIA H100-SXM-80GB,6000,c", "m,Server,NVIDIA H100-SXM-80GB,5000,d", "m,Server,NVIDIA H100-SXM-80GB,4000,e",
            "m,Interactive,NVIDIA H200-SXM-141GB,9000,f", "m,Server,Abacus,1,g", "m,Server,NVIDIA L40S,NaN,h", ",Server,NVIDIA L40S,1,i");
        tokens.Of("M").Values.Select(rate => (rate.ClassName, rate.TokensPerSecond, rate.Scenario)).ShouldBe(
            [("L40S-48GB", 950m, "Offline"), ("H100-SXM-80GB", 5000m, "Server")], ignoreOrder: true);
        tokens.Skipped.Count.ShouldBe(4);
    }
}
