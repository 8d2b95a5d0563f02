using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Cli.Replay.Files;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>The four files of a replay.</summary>
public sealed record ReplayFiles(OffersFile Offers, RequestsFile Requests, TokensFile Tokens, PricesFile Prices)
{
    /// <summary>What makes a replay the same replay: the files' bytes and all that was asked for.</summary>
    public string KeyOf(PlanOptions options, ExchangeTerms terms, DateTimeOffset start)
    {
        var text = string.Join('\n',
            Offers.Sha256, Requests.Sha256, Tokens.Sha256, Prices.Sha256, options.Model.ToLowerInvariant(),
            options.Days.ToString(CultureInfo.InvariantCulture), options.Seed.ToString(CultureInfo.InvariantCulture),
            options.Scale.ToString("0.############################", CultureInfo.InvariantCulture), options.StepMinutes.ToString(CultureInfo.InvariantCulture),
            start.UtcDateTime.ToString("s", CultureInfo.InvariantCulture),
            $"{terms.TickMicros} {terms.HighestPriceMicros} {terms.BidGpus}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
