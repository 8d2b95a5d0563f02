using System.Diagnostics;
using System.Security.Cryptography;
using ComputeExchange.Facts;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>What the journal's commands have made, in this process's memory: the state, and how far it goes.</summary>
/// <remarks>
/// The owner and a standby hold the same. That it is the same is proved command by command, by the events and the chain
/// of hashes, and every thousand commands by the hash of the state, which the owner journals beside the command. Of a large
/// state the hash is taken less often, so that it costs no more than a few hundred bytes a command.
/// </remarks>
internal sealed class Replica
{
    private const int HashEvery = 1_000;
    private const int BytesPerCommand = 256;

    private long _hashedAt;
    private int _length;

    /// <summary>Nothing has happened yet.</summary>
    public Replica()
    {
    }

    private Replica(Snapshot snapshot, BinaryReader read)
    {
        Exchange = Exchange.Read(read);
        Traces.Read(read);
        Hash = snapshot.ChainHash;
        FeedNumber = snapshot.FeedNumber;
        Sequence = _hashedAt = snapshot.Sequence;
        Known = new KnownCommands(snapshot.Sequence);
        Belongs = false;
    }

    /// <summary>What the market decides on.</summary>
    public Exchange Exchange { get; } = new();

    /// <summary>In whose trace what belongs.</summary>
    public EventTraces Traces { get; } = new();

    /// <summary>The commands that were here before.</summary>
    public KnownCommands Known { get; } = new(since: 0);

    /// <summary>The last command.</summary>
    public long Sequence { get; private set; }

    /// <summary>The last event.</summary>
    public long FeedNumber { get; private set; }

    /// <summary>The hash that binds the last command to all before it.</summary>
    public byte[] Hash { get; private set; } = new byte[32];

    /// <summary>Whether it is known to be of the journal's history: it is when the journal's own hash of its last command has confirmed it.</summary>
    public bool Belongs { get; private set; } = true;

    /// <summary>From now on it is not known to be of the journal's history, until its last command has been read again.</summary>
    public void Doubt() => Belongs = Sequence == 0;

    /// <summary>The state that a snapshot holds.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or in a form that this engine does not read.</exception>
    public static Replica From(Snapshot snapshot)
    {
        if (!snapshot.IsWhole) throw new InvalidDataException("its bytes are not those that were written.");
        Replica replica;
        try
        {
            using var read = new BinaryReader(new MemoryStream(snapshot.State, writable: false));
            replica = new Replica(snapshot, read);
        }
        catch (Exception unreadable) when (unreadable is not (OutOfMemoryException or InvalidDataException))
        {
            throw new InvalidDataException($"it cannot be read: {unreadable.Message}", unreadable);
        }
        return replica.Bytes(withTraces: true).SequenceEqual(snapshot.State) ? replica : throw new InvalidDataException("what was read from it is not what it says.");
    }

    /// <summary>All of it, to be kept.</summary>
    public Snapshot Snapshot() => Storage.Snapshot.Of(Sequence, FeedNumber, Exchange.Version, Hash, Bytes(withTraces: true).ToArray());

    /// <summary>Decides a new command. From now on memory is ahead of the journal.</summary>
    public JournalEntry Decide(Guid commandId, EngineCommand wire, Command command, byte[] body, string traceParent, DateTimeOffset at)
    {
        // Of all commands only a run's solution takes time to be decided.
        using var verifying = command is Command.ClearRun
            ? EventTraces.Spans.Continue("verify and clear", ActivityKind.Internal, traceParent)
            : null;
        var events = Apply(commandId, command, at, Exchange.Version);
        Traces.Write(events, wire, verifying?.Id ?? traceParent);
        var bodies = JournalEntry.BodiesOf(events);
        Follow(commandId, Exchange.Version, at, body, bodies);
        var due = Sequence - _hashedAt >= Math.Max(HashEvery, _length / BytesPerCommand);
        return new JournalEntry(Sequence, commandId, Exchange.Version, at, traceParent, body, events, Hash, due ? StateHash() : null) { EventBodies = bodies };
    }

