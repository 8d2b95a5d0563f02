using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Values.Ledger;

/// <summary>
/// The chain of the ledger: a transfer's hash is the SHA-256 of the hash before (of the first transfer: 32 zero bytes)
/// and the transfer's bytes.
/// </summary>
/// <remarks>
/// The bytes, big endian and without gaps: number (8), phase (2), number of the pending transfer or 0 (8), debit account,
/// credit account, amount (8), kind, cause, happened time (8), recorded time (8), feed number or 0 (8), expiry or 0 (8).
/// A text is its length in bytes (4) and its UTF-8; a time is microseconds since 2000-01-01 UTC. The database computes
/// the same (<c>settlement.transfer_bytes</c>) and refuses a transfer whose hash does not follow.
/// </remarks>
public static class LedgerChain
{
    /// <summary>How many bytes a hash has.</summary>
    public const int HashLength = 32;

    private const int FixedLength = 8 + 2 + 8 + 4 + 4 + 8 + 4 + 4 + 8 + 8 + 8 + 8;

    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The hash before the first transfer.</summary>
    public static ReadOnlyMemory<byte> Beginning { get; } = new byte[HashLength];

    /// <summary>The transfer with the hash that follows on <paramref name="before"/>; its times are cut to the microsecond.</summary>
    public static TransferRecord Next(ReadOnlySpan<byte> before, TransferRecord transfer)
    {
        var exact = transfer with
        {
            HappenedTime = ToMicrosecond(transfer.HappenedTime),
            RecordedTime = ToMicrosecond(transfer.RecordedTime),
            ExpiresTime = transfer.ExpiresTime is { } expires ? ToMicrosecond(expires) : null,
        };
        return exact with { Hash = HashOf(before, exact) };
    }

    /// <summary>The hash that a transfer must have after the hash before.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> before, TransferRecord transfer)
    {
        var length = HashLength + FixedLength + Encoding.UTF8.GetByteCount(transfer.Debit) + Encoding.UTF8.GetByteCount(transfer.Credit)
            + Encoding.UTF8.GetByteCount(transfer.Kind) + Encoding.UTF8.GetByteCount(transfer.Cause);
        Span<byte> bytes = length <= 1_024 ? stackalloc byte[length] : new byte[length];
        before.CopyTo(bytes);
        var rest = bytes[HashLength..];
        Write(ref rest, transfer.Number);
        BinaryPrimitives.WriteInt16BigEndian(rest, (short)transfer.Phase);
        rest = rest[2..];
        Write(ref rest, transfer.PendingNumber ?? 0);
        Write(ref rest, transfer.Debit);
        Write(ref rest, transfer.Credit);
        Write(ref rest, transfer.AmountMicros);
        Write(ref rest, transfer.Kind);
        Write(ref rest, transfer.Cause);
        Write(ref rest, Micros(transfer.HappenedTime));
        Write(ref rest, Micros(transfer.RecordedTime));
        Write(ref rest, transfer.FeedNumber ?? 0);
        Write(ref rest, transfer.ExpiresTime is { } expires ? Micros(expires) : 0);
        return SHA256.HashData(bytes);
    }

    /// <summary>A time cut to the microsecond, as the ledger keeps it.</summary>
    public static DateTimeOffset ToMicrosecond(DateTimeOffset time) => Epoch.AddTicks(Micros(time) * TimeSpan.TicksPerMicrosecond);

    private static long Micros(DateTimeOffset time) => (time - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static void Write(ref Span<byte> rest, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(rest, value);
        rest = rest[8..];
    }

    private static void Write(ref Span<byte> rest, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, rest[4..]);
        BinaryPrimitives.WriteInt32BigEndian(rest, length);
        rest = rest[(4 + length)..];
    }
}
