using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Offers of nodes, and of what is left of a lease.</summary>
public sealed partial class Exchange
{
    private void Place(Command.PlaceOffer command)
    {
        var refused = command.Lease > 0 ? WhyNotResell(command) : WhyNotPlace(command);
        if (refused is not null)
        {
            _events.Add(refused);
            return;
        }

        // Who sells on says which lease; the node is the lease's.
        if (command.Lease > 0) command = command with { Node = _leases[command.Lease].Node.Id };
        var node = _nodes[command.Node];
        var (from, to) = (Math.Max(SlotOf(command.From), SlotOf(Now)), SlotOf(command.To));
        var hourly = Math.Max(command.Reserve.MicrosPerGpuHour * Settings.BondPpm / 1_000_000, Settings.LeastBondMicros);
        var provider = ParticipantOf(command.Provider);
        var offer = new Offer(_lastOffer + 1, node, command, from, to, hourly * Settings.SlotMinutes / 60, provider.SellerFeePpm ?? Settings.SellerFeePpm);
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
        Add(offer);
        _events.Add(new Event.OfferPlaced(offer.Id, command, node.Market, bond));
    }

    private void Add(Offer offer)
    {
        _offers.Add(offer.Id, offer);
        if (!offer.IsResale) offer.Node.Offers.Add(offer.Id);
    }

    private Event.Refused? WhyNotPlace(Command.PlaceOffer command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Provider);

        if (WhyNotTrade(command.Provider, p => p.MaySell, "offer") is { } no) return no;
        if (!_nodes.TryGetValue(command.Node, out var node) || node.Provider != command.Provider)
            return No("NODE_UNKNOWN", "node_id", "is not one of your nodes: register it first.");
        if (!_markets[node.Market]) return No("MARKET_HALTED", "node_id", $"{node.Market} is halted.");
        if (WrongTerms(command) is { } terms) return terms;

        for (var slot = Math.Max(SlotOf(command.From), SlotOf(Now)); slot < SlotOf(command.To); slot++)
        {
            var taken = node.Sold[slot] + node.Offers.Sum(id => _offers[id].Unsold(slot));
            if (taken + command.Gpus > node.Gpus)
                return No("NODE_CAPACITY", "gpu_count",
                    $"is {command.Gpus}, but of the node's {node.Gpus} GPUs {taken} are sold or offered at {StartOf(slot):u}.");
        }
        return null;
    }

    private Event.Refused? WhyNotResell(Command.PlaceOffer command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Provider);

        if (WhyNotTrade(command.Provider, p => p.MayBuy, "resell") is { } no) return no;
        if (!_leases.TryGetValue(command.Lease, out var lease) || lease.Buyer != command.Provider)
            return No("LEASE_UNKNOWN", "lease_id", $"you hold no lease {command.Lease} of which anything is left.");
        if (!_markets[lease.Node.Market]) return No("MARKET_HALTED", "lease_id", $"{lease.Node.Market} is halted.");
        if (WrongTerms(command) is { } terms) return terms;

        var (from, to) = (SlotOf(command.From), SlotOf(command.To));
        if (from <= SlotOf(Now))
            return No("WINDOW_PASSED", "from_time", "has begun: a slot in progress cannot be sold on, only whole ones that are to come.");
        if (from < lease.From || to > lease.To)
            return No("LEASE_CAPACITY", from < lease.From ? "from_time" : "to_time",
                $"leaves the lease, which runs from {StartOf(lease.From):u} to {StartOf(lease.To):u}.");
        for (var slot = from; slot < to; slot++)
        {
            var offered = _offers.Values.Where(offer => offer.Terms.Lease == lease.Id).Sum(offer => offer.Unsold(slot));
            if (offered + command.Gpus > lease.HeldIn(slot))
                return No("LEASE_CAPACITY", "gpu_count",
                    $"is {command.Gpus}, but of the lease's {lease.Gpus} GPUs {lease.Gpus - lease.HeldIn(slot) + offered} are sold on or offered at {StartOf(slot):u}.");
        }
        return null;
    }

    /// <summary>What is wrong with an offer's figures, whatever it offers.</summary>
    private Event.Refused? WrongTerms(Command.PlaceOffer command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Provider);

        if (command.Gpus < 1) return No("GPU_COUNT_OUT_OF_RANGE", "gpu_count", $"is {command.Gpus}; it must be at least 1.");
        if (WrongPrice(command.Reserve) is { } reserve) return No(reserve.Reason, "reserve_micros_per_gpu_hour", reserve.Message);
        if (WrongPrice(command.PromptReserve) is { } prompt) return No(prompt.Reason, "prompt_reserve_micros_per_gpu_hour", prompt.Message);
        if (command.PromptReserve > command.Reserve)
            return No("LIMIT_OUT_OF_RANGE", "prompt_reserve_micros_per_gpu_hour", $"is above the reserve of {command.Reserve}.");
        if (WrongWindow(command.From, command.To, Settings.LongestOfferSlots) is { } window) return No(window.Reason, window.Field, window.Message);
        if (command.LeastRun < 1 || command.LeastRun > SlotOf(command.To) - SlotOf(command.From))
            return No("RUN_OUT_OF_RANGE", "run_slot_count_min", $"is {command.LeastRun}; it can be 1 to the length of the offer.");
        if (command.Reserves.Count == 0) return null;

        const string field = "slot_reserves_micros_per_gpu_hour";
        if (command.Reserves.Count != SlotOf(command.To) - SlotOf(command.From))
            return No("RESERVE_COUNT", field, $"has {command.Reserves.Count} values; it has one for each of the {SlotOf(command.To) - SlotOf(command.From)} slots.");
        foreach (var price in command.Reserves)
            if (WrongPrice(price) is { } wrong) return No(wrong.Reason, field, wrong.Message);
        return command.Reserves.Max() == command.Reserve
            ? null
            : No("RESERVE_COUNT", "reserve_micros_per_gpu_hour", $"is {command.Reserve}; beside a list of reserves it is the highest of them, {command.Reserves.Max()}.");
    }

    private void Cancel(Command.CancelOffer command)
    {
        if (!_offers.TryGetValue(command.Offer, out var offer) || offer.Seller != command.Provider)
            Refuse("OFFER_UNKNOWN", "offer_id", $"you have no open offer {command.Offer}.", command.Provider);
        else
            CloseOrMark(offer, CloseReason.Cancelled);
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

    private void Close(Offer offer, CloseReason reason)
    {
        var released = offer.Bond;
        ParticipantOf(offer.Seller).Bond(-released);
        offer.Node.Offers.Remove(offer.Id);
        _offers.Remove(offer.Id);
        _events.Add(new Event.OfferClosed(offer.Id, offer.Seller, reason, released));
    }

    /// <summary>Whether nothing of an offer can be sold any more; a lease is sold on only in whole slots.</summary>
    private bool HasPassed(Offer offer, long current) =>
        offer.To <= current || (offer.To == current + 1 && (offer.IsResale || !IsTradable(current, Now)));
}
