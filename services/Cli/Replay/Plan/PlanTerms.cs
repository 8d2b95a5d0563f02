namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>What was asked for.</summary>
/// <param name="Model">The benchmark's name of the model whose tokens are sold.</param>
/// <param name="Days">Simulated days. Range: [1, 60].</param>
/// <param name="Seed">What chance begins from.</param>
/// <param name="Scale">Multiplies all demand. Range: (0, 100].</param>
/// <param name="StepMinutes">Simulated minutes between two runs. Range: [1, 1440].</param>
/// <param name="Start">The first moment; null: the midnight that begins the first snapshot's day.</param>
public sealed record PlanOptions(string Model, int Days, long Seed, decimal Scale = 1, int StepMinutes = 30, DateTimeOffset? Start = null);

/// <summary>The exchange's own bounds, from its settings.</summary>
/// <param name="TickMicros">The price step.</param>
/// <param name="HighestPriceMicros">The highest limit or reserve.</param>
/// <param name="BidGpus">The most GPUs in one bid.</param>
public sealed record ExchangeTerms(long TickMicros, long HighestPriceMicros, int BidGpus)
{
    /// <summary>What the rulebook sets where nobody changed it.</summary>
    public static ExchangeTerms Default { get; } = new(1_000, 50_000_000, 4_096);
}
