using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Commands;

/// <summary>What a webhook's call bears: when it was signed, and HMAC-SHA256 of that time, a dot and the body with the webhook's secret.</summary>
/// <param name="Seconds">Unix time.</param>
/// <param name="Digest">The first scheme's digest.</param>
public sealed record WebhookSignature(long Seconds, byte[] Digest)
{
    /// <summary>When it was signed.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeSeconds(Seconds);

    /// <summary>Reads the header <c>t=1772355600,v1=HEX</c>; parts of other schemes are passed over.</summary>
    public static WebhookSignature Parse(string field, string header)
    {
        var parts = header.Split(',', StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToLookup(part => part[0], part => part[1]);
        try
        {
            if (long.TryParse(parts["t"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
                && parts["v1"].FirstOrDefault() is { Length: 64 } digest) return new WebhookSignature(seconds, Convert.FromHexString(digest));
        }
        catch (FormatException)
        {
            // Not hexadecimal: said below with everything else that is no signature.
        }
        throw new InputException($"{field}: \"{header}\" is not a signature: it looks like t=1772355600,v1= and 64 hexadecimal digits.");
    }

    /// <summary>Whether it is that of a body under a secret.</summary>
    public bool IsOf(ReadOnlySpan<byte> body, string secret)
    {
        using var signing = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        signing.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seconds}.")));
        signing.AppendData(body);
        return CryptographicOperations.FixedTimeEquals(signing.GetHashAndReset(), Digest);
    }
}
