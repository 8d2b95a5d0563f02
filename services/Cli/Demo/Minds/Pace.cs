namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>How fast the exchange's clock runs, and what that leaves for people to do in one of its minutes.</summary>
/// <param name="Speed">Exchange seconds in a real second.</param>
/// <remarks>
/// The exchange is asked for as much in a real second at any speed above <see cref="Usual"/>: where more time passes in it, less
/// happens in each of its minutes and bids are larger. At a lower speed less happens.
/// </remarks>
public sealed record Pace(int Speed)
{
    /// <summary>An exchange hour a minute.</summary>
    public const int Usual = 60;

    /// <summary>The most bids that come in an exchange minute, per mille.</summary>
    public int MostBidsPerMinute => PerMinute(1_500);

    /// <summary>The most second thoughts about open bids in an exchange minute, per mille.</summary>
    public int MostSecondThoughtsPerMinute => PerMinute(1_500);

    int PerMinute(int permille) => Math.Max(1, permille * Usual / Math.Max(Usual, Speed));
}
