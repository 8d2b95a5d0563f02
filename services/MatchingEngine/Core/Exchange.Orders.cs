using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Bids and offers: placed, taken back, and at their end.</summary>
public sealed partial class Exchange
{
    private void Place(Command.PlaceOffer command)
    {
        if (WhyNotPlace(command) is { } refused)
        {
            _events.Add(refused);
            return;
        }
        var node = _nodes[command.Node];
        var (from, to) = (Math.Max(SlotOf(command.From), SlotOf(Now)), SlotOf(command.To));
        var hourly = Math.Max(command.Reserve.MicrosPerGpuHour * Settings.BondPpm / 1_000_000, Settings.LeastBondMicros);
        var offer = new Offer(_lastOffer + 1, node, command, from, to, hourly * Settings.SlotMinutes / 60, Settings.SellerFeePpm);
        var provider = ParticipantOf(command.Provider);
        var bond = offer.BondFrom(from);
        if (provider.Free < bond)
        {
            Refuse("INSUFFICIENT_FUNDS", "gpu_count",
                $"the bond for this offer is {bond}, but {provider.Free} is free: deposit, or offer less.", command.Provider);
            return;
        }

        // From here on the offer must succeed.
        _lastOffer = offer.Id;
        offer.Bond = bond;
        provider.Bond(bond);
        _offers.Add(offer.Id, offer);
        node.Offers.Add(offer.Id);
        _events.Add(new Event.OfferPlaced(offer.Id, command, node.Market, bond));
    }

    private Event.Refused? WhyNotPlace(Command.PlaceOffer command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Provider);

        if (WhyNotTrade(command.Provider, p => p.MaySell, "offer") is { } no) return no;
        if (!_nodes.TryGetValue(command.Node, out var node) || node.Provider != command.Provider)
            return No("NODE_UNKNOWN", "node_id", "is not one of your nodes: register it first.");
        if (!_markets[node.Market]) return No("MARKET_HALTED", "node_id", $"{node.Market} is halted.");
        if (command.Gpus < 1) return No("GPU_COUNT_OUT_OF_RANGE", "gpu_count", $"is {command.Gpus}; it must be at least 1.");
        if (WrongPrice(command.Reserve) is { } reserve) return No(reserve.Reason, "reserve_micros_per_gpu_hour", reserve.Message);
        if (WrongPrice(command.PromptReserve) is { } prompt) return No(prompt.Reason, "prompt_reserve_micros_per_gpu_hour", prompt.Message);
        if (command.PromptReserve > command.Reserve)
            return No("LIMIT_OUT_OF_RANGE", "prompt_reserve_micros_per_gpu_hour", $"is above the reserve of {command.Reserve}.");
        if (WrongWindow(command.From, command.To, Settings.LongestOfferSlots) is { } window) return No(window.Reason, window.Field, window.Message);
        if (command.LeastRun < 1 || command.LeastRun > SlotOf(command.To) - SlotOf(command.From))
            return No("RUN_OUT_OF_RANGE", "run_slot_count_min", $"is {command.LeastRun}; it can be 1 to the length of the offer.");

