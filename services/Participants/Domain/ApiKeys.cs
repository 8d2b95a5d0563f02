using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ComputeExchange.Participants.Domain;

/// <summary>An API key as it is made: shown once, never stored.</summary>
/// <param name="Id">By which it is looked up: 16 hexadecimal digits.</param>
/// <param name="Text">The whole key.</param>
public sealed record NewKey(string Id, string Text)
{
    /// <summary>Nothing that prints this prints the secret.</summary>
    public override string ToString() => $"key {Id}";
}

/// <summary>The form of API keys, <c>gpx_&lt;env&gt;_&lt;id&gt;_&lt;secret&gt;</c>, and how a shown key is compared with a stored one.</summary>
/// <remarks>The secret is 256 random bits, so a plain SHA-256 of the key is safe to store: there is nothing to guess.</remarks>
public static partial class ApiKeys
{
    /// <summary>How many days a key is good unless said otherwise.</summary>
    public const int StandardDayCount = 90;

    /// <summary>How many days a key can be good at most.</summary>
    public const int DayCountMax = 365;

    /// <summary>How many usable keys a participant can have at a time.</summary>
    public const int UsableCountMax = 50;

    /// <summary>A new key, of the kind that a live or a simulated exchange takes.</summary>
    public static NewKey Make(bool simulated)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return new NewKey(id, $"gpx_{Environment(simulated)}_{id}_{secret}");
    }

    /// <summary>The id in a key; false: it has not the form of one, or is of the other kind of exchange.</summary>
    public static bool TryReadId(string key, bool simulated, [NotNullWhen(true)] out string? id)
    {
        var match = Form().Match(key);
        id = match.Success && match.Groups["env"].Value == Environment(simulated) ? match.Groups["id"].Value : null;
        return id is not null;
    }

    /// <summary>Whether this can be the id of a key.</summary>
    public static bool IsId(string id) => id.Length == 16 && id.All(char.IsAsciiHexDigitLower);

    /// <summary>What is stored of a key.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a shown key is the stored one; takes the same time wherever they differ.</summary>
    public static bool IsKey(string shown, ReadOnlySpan<byte> storedHash) => CryptographicOperations.FixedTimeEquals(Hash(shown), storedHash);

    /// <summary>Whether a key is good now.</summary>
    public static bool IsUsable(DateTimeOffset expires, DateTimeOffset? revoked, DateTimeOffset now) => revoked is null && now < expires;

    private static string Environment(bool simulated) => simulated ? "sim" : "live";

    [GeneratedRegex(@"\Agpx_(?<env>live|sim)_(?<id>[0-9a-f]{16})_[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
