using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Clients;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Checks;

/// <summary>
/// What was acknowledged is in the history, once, with the outcome that was told; asked again, it has the first outcome,
/// for ever.
/// </summary>
internal sealed class AcknowledgedOnce(OneHistory history) : Check
{
    private readonly Dictionary<Guid, (long Sequence, byte[] Events)> _told = [];
    private long _lastTold;

    public override void Told(Wish wish, SubmitResponse answer)
    {
        if (answer.CommandId != wish.Id.ToString()) Broken($"the answer to {wish.Id} was for {answer.CommandId}.");
        var events = BytesOf(answer.Events);
        if (_told.TryGetValue(wish.Id, out var first))
        {
            if (first.Sequence != answer.Sequence || !first.Events.AsSpan().SequenceEqual(events))
                Broken($"{wish} was told to be command {first.Sequence}, and then, asked again, {answer.Sequence} with other events.");
            return;
        }
        _told.Add(wish.Id, (answer.Sequence, events));
        _lastTold = Math.Max(_lastTold, answer.Sequence);
        MustBeRecorded(wish.Id, answer.Sequence, events);
        if (!history.History[(int)answer.Sequence - 1].Command.Body.AsSpan().SequenceEqual(wish.Command.ToByteArray()))
            Broken($"command {answer.Sequence} is not what {wish} asked for.");
    }

    public override void ToldReused(Wish wish)
    {
        if (!wish.IsReuse) Broken($"{wish} was told that its id belongs to another command.");
    }

    public override void Undone(long lastSequence)
    {
        if (_lastTold > lastSequence) Broken($"the history ends at {lastSequence} now, but {_lastTold} was acknowledged.");
    }

    public override void AtRest()
    {
        foreach (var (id, told) in _told) MustBeRecorded(id, told.Sequence, told.Events);
    }

    private void MustBeRecorded(Guid id, long sequence, byte[] events)
    {
        if (sequence < 1 || sequence > history.History.Count)
        {
            Broken($"{id} was acknowledged as command {sequence}, but the history ends at {history.History.Count}.");
            return;
        }
        var recorded = history.History[(int)sequence - 1];
        if (recorded.Command.CommandId != id) Broken($"{id} was acknowledged as command {sequence}, which is {recorded.Command.CommandId}.");
        if (!BytesOf(recorded.Events.Select(entry => entry.Event)).AsSpan().SequenceEqual(events))
            Broken($"{id}, command {sequence}, was acknowledged with other events than are recorded.");
    }

    private static byte[] BytesOf(IEnumerable<EngineEvent> events) => new SubmitResponse { Events = { events } }.ToByteArray();
}
