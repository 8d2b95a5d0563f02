using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>What a model's tokens ask of a GPU, and what they earn on it.</summary>
/// <remarks>
/// Published throughput counts generated tokens; reading the prompts that go with them is part of the same work and of the
/// same rate. So a GPU that generates at full load reads prompts in the proportion of the trace, and sells both.
/// </remarks>
public static class ModelWorth
{
    /// <summary>GPUs of a class that generate so many tokens in a minute.</summary>
    public static decimal GpusFor(long generatedTokensPerMinute, Throughput rate) => generatedTokensPerMinute / 60m / rate.TokensPerSecond;

    /// <summary>What one GPU earns in an hour at full load: generated tokens at their price, and the trace's prompts for them at theirs; rounded down.</summary>
    public static Price RevenuePerGpuHour(Throughput rate, TokenPrice price, RequestsFile trace)
    {
        var generated = rate.TokensPerSecond * 3_600;
        var prompts = generated * trace.PromptTokens / trace.GeneratedTokens;

        // Dollars per million tokens are micro-dollars per token.
        var micros = decimal.Floor(generated * price.Generated + prompts * price.Prompt);
        return new Price((long)Math.Min(micros, 1_000_000_000_000m));
    }
}
