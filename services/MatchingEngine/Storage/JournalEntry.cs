using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>One journaled command with what it caused.</summary>
/// <param name="Sequence">Its place in the history; the first is 1.</param>
/// <param name="CommandId">The caller's id for it; unique for ever.</param>
/// <param name="EngineVersion">The rules under which it was decided, and under which it is read again.</param>
/// <param name="At">When it was decided, in the exchange's time.</param>
/// <param name="TraceParent">The trace of its caller; empty for none.</param>
/// <param name="Body">The command as the contracts write it.</param>
/// <param name="Events">What it caused.</param>
/// <param name="Hash">The hash that binds it to all before it.</param>
/// <param name="StateHash">The state's format and the hash of the state after it, where one was taken; null elsewhere.</param>
internal sealed record JournalEntry(
    long Sequence, Guid CommandId, string EngineVersion, DateTimeOffset At, string TraceParent, byte[] Body,
    IReadOnlyList<FeedEntry> Events, byte[] Hash, byte[]? StateHash = null)
{
    private IReadOnlyList<byte[]>? _eventBodies;

    /// <summary>The events as the journal holds them; made once.</summary>
    public IReadOnlyList<byte[]> EventBodies
    {
        get => _eventBodies ??= BodiesOf(Events);
        init => _eventBodies = value;
    }

    /// <summary>Events as the journal holds them.</summary>
    public static IReadOnlyList<byte[]> BodiesOf(IReadOnlyList<FeedEntry> events)
    {
        var bodies = new byte[events.Count][];
        for (var i = 0; i < bodies.Length; i++) bodies[i] = events[i].ToByteArray();
        return bodies;
    }

    /// <summary>The hash that binds a command and its events to all before them.</summary>
    public static byte[] HashOf(
        byte[] before, long sequence, Guid commandId, string engineVersion, DateTimeOffset at, byte[] body, IReadOnlyList<FeedEntry> events) =>
        HashOf(before, sequence, commandId, engineVersion, at, body, BodiesOf(events));

    /// <summary>The hash that binds a command and its events to all before them.</summary>
    public static byte[] HashOf(
        byte[] before, long sequence, Guid commandId, string engineVersion, DateTimeOffset at, byte[] body, IReadOnlyList<byte[]> eventBodies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> fixedPart = stackalloc byte[32];
        BinaryPrimitives.WriteInt64LittleEndian(fixedPart, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(fixedPart[8..], at.UtcTicks);
        commandId.TryWriteBytes(fixedPart[16..]);
        hash.AppendData(before);
        hash.AppendData(fixedPart);
        hash.AppendData(Encoding.UTF8.GetBytes(engineVersion));
        hash.AppendData(body);
        foreach (var happened in eventBodies) hash.AppendData(happened);
        return hash.GetHashAndReset();
    }
}

/// <summary>A command that is journaled: where, and what it says.</summary>
internal readonly record struct KnownCommand(long Sequence, ulong Content)
{
    /// <summary>What tells one command's body from another's.</summary>
    public static ulong ContentOf(byte[] body) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(body));
}
