using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Values;

/// <summary>Ids that follow from their cause, so that the same cause, told twice, has the same id.</summary>
public static class DerivedId
{
    /// <summary>A UUID (version 8) out of the first 16 bytes of the SHA-256 of the parts, in order.</summary>
    public static Guid From(params object[] parts)
    {
        var text = string.Join('\u001f', parts.Select(part => Convert.ToString(part, System.Globalization.CultureInfo.InvariantCulture)));
        Span<byte> bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
