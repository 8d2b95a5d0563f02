using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>Ids made from what they stand for, so that the same replay sends the same ids and every repetition is harmless.</summary>
/// <remarks>UUIDs of version 8 (RFC 9562): the first bits of a SHA-256.</remarks>
public sealed class PlanIds(string key)
{
    /// <summary>The id of a thing of this replay.</summary>
    public Guid Of(string topic)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"cx replay 1\n{key}\n{topic}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
