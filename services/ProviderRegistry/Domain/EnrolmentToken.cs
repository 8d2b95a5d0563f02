using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>The text by which a host becomes a node once: a secret, and what the exchange is known by.</summary>
public static class EnrolmentToken
{
    /// <summary>Bytes of the secret.</summary>
    public const int SecretLength = 32;

    private const string Prefix = "cxn_";

    /// <summary>Longer than any token there is.</summary>
    private const int LengthMax = 200;

    /// <summary>A token of a secret and the SHA-256 of the exchange's public key; without the latter the agent trusts whom its system trusts.</summary>
    public static string Of(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> pin) =>
        Prefix + Base64Url.EncodeToString(secret) + (pin.Length == 0 ? "" : "." + Base64Url.EncodeToString(pin));

    /// <summary>Whether a text can be a token: what cannot is not looked for.</summary>
    public static bool CanBe(string text) => text.Length is > 40 and <= LengthMax && text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>What is kept of a token.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
