using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Simulation.Checks;

/// <summary>Every reader of the feed sees every number once and in order, only what is recorded, and the very bytes that stay recorded.</summary>
internal sealed class FeedInOrder(OneHistory history) : Check
{
    private readonly Dictionary<string, List<FeedEntry>> _read = [];

    public override void Read(string reader, long expected, FeedEntry entry)
    {
        if (entry.Number != expected) Broken($"{reader} was told event {entry.Number} where {expected} was next.");
        if (!_read.TryGetValue(reader, out var read)) _read.Add(reader, read = []);
        if (read.Count > 0 && entry.Number <= read[^1].Number) Broken($"{reader} applied event {entry.Number} twice.");
        read.Add(entry);
        var last = history.History.Count > 0 ? history.History[^1] : null;
        if (last is null || entry.Sequence > last.Command.Sequence)
            Broken($"{reader} was told event {entry.Number} of command {entry.Sequence}, which is not recorded.");
        MustBeRecorded(reader, entry);
    }

    public override void Undone(long lastSequence)
    {
        foreach (var (reader, read) in _read)
            if (read.Count > 0 && read[^1].Sequence > lastSequence)
                Broken($"the history ends at {lastSequence} now, but {reader} was told of command {read[^1].Sequence}.");
    }

    public override void AtRest()
    {
        foreach (var (reader, read) in _read)
        foreach (var entry in read)
            MustBeRecorded(reader, entry);
        var last = history.History.Sum(command => command.Events.Count);
        foreach (var (reader, read) in _read)
            if (read.Count != last) Broken($"{reader} was told {read.Count} events of {last}.");
    }

    private void MustBeRecorded(string reader, FeedEntry entry)
    {
        var recorded = history.History[(int)entry.Sequence - 1].Events;
        if (!recorded.Any(entry.Equals)) Broken($"{reader} was told another event {entry.Number} than is recorded.");
    }
}