    /// <summary>Reads the next command of the journal, under the rules it was told under.</summary>
    /// <exception cref="JournalBrokenException">The history does not add up.</exception>
    /// <exception cref="InvalidDataException">What this replica holds is of another history.</exception>
    public void Read(JournalEntry entry)
    {
        if (!Belongs)
        {
            if (entry.Sequence != Sequence || !entry.Hash.AsSpan().SequenceEqual(Hash)) throw new InvalidDataException("the journal has another history.");
            Belongs = true;
            return;
        }
        if (entry.Sequence != Sequence + 1) throw new JournalBrokenException($"command {Sequence + 1} is missing.");
        if (!Exchange.Knows(entry.EngineVersion))
            throw new JournalBrokenException(
                $"command {entry.Sequence} was told under version {entry.EngineVersion} of the rules, and this engine knows them up to version {Exchange.Version}: start the newer engine.");

        var command = Wire.ToCore(EngineCommand.Parser.ParseFrom(entry.Body));
        var events = Apply(entry.CommandId, command, entry.At, entry.EngineVersion);
        Traces.Read(events, entry.Events);
        var bodies = JournalEntry.BodiesOf(events);
        if (!AreSame(bodies, entry.EventBodies)) throw new JournalBrokenException($"command {entry.Sequence} no longer causes what it caused.");
        Follow(entry.CommandId, entry.EngineVersion, entry.At, entry.Body, bodies);
        if (!Hash.AsSpan().SequenceEqual(entry.Hash)) throw new JournalBrokenException($"the hash of command {entry.Sequence} is not what it was.");

        // A hash of another format says nothing about this one.
        if (entry.StateHash is [Exchange.StateFormat, ..] told && !StateHash().AsSpan().SequenceEqual(told))
            throw new JournalBrokenException($"the state after command {entry.Sequence} is not what it was.");
    }

    private List<FeedEntry> Apply(Guid commandId, Command command, DateTimeOffset at, string version)
    {
        var events = Exchange.Apply(command, at, version);
        var entries = new List<FeedEntry>(events.Count);
        foreach (var happened in events)
            entries.Add(new FeedEntry
            {
                Number = ++FeedNumber,
                Sequence = Sequence + 1,
                HappenedTime = Exchange.Now.ToTimestamp(),
                Event = Wire.ToProto(happened, commandId),
            });
        return entries;
    }

    private void Follow(Guid commandId, string version, DateTimeOffset at, byte[] body, IReadOnlyList<byte[]> eventBodies)
    {
        Sequence++;
        Hash = JournalEntry.HashOf(Hash, Sequence, commandId, version, at, body, eventBodies);
        Known.Add(commandId, new KnownCommand(Sequence, KnownCommand.ContentOf(body)));
    }

    private static bool AreSame(IReadOnlyList<byte[]> ours, IReadOnlyList<byte[]> theirs)
    {
        if (ours.Count != theirs.Count) return false;
        for (var i = 0; i < ours.Count; i++)
            if (!ours[i].AsSpan().SequenceEqual(theirs[i])) return false;
        return true;
    }

    private byte[] StateHash()
    {
        _hashedAt = Sequence;
        return [Exchange.StateFormat, .. SHA256.HashData(Bytes(withTraces: false))];
    }

    private ReadOnlySpan<byte> Bytes(bool withTraces)
    {
        using var bytes = new MemoryStream(_length + 1_024);
        using var write = new BinaryWriter(bytes);
        Exchange.Write(write);
        if (withTraces) Traces.Write(write);
        _length = (int)bytes.Length;
        return bytes.GetBuffer().AsSpan(0, _length);
    }
}

/// <summary>The journal does not add up: a command is missing, or it no longer causes what it caused.</summary>
internal sealed class JournalBrokenException(string message) : Exception(message);
