using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Ids that follow from their cause: the same cause has the same id, however often it is met.</summary>
public static class DerivedId
{
    /// <summary>The UUID (version 8) of a cause in words.</summary>
    public static Guid Of(string cause)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(cause), digest);
        digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest[..16], bigEndian: true);
    }
}
