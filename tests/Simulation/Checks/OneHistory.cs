using ComputeExchange.MatchingEngine.Storage;

namespace ComputeExchange.Simulation.Checks;

/// <summary>The history has no gap and no repeat, is written by the shard's owner alone, goes on in time, and each hash binds all before it.</summary>
internal sealed class OneHistory : Check
{
    private readonly List<Recorded> _history = [];
    private readonly HashSet<Guid> _ids = [];
    private long _lastNumber;

    /// <summary>All that is recorded, in order.</summary>
    public IReadOnlyList<Recorded> History => _history;

    public override void Recorded(Recorded command)
    {
        var row = command.Command;
        var before = _history.Count > 0 ? _history[^1].Command : null;
        if (row.Sequence != _history.Count + 1) Broken($"command {row.Sequence} was written after {_history.Count}.");
        if (!_ids.Add(row.CommandId)) Broken($"command {row.CommandId} is in the history twice, the second time as {row.Sequence}.");
        if (row.Epoch != command.OwnerEpoch) Broken($"command {row.Sequence} was written under epoch {row.Epoch} when the owner's was {command.OwnerEpoch}.");
        if (row.Epoch < before?.Epoch) Broken($"command {row.Sequence} was written under epoch {row.Epoch} after one under {before.Epoch}.");
        if (row.At < before?.At) Broken($"command {row.Sequence} is dated {row.At:O}, the one before it {before.At:O}.");
        foreach (var entry in command.Events)
        {
            if (entry.Number != ++_lastNumber) Broken($"event {entry.Number} was written after {_lastNumber - 1}.");
            if (entry.Sequence != row.Sequence) Broken($"event {entry.Number} of command {entry.Sequence} was written with command {row.Sequence}.");
        }
        var hash = JournalEntry.HashOf(before?.Hash ?? new byte[32], row.Sequence, row.CommandId, row.EngineVersion, row.At, row.Body, command.Events);
        if (!hash.AsSpan().SequenceEqual(row.Hash)) Broken($"the hash of command {row.Sequence} does not bind it to what was before.");
        _history.Add(command);
    }

    public override void Undone(long lastSequence)
    {
        foreach (var gone in _history.Skip((int)lastSequence))
        {
            _ids.Remove(gone.Command.CommandId);
            _lastNumber -= gone.Events.Count;
        }
        _history.RemoveRange((int)lastSequence, _history.Count - (int)lastSequence);
    }
}
