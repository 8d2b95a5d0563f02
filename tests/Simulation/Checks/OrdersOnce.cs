using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Clients;

namespace ComputeExchange.Simulation.Checks;

/// <summary>
/// An order is placed at most once, what was told of it is in the history, a request that came too late because it was
/// done before was done before, and all positions in a contract come to nothing together.
/// </summary>
internal sealed class OrdersOnce(OneHistory history, SameState state) : Check
{
    private readonly HashSet<(uint Account, ulong ClientOrderId)> _handled = [];
    private readonly HashSet<(uint Account, ulong ClientOrderId)> _accepted = [];
    private long _lastTold;

    public override void Recorded(Recorded command)
    {
        Count(command);
        var futures = state.State.Futures;
        for (var instrument = 0; instrument < futures.InstrumentNames.Count(); instrument++)
        {
            var lots = 0L;
            for (var account = 0; account < state.State.Accounts.Count; account++) lots += futures.PositionOf(account, instrument).Lots;
            if (lots != 0) Broken($"after command {command.Command.Sequence} the positions in contract {instrument} come to {lots} lots.");
        }
    }

    public override void ToldOrders(Wish wish, long sequence, byte[] events)
    {
        _lastTold = Math.Max(_lastTold, sequence);
        if (sequence < 1 || sequence > history.History.Count)
        {
            Broken($"{wish} was acknowledged as command {sequence}, but the history ends at {history.History.Count}.");
            return;
        }
        var recorded = Handled(history.History[(int)sequence - 1]);
        if (recorded.AsSpan().IndexOf(events) < 0) Broken($"{wish}, in command {sequence}, was acknowledged with other events than are recorded.");
        foreach (var happened in MemoryMarshal.Cast<byte, OrderEvent>(events))
            if (happened is { Kind: OrderEventKind.Rejected, Reject: RejectReason.ClientOrderIdNotRising } && !_handled.Contains((happened.Account, happened.Other)))
                Broken($"{wish} was told that its order {happened.Other} had come before, which it had not.");
    }

    public override void Undone(long lastSequence)
    {
        if (_lastTold > lastSequence) Broken($"the history ends at {lastSequence} now, but orders in {_lastTold} were acknowledged.");
        _handled.Clear();
        _accepted.Clear();
        foreach (var command in history.History.Take((int)lastSequence)) Count(command);
    }

    private void Count(Recorded command)
    {
        foreach (var happened in MemoryMarshal.Cast<byte, OrderEvent>(Handled(command)))
        {
            if (happened.Kind is OrderEventKind.Accepted && !_accepted.Add((happened.Account, happened.Other)))
                Broken($"order {happened.Other} of account {happened.Account} was accepted twice, the second time by command {command.Command.Sequence}.");
            if (happened.Kind is OrderEventKind.Accepted or OrderEventKind.Replaced) _handled.Add((happened.Account, happened.Other));
            if (happened is { Kind: OrderEventKind.Rejected, Reject: not RejectReason.ClientOrderIdNotRising }) _handled.Add((happened.Account, happened.Other));
        }
    }

    private static byte[] Handled(Recorded command) =>
        [.. command.Events.Where(entry => entry.Event.EventCase == EngineEvent.EventOneofCase.OrdersHandled).SelectMany(entry => entry.Event.OrdersHandled.Events)];
}
