using System.Globalization;
using System.Text;
using ComputeExchange.Agent.Identity;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.Agent.Records;

/// <summary>What the node tells for ever: numbered without gaps, signed, on the disk before it is sent, and kept until the exchange has it.</summary>
public sealed class RecordSpool : IDisposable
{
    private const long RewriteFrom = 128 * 1024;

    private readonly Lock _lock = new();
    private readonly NodeKey _key;
    private readonly RecordFile _file;
    private readonly LinkedList<AgentRecord> _waiting;
    private long _next;

    private RecordSpool(NodeKey key, RecordFile file, long next, IEnumerable<AgentRecord> waiting)
    {
        (_key, _file, _next) = (key, file, next);
        _waiting = new LinkedList<AgentRecord>(waiting);
    }

    /// <summary>Raised when there is something to be sent.</summary>
    public event Action? Added;

    /// <summary>The number of the next record.</summary>
    public long NextNumber
    {
        get { lock (_lock) return _next; }
    }

    /// <summary>Opens the spool with what is not known to be kept.</summary>
    public static RecordSpool Open(string path, NodeKey key)
    {
        var file = RecordFile.Open(path, out var first, out var records);
        return new RecordSpool(key, file, first + records.Count, records);
    }

    /// <summary>Numbers, signs and keeps a record; it is on the disk when this returns.</summary>
    public void Append(AgentRecord record)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && _file.Length > RewriteFrom) _file.Rewrite(_next, []);
            Number(record, _next);
            _file.Append(record);
            _waiting.AddLast(record);
            _next++;
        }
        Added?.Invoke();
    }

    /// <summary>The exchange has all records up to a number.</summary>
    public void Keep(long through)
    {
        lock (_lock)
            while (_waiting.First is { } first && first.Value.Number <= through) _waiting.RemoveFirst();
    }

    /// <summary>The first record after a number that waits; null where there is none.</summary>
    public AgentRecord? After(long number)
    {
        lock (_lock)
        {
            for (var at = _waiting.First; at is not null; at = at.Next)
                if (at.Value.Number > number) return at.Value;
            return null;
        }
    }

    /// <summary>All that waits.</summary>
    public IReadOnlyList<AgentRecord> Waiting()
    {
        lock (_lock) return [.. _waiting];
    }

    /// <summary>Takes the exchange's word for the last record that it has.</summary>
    /// <returns>Whether the two agreed; where not, one of them was restored from an older copy, and what waits was numbered anew behind the exchange's last.</returns>
    public bool Agree(long last)
    {
        Keep(last);
        lock (_lock)
        {
            var expected = _waiting.First?.Value.Number ?? _next;
            if (expected == last + 1) return true;
            _next = last + 1;
            foreach (var record in _waiting) Number(record, _next++);
            _file.Rewrite(last + 1, _waiting);
            return false;
        }
    }

    public void Dispose() => _file.Dispose();

    private void Number(AgentRecord record, long number)
    {
        record.Number = number;
        IMessage body = record.RecordCase switch
        {
            AgentRecord.RecordOneofCase.Meter => record.Meter,
            AgentRecord.RecordOneofCase.Delivery => record.Delivery,
            AgentRecord.RecordOneofCase.SelfTest => record.SelfTest,
            var other => throw new System.Diagnostics.UnreachableException($"A record of {other}."),
        };
        byte[] signed = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}|")), .. body.ToByteArray()];
        record.Signature = ByteString.CopyFrom(_key.Sign(signed));
    }
}
