using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>The state after a command, kept so that a start need not read the journal from its beginning.</summary>
/// <param name="Sequence">The last command in it.</param>
/// <param name="FeedNumber">The last event in it.</param>
/// <param name="EngineVersion">The version of the engine that took it.</param>
/// <param name="ChainHash">The journal's hash at that command: the snapshot belongs to the history that has it there.</param>
/// <param name="State">The state.</param>
/// <param name="Checksum">SHA-256 over all of the above.</param>
internal sealed record Snapshot(long Sequence, long FeedNumber, string EngineVersion, byte[] ChainHash, byte[] State, byte[] Checksum)
{
    /// <summary>A snapshot with its checksum.</summary>
    public static Snapshot Of(long sequence, long feedNumber, string engineVersion, byte[] chainHash, byte[] state) =>
        new(sequence, feedNumber, engineVersion, chainHash, state, ChecksumOf(sequence, feedNumber, engineVersion, chainHash, state));

    /// <summary>Whether every byte is as it was written.</summary>
    public bool IsWhole => Checksum.AsSpan().SequenceEqual(ChecksumOf(Sequence, FeedNumber, EngineVersion, ChainHash, State));

    private static byte[] ChecksumOf(long sequence, long feedNumber, string engineVersion, byte[] chainHash, byte[] state)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], feedNumber);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], state.LongLength);
        hash.AppendData(numbers);
        hash.AppendData(Encoding.UTF8.GetBytes(engineVersion));
        hash.AppendData(chainHash);
        hash.AppendData(state);
        return hash.GetHashAndReset();
    }
}
