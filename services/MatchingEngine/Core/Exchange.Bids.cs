using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Bids: placed, taken back, and at their end.</summary>
public sealed partial class Exchange
{
    private void Place(Command.PlaceBid command)
    {
        if ((_rules < 3 ? WhyNotPlaceInOneMarket(command) : WhyNotPlace(command)) is { } refused)
        {
            _events.Add(refused);
            return;
        }
        var (from, to) = (SlotOf(command.From), SlotOf(command.To));
        var starts = StartsOf(command);
        var current = SlotOf(Now);
        var mayStartNow = command.Kind == BidKind.Block ? starts.Contains(current) : from == current;
        var buyer = ParticipantOf(command.Buyer);
        var bid = new Bid(_lastBid + 1, command, from, to, starts, mayStartNow ? current : Bid.None, buyer.BuyerFeePpm ?? Settings.BuyerFeePpm);
        var reserve = bid.IsStanding ? NextSlotsOf(bid, current).Aggregate(Money.Zero, (sum, slot) => sum + slot.Cost) : bid.ReserveFrom(current, Settings.SlotMinutes);
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
        Add(bid);
        _events.Add(new Event.BidPlaced(bid.Id, command, reserve));
    }

    private void Add(Bid bid)
    {
        _bids.Add(bid.Id, bid);
        var buyer = ParticipantOf(bid.Terms.Buyer);
        buyer.OpenBids++;
        if (bid.IsBlock) buyer.OpenBlocks++;
    }

    private Event.Refused? WhyNotPlace(Command.PlaceBid command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Buyer);

        if (WhyNotTrade(command.Buyer, p => p.MayBuy, "bid") is { } no) return no;
        if (command.Markets.Count is < 1 or > Settings.MostMarkets)
            return No("MARKET_COUNT", "markets", $"names {command.Markets.Count}; a bid names 1 to {Settings.MostMarkets}.");
        foreach (var market in command.Markets)
        {
            if (!_markets.TryGetValue(market, out var open)) return No("MARKET_UNKNOWN", "markets", $"there is no market '{market}'.");
            if (!open) return No("MARKET_HALTED", "markets", $"{market} is halted.");
        }
        if (command.Markets.GroupBy(market => market, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return No("MARKET_COUNT", "markets", $"names {twice.Key} twice; name each market once.");
        if (command.Gpus < 1 || command.Gpus > Settings.MostGpusPerBid)
            return No("GPU_COUNT_OUT_OF_RANGE", "gpu_count", $"is {command.Gpus}; it can be 1 to {Settings.MostGpusPerBid}.");
        if (WrongPrice(command.Limit) is { } limit) return No(limit.Reason, "limit_micros_per_gpu_hour", limit.Message);

        var wrong = command.Kind switch
        {
            BidKind.Divisible => WhyNotDivisible(command) ?? WhyNotOfThisKind(command),
            BidKind.Block => WhyNotBlock(command),
            BidKind.Standing => WhyNotStanding(command) ?? WhyNotOfThisKind(command),
            _ => No("KIND_MISSING", "kind", "must be divisible, block or standing."),
        };
        if (wrong is not null) return wrong;

        var buyer = ParticipantOf(command.Buyer);
        if (buyer.OpenBids >= Settings.MostOpenBids)
            return No("OPEN_BID_LIMIT", "request_id", $"{Settings.MostOpenBids} bids are open: cancel some first.");
        if (command.Kind == BidKind.Block && buyer.OpenBlocks >= Settings.MostOpenBlocks)
            return No("OPEN_BLOCK_LIMIT", "request_id", $"{Settings.MostOpenBlocks} blocks are open: cancel some first.");
        return null;
    }

    private Event.Refused? WhyNotDivisible(Command.PlaceBid command)
    {
        if (WrongWindow(command.From, command.To, Settings.HorizonSlots) is { } window)
            return new(window.Reason, window.Field, window.Message, command.Buyer);
        var (from, to) = (SlotOf(command.From), SlotOf(command.To));
        return Enumerable.Range(0, (int)(to - from)).Any(s => IsTradable(from + s, Now) || from + s > SlotOf(Now))
            ? null
            : new("WINDOW_PASSED", "to_time", "the last slot of the window can no longer be traded.", command.Buyer);
    }

    /// <summary>What only blocks have is refused with other kinds, not ignored: whoever said it meant something by it.</summary>
    private static Event.Refused? WhyNotOfThisKind(Command.PlaceBid command)
    {
        Event.Refused No(string field) => new("NOT_FOR_THIS_KIND", field, "is for blocks; leave it out of any other bid.", command.Buyer);

        if (command.Run != 0) return new("RUN_OUT_OF_RANGE", "run_slot_count", "is for blocks; any other bid has none.", command.Buyer);
        if (command.Starts.Count > 0) return No("start_times");
        if (command.MinFill != 1_000) return No("min_fill_per_mille");
        if (command.NodeGpus != 0) return No("node_gpu_count");
        if (command.Parent != 0) return No("parent_bid_id");
        if (command.Needs is not null)
            return new("NEEDS_WITHOUT_BLOCK", "needs", "is for blocks, which get their GPUs from certain nodes: bid for a block, of one slot if that is all.", command.Buyer);
        return command.Group.Length > 0 ? No("group") : null;
    }

    /// <summary>The rules of the versions before the third: one market, and blocks that start where their window does.</summary>
    private Event.Refused? WhyNotPlaceInOneMarket(Command.PlaceBid command)
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

    private void Cancel(Command.CancelBid command)
    {
        if (!_bids.TryGetValue(command.Bid, out var bid) || bid.Terms.Buyer != command.Buyer)
            Refuse("BID_UNKNOWN", "bid_id", $"you have no open bid {command.Bid}.", command.Buyer);
        else
            CloseOrMark(bid, CloseReason.Cancelled);
    }

    /// <summary>Closes a bid, or, while a run clears, notes that it closes when the run ends.</summary>
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

    private void Close(Bid bid, CloseReason reason)
    {
        var released = bid.Reserved;
        var buyer = ParticipantOf(bid.Terms.Buyer);
        buyer.Reserve(-released);
        buyer.OpenBids--;
        if (bid.IsBlock) buyer.OpenBlocks--;
        _bids.Remove(bid.Id);
        _events.Add(new Event.BidClosed(bid.Id, bid.Terms.Buyer, reason, released));
        if (bid.IsBlock) EndFamily(bid, reason);
    }

    private bool HasPassed(Bid bid, long current) =>
        bid.IsBlock ? !bid.Starts.Any(start => CanStart(bid, start))
        : bid.IsStanding ? bid.To <= current
        : bid.To <= current || (bid.To == current + 1 && !IsTradable(current, Now));
}
