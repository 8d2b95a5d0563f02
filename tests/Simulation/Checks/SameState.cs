using ComputeExchange.MatchingEngine;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Simulation.Checks;

/// <summary>
/// Reading the history from the start, each command under the rules of its time, causes what it caused; and every
/// engine, primary or standby, restored from a snapshot or not, holds the very state that this reading comes to.
/// </summary>
internal sealed class SameState(OneHistory history) : Check
{
    private readonly List<string> _hashes = [];
    private readonly Dictionary<string, EngineStanding> _seen = [];

    /// <summary>The state that the history comes to.</summary>
    public Exchange State { get; private set; } = new();

    /// <summary>Whether an owner and a standby were seen that hold all of the history.</summary>
    public override bool IsContent =>
        _seen.Values.Count(seen => seen.Owner && seen.Sequence == _hashes.Count) == 1 && _seen.Values.Count(seen => !seen.Owner && seen.Sequence == _hashes.Count) == 1;

    public override void Recorded(Recorded command)
    {
        Apply(command);
    }

    public override void Undone(long lastSequence)
    {
        State = new Exchange();
        _hashes.Clear();
        foreach (var command in history.History.Take((int)lastSequence)) Apply(command);
    }

    public override void Audited(string engine, EngineStanding standing)
    {
        if (standing.Sequence == 0) return;
        if (standing.Sequence > _hashes.Count || Convert.ToHexStringLower(history.History[(int)standing.Sequence - 1].Command.Hash) != standing.JournalHash)
        {
            // A standby may have read what the database then lost; it decides nothing, and must find out before it does.
            if (standing.Owner) Broken($"{engine} owns the shard and holds command {standing.Sequence}, which is not in the history.");
            return;
        }
        if (_hashes[(int)standing.Sequence - 1] != standing.StateHash)
            Broken($"{engine} holds another state after command {standing.Sequence} than the history comes to.");
        _seen[engine] = standing;
    }

    private void Apply(Recorded command)
    {
        var row = command.Command;
        var events = State.Apply(Wire.ToCore(EngineCommand.Parser.ParseFrom(row.Body)), row.At, row.EngineVersion);
        if (!events.Select(happened => Wire.ToProto(happened, row.CommandId)).SequenceEqual(command.Events.Select(entry => entry.Event)))
            Broken($"command {row.Sequence} causes other events than are recorded.");
        _hashes.Add(State.StateHash());
    }
}