        for (var slot = Math.Max(SlotOf(command.From), SlotOf(Now)); slot < SlotOf(command.To); slot++)
        {
            var taken = node.Sold[slot] + node.Offers.Sum(id => _offers[id].Unsold(slot));
            if (taken + command.Gpus > node.Gpus)
                return No("NODE_CAPACITY", "gpu_count",
                    $"is {command.Gpus}, but of the node's {node.Gpus} GPUs {taken} are sold or offered at {StartOf(slot):u}.");
        }
        return null;
    }

    private void Place(Command.PlaceBid command)
    {
        if (WhyNotPlace(command) is { } refused)
        {
            _events.Add(refused);
            return;
        }
        var (from, to) = (SlotOf(command.From), SlotOf(command.To));
        var bid = new Bid(_lastBid + 1, command, from, to, isPrompt: from == SlotOf(Now), Settings.BuyerFeePpm);
        var buyer = ParticipantOf(command.Buyer);
        var reserve = bid.ReserveFrom(SlotOf(Now), Settings.SlotMinutes);
        if (buyer.Free < reserve)
        {
            Refuse("INSUFFICIENT_FUNDS", "limit_micros_per_gpu_hour",
                $"this bid needs {reserve} with the fee, but {buyer.Free} is free: deposit, or bid for less.", command.Buyer);
            return;
        }

        // From here on the bid must succeed.
        _lastBid = bid.Id;
        bid.Reserved = reserve;
        buyer.Reserve(reserve);
        buyer.OpenBids++;
        _bids.Add(bid.Id, bid);
        _events.Add(new Event.BidPlaced(bid.Id, command, reserve));
    }

    private Event.Refused? WhyNotPlace(Command.PlaceBid command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Buyer);

        if (WhyNotTrade(command.Buyer, p => p.MayBuy, "bid") is { } no) return no;
        if (command.Markets.Count != 1) return No("MARKET_COUNT", "markets", $"names {command.Markets.Count}; one is possible.");
        if (!_markets.TryGetValue(command.Markets[0], out var open)) return No("MARKET_UNKNOWN", "markets", $"there is no market '{command.Markets[0]}'.");
        if (!open) return No("MARKET_HALTED", "markets", $"{command.Markets[0]} is halted.");
        if (command.Gpus < 1 || command.Gpus > Settings.MostGpusPerBid)
            return No("GPU_COUNT_OUT_OF_RANGE", "gpu_count", $"is {command.Gpus}; it can be 1 to {Settings.MostGpusPerBid}.");
        if (WrongPrice(command.Limit) is { } limit) return No(limit.Reason, "limit_micros_per_gpu_hour", limit.Message);
        if (WrongWindow(command.From, command.To, Settings.HorizonSlots) is { } window) return No(window.Reason, window.Field, window.Message);

        var (from, to) = (SlotOf(command.From), SlotOf(command.To));
        switch (command.Kind)
        {
            case BidKind.Divisible when command.Run != 0:
                return No("RUN_OUT_OF_RANGE", "run_slot_count", "is for blocks; a divisible bid has none.");
            case BidKind.Divisible when !Enumerable.Range(0, (int)(to - from)).Any(s => IsTradable(from + s, Now) || from + s > SlotOf(Now)):
                return No("WINDOW_PASSED", "to_time", "the last slot of the window can no longer be traded.");
            case BidKind.Block when command.Run != to - from:
                return No("RUN_OUT_OF_RANGE", "run_slot_count", $"is {command.Run}; the window has room for exactly {to - from}.");
            case BidKind.Block when !IsTradable(from, Now):
                return No("WINDOW_PASSED", "from_time", $"the gate of {StartOf(from):u} has closed, {Settings.GateMinutes} minutes before it.");
            case not (BidKind.Divisible or BidKind.Block):
                return No("KIND_MISSING", "kind", "must be divisible or block.");
        }
        if (ParticipantOf(command.Buyer).OpenBids >= Settings.MostOpenBids)
            return No("OPEN_BID_LIMIT", "request_id", $"{Settings.MostOpenBids} bids are open: cancel some first.");
        return null;
    }

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

    private void Cancel(Command.CancelOffer command)
    {
        if (!_offers.TryGetValue(command.Offer, out var offer) || offer.Node.Provider != command.Provider)
            Refuse("OFFER_UNKNOWN", "offer_id", $"you have no open offer {command.Offer}.", command.Provider);
        else
            CloseOrMark(offer, CloseReason.Cancelled);
    }

    private void Cancel(Command.CancelBid command)
    {
        if (!_bids.TryGetValue(command.Bid, out var bid) || bid.Terms.Buyer != command.Buyer)
            Refuse("BID_UNKNOWN", "bid_id", $"you have no open bid {command.Bid}.", command.Buyer);
        else
            CloseOrMark(bid, CloseReason.Cancelled);
    }

    /// <summary>Closes an offer, or, while it takes part in a run, notes that it closes when the run ends.</summary>
    private void CloseOrMark(Offer offer, CloseReason reason)
    {
        if (_clearing is null)
        {
            Close(offer, reason);
            return;
        }
        offer.ClosesAs ??= reason;
        _events.Add(new Event.CancelPending(0, offer.Id, _clearing.Id));
    }

    private void CloseOrMark(Bid bid, CloseReason reason)
    {
        if (_clearing is null)
        {
            Close(bid, reason);
            return;
        }
        bid.ClosesAs ??= reason;
        _events.Add(new Event.CancelPending(bid.Id, 0, _clearing.Id));
    }

    private void Close(Offer offer, CloseReason reason)
    {
        var released = offer.Bond;
        ParticipantOf(offer.Node.Provider).Bond(-released);
        offer.Node.Offers.Remove(offer.Id);
        _offers.Remove(offer.Id);
        _events.Add(new Event.OfferClosed(offer.Id, offer.Node.Provider, reason, released));
    }

    private void Close(Bid bid, CloseReason reason)
    {
        var released = bid.Reserved;
        var buyer = ParticipantOf(bid.Terms.Buyer);
        buyer.Reserve(-released);
        buyer.OpenBids--;
        _bids.Remove(bid.Id);
        _events.Add(new Event.BidClosed(bid.Id, bid.Terms.Buyer, reason, released));
    }

    /// <summary>What the time has made past: reservations and bonds of past slots are free again, and what has nothing left is closed.</summary>
    private void PassTime()
    {
        var current = SlotOf(Now);
        foreach (var bid in _bids.Values.ToList())
        {
            if (bid.ClosesAs is { } marked) Close(bid, marked);
            else if (HasPassed(bid, current)) Close(bid, CloseReason.Expired);
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
            else if (offer.To <= current || (offer.To == current + 1 && !IsTradable(current, Now))) Close(offer, CloseReason.Expired);
            else
            {
                var bond = offer.BondFrom(current);
                if (bond == offer.Bond) continue;
                ParticipantOf(offer.Node.Provider).Bond(bond - offer.Bond);
                offer.Bond = bond;
            }
        }
        foreach (var node in _nodes.Values) node.Sold.ForgetBefore(current);
    }

    private bool HasPassed(Bid bid, long current) =>
        bid.IsBlock
            ? !IsTradable(bid.From, Now) || (bid.From <= current && !bid.IsPrompt)
            : bid.To <= current || (bid.To == current + 1 && !IsTradable(current, Now));
}
