using System.Buffers.Text;
using System.Security.Cryptography;

namespace ComputeExchange.Agent.Identity;

/// <summary>The one-time token that makes a host a node: a secret, and by which key the exchange is known.</summary>
/// <param name="Text">The token as it was handed out.</param>
/// <param name="Pin">SHA-256 of the exchange's SubjectPublicKeyInfo; null where the system's own trust decides.</param>
public sealed record EnrolmentToken(string Text, byte[]? Pin)
{
    private const string Prefix = "cxn_";

    /// <summary>Reads a token.</summary>
    /// <exception cref="AgentTroubleException">It is none.</exception>
    public static EnrolmentToken Parse(string text)
    {
        var token = text.Trim();
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Length < 20)
            throw new AgentTroubleException("--token is not an enrolment token: it begins with 'cxn_' and is what `cx node enrolment-token` printed. Copy it whole.");
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return new EnrolmentToken(token, null);
        var written = token.AsSpan(dot + 1);
        var pin = new byte[SHA256.HashSizeInBytes];
        return Base64Url.IsValid(written, out var length) && length == pin.Length && Base64Url.DecodeFromChars(written, pin) == pin.Length
            ? new EnrolmentToken(token, pin)
            : throw new AgentTroubleException("--token is cut off or changed: its part after the dot is not the hash of a key. Copy it whole.");
    }
}
