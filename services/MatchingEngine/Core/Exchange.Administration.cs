using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Settings, markets, participants, money, fees, nodes, the clock.</summary>
public sealed partial class Exchange
{
    private void Change(Command.ChangeSettings command)
    {
        if (command.Settings.Wrong() is { } wrong)
        {
            Refuse("SETTING_OUT_OF_RANGE", wrong.Field, wrong.Message);
            return;
        }
        if (_markets.Count > 0 && command.Settings.SlotMinutes != Settings.SlotMinutes)
        {
            Refuse("SLOT_LENGTH_FIXED", "slot_minutes", $"is {Settings.SlotMinutes} for good: markets exist.");
            return;
        }
        Settings = command.Settings;
        _events.Add(new Event.SettingsChanged(Settings));
    }

    private void Define(Command.DefineMarket command)
    {
        var parts = command.Market.Split('.');
        if (command.Market.Length > 64 || parts.Length != 2 || parts.Any(part => part.Length == 0 || !part.All(IsMarketLetter)))
        {
            Refuse("MARKET_NAME", "market",
                $"'{command.Market}' is not a market's name: class.region, each of letters, digits and '-', for example H100-SXM-80GB.us-east.");
            return;
        }
        _markets[command.Market] = command.Open;
        _events.Add(new Event.MarketDefined(command.Market, command.Open));
    }

    private static bool IsMarketLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '-';

    private void Set(Command.SetParticipant command)
    {
        var participant = ParticipantOf(command.Id);
        participant.MayBuy = command.MayBuy;
        participant.MaySell = command.MaySell;
        participant.Active = command.Active;
        if (participant.Account >= 0) _futures.SetActive(participant.Account, command.Active);
        _events.Add(new Event.ParticipantSet(command.Id, command.MayBuy, command.MaySell, command.Active));
        if (command.Active) return;

        foreach (var bid in _bids.Values.Where(bid => bid.Terms.Buyer == command.Id).ToList())
            if (_bids.ContainsKey(bid.Id)) CloseOrMark(bid, CloseReason.Suspended);
        foreach (var offer in _offers.Values.Where(offer => offer.Seller == command.Id).ToList()) CloseOrMark(offer, CloseReason.Suspended);
        if (participant.Account >= 0) _futures.CancelOrders(participant.Account, null, null, CancelReason.Suspended);
    }

    private void Credit(Command.CreditCollateral command)
    {
        if (command.Amount <= Money.Zero)
        {
            Refuse("AMOUNT_NOT_POSITIVE", "amount_micros", $"is {command.Amount}; it must be above 0.", command.Participant);
            return;
        }

        // Money may come before Participants has told who it is: then it waits here, and nothing can be bid with it.
        ParticipantOf(command.Participant).Credit(command.Amount);
        _events.Add(new Event.CollateralCredited(command.Participant, command.Amount, command.Reference));
    }

    private void Debit(Command.DebitCollateral command)
    {
        if (command.Amount <= Money.Zero)
        {
            Refuse("AMOUNT_NOT_POSITIVE", "amount_micros", $"is {command.Amount}; it must be above 0.", command.Participant);
            return;
        }
        var participant = ParticipantOf(command.Participant);
        if (participant.Free < command.Amount)
        {
            var rest = _rules == 1 ? "reserved for bids or bonded" : "reserved for bids, bonded, or margin for futures";
            Refuse("INSUFFICIENT_FUNDS", "amount_micros",
                $"is {command.Amount}, but {participant.Free} is free: the rest is {rest}.", command.Participant);
            return;
        }
        participant.Debit(command.Amount);
        _events.Add(new Event.CollateralDebited(command.Participant, command.Amount, command.Reference));
    }

