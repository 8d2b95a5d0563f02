using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>What bids and offers have in common: who may, prices, windows, and what time does to them.</summary>
public sealed partial class Exchange
{
    private Event.Refused? WhyNotTrade(Guid id, Func<Participant, bool> may, string verb) =>
        !_participants.TryGetValue(id, out var p) ? new("PARTICIPANT_UNKNOWN", "", "the engine does not know you yet: try again in a moment, with a new request id.", id)
        : !p.Active && !p.MayBuy && !p.MaySell ? new("PARTICIPANT_UNKNOWN", "", "the engine does not know you yet: try again in a moment, with a new request id.", id)
        : !p.Active ? new("PARTICIPANT_SUSPENDED", "", "you are suspended; ask the operator.", id)
        : !may(p) ? new("ROLE_MISSING", "", $"your role does not allow you to {verb}.", id)
        : null;

    private (string Reason, string Message)? WrongPrice(Price price) =>
        price.MicrosPerGpuHour < 0 || price.MicrosPerGpuHour > Settings.HighestPriceMicros
            ? ("LIMIT_OUT_OF_RANGE", $"is {price}; it can be $0 to {new Price(Settings.HighestPriceMicros)}.")
        : price.MicrosPerGpuHour % Settings.TickMicros != 0
            ? ("LIMIT_NOT_ON_TICK", $"is {price}; prices go in steps of {new Price(Settings.TickMicros)}.")
        : null;

    private (string Reason, string Field, string Message)? WrongWindow(DateTimeOffset from, DateTimeOffset to, int mostSlots)
    {
        if (!IsSlotStart(from)) return ("WINDOW_MALFORMED", "from_time", $"is not the start of a slot of {Settings.SlotMinutes} minutes.");
        if (!IsSlotStart(to)) return ("WINDOW_MALFORMED", "to_time", $"is not the end of a slot of {Settings.SlotMinutes} minutes.");
        if (to <= from) return ("WINDOW_MALFORMED", "to_time", "is not after from_time.");
        if (SlotOf(to) - SlotOf(from) > mostSlots) return ("WINDOW_TOO_LONG", "to_time", $"leaves more than {mostSlots} slots.");
        if (to <= Now) return ("WINDOW_PASSED", "to_time", $"is past: it is {Now:u}.");
        if (from > Now.AddDays(Settings.FarthestDays)) return ("WINDOW_TOO_LONG", "from_time", $"is more than {Settings.FarthestDays} days ahead.");
        return null;
    }

    /// <summary>What the time has made past: reservations and bonds of past slots are free again, and what has nothing left is closed.</summary>
    private void PassTime()
    {
        var current = SlotOf(Now);
        foreach (var bid in _bids.Values.ToList())
        {
            // With a block, its children and its group may have come to their end.
            if (!_bids.ContainsKey(bid.Id)) continue;
            if (bid.ClosesAs is { } marked) Close(bid, marked);
            else if (HasPassed(bid, current)) Close(bid, CloseReason.Expired);
            else if (bid.IsStanding) Stand(bid, current);
            else
            {
                var reserve = bid.ReserveFrom(current, Settings.SlotMinutes);
                if (reserve == bid.Reserved) continue;
                ParticipantOf(bid.Terms.Buyer).Reserve(reserve - bid.Reserved);
                bid.Reserved = reserve;
            }
        }
        foreach (var offer in _offers.Values.ToList())
        {
            if (offer.ClosesAs is { } marked) Close(offer, marked);
            else if (HasPassed(offer, current)) Close(offer, CloseReason.Expired);
            else
            {
                var bond = offer.BondFrom(offer.IsResale ? current + 1 : current);
                if (bond == offer.Bond) continue;
                ParticipantOf(offer.Seller).Bond(bond - offer.Bond);
                offer.Bond = bond;
            }
        }
        foreach (var node in _nodes.Values) node.Sold.ForgetBefore(current);
        ForgetPrices(current);
    }
}