    /// <remarks>What is open keeps the rate that it was placed at: its buyer's money is reserved by it.</remarks>
    private void Set(Command.SetFees command)
    {
        if (!_participants.TryGetValue(command.Participant, out var participant))
            Refuse("PARTICIPANT_UNKNOWN", "participant_id", "is nobody that Participants has told of.", command.Participant);
        else if (command.BuyerPpm is < 0 or > Settings.HighestFeePpm)
            Refuse("FEE_OUT_OF_RANGE", "auction_buyer_ppm", $"is {command.BuyerPpm}; it can be 0 to {Settings.HighestFeePpm}, or left out for the market's.", command.Participant);
        else if (command.SellerPpm is < 0 or > Settings.HighestFeePpm)
            Refuse("FEE_OUT_OF_RANGE", "auction_seller_ppm", $"is {command.SellerPpm}; it can be 0 to {Settings.HighestFeePpm}, or left out for the market's.", command.Participant);
        else
        {
            (participant.BuyerFeePpm, participant.SellerFeePpm) = (command.BuyerPpm, command.SellerPpm);
            _events.Add(new Event.FeesSet(command.Participant, command.BuyerPpm, command.SellerPpm));
        }
    }

    private void Set(Command.SetNode command)
    {
        var existing = _nodes.GetValueOrDefault(command.Node);
        if (!_markets.ContainsKey(command.Market))
            Refuse("MARKET_UNKNOWN", "market", $"there is no market '{command.Market}'.", command.Provider);
        else if (command.Gpus is < 0 or > 100_000)
            Refuse("GPU_COUNT_OUT_OF_RANGE", "gpu_count", $"is {command.Gpus}; it can be 0 to 100000.", command.Provider);
        else if (existing is not null && existing.Provider != command.Provider)
            Refuse("NODE_OF_ANOTHER", "node_id", "is the id of another provider's node.", command.Provider);
        else if (existing is not null && existing.Market != command.Market)
            Refuse("NODE_MARKET_FIXED", "market", $"is {existing.Market} for good: register the hardware as another node.", command.Provider);
        else if (command.Traits.Wrong() is { } wrong)
            Refuse("TRAIT_OUT_OF_RANGE", wrong.Field, wrong.Message, command.Provider);
        else
        {
            var node = existing ?? (_nodes[command.Node] = new Node(command.Node, command.Provider, command.Market));
            (node.Gpus, node.Traits) = (command.Gpus, command.Traits);
            _events.Add(new Event.NodeSet(command.Node, command.Provider, command.Market, command.Gpus) { Traits = command.Traits });
            if (command.Gpus > 0) return;
            foreach (var id in node.Offers.ToList()) CloseOrMark(_offers[id], CloseReason.NodeLost);
            foreach (var offer in _offers.Values.Where(offer => offer.IsResale && offer.Node == node).ToList()) CloseOrMark(offer, CloseReason.NodeLost);
        }
    }

    private void Settle(Command.SettleBond command)
    {
        if (!_leases.TryGetValue(command.Lease, out var lease))
        {
            Refuse("LEASE_UNKNOWN", "lease_id", $"there is no lease {command.Lease} with an open bond.");
            return;
        }
        if (command.Slot < 0 || command.Slot >= lease.Bonds.Length || lease.Bonds[command.Slot] == OpenLease.Settled)
        {
            Refuse("BOND_ALREADY_SETTLED", "slot_index", $"slot {command.Slot} of lease {command.Lease} has no open bond.", lease.Provider);
            return;
        }
        var bond = new Money(lease.Bonds[command.Slot]);
        if (command.Taken < Money.Zero || command.Taken > bond)
        {
            Refuse("AMOUNT_OUT_OF_RANGE", "taken_micros", $"is {command.Taken}; it can be 0 to {bond}.", lease.Provider);
            return;
        }
        ParticipantOf(lease.Provider).Settle(bond, command.Taken);
        lease.Bonds[command.Slot] = OpenLease.Settled;
        if (lease.Bonds.All(left => left == OpenLease.Settled)) _leases.Remove(lease.Id);
        _events.Add(new Event.BondSettled(command.Lease, command.Slot, lease.Provider, bond - command.Taken, command.Taken));
    }

    private void Advance(Command.AdvanceClock command)
    {
        if (command.To <= Now)
        {
            Refuse("TIME_PASSED", "to_time", $"it is {Now:u} already.");
            return;
        }
        Now = command.To;
        _events.Add(new Event.ClockAdvanced(command.To));
        if (_clearing is null) PassTime();
        _futures.Pass(Now.ToUnixTimeMilliseconds());
    }
}
