using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>Standing bids: bid for again slot after slot, with notice when they are outbid, until they are cancelled.</summary>
public sealed partial class Exchange
{
    private Event.Refused? WhyNotStanding(Command.PlaceBid command)
    {
        Event.Refused No(string reason, string field, string message) => new(reason, field, message, command.Buyer);

        if (!IsSlotStart(command.From)) return No("WINDOW_MALFORMED", "from_time", $"is not the start of a slot of {Settings.SlotMinutes} minutes.");
        if (command.From > Now.AddDays(Settings.FarthestDays)) return No("WINDOW_TOO_LONG", "from_time", $"is more than {Settings.FarthestDays} days ahead.");
        if (command.To == Command.PlaceBid.NoEnd) return null;
        if (!IsSlotStart(command.To)) return No("WINDOW_MALFORMED", "to_time", $"is not the end of a slot of {Settings.SlotMinutes} minutes.");
        if (command.To <= command.From) return No("WINDOW_MALFORMED", "to_time", "is not after from_time.");
        return command.To <= Now ? No("WINDOW_PASSED", "to_time", $"is past: it is {Now:u}.") : null;
    }

    /// <summary>The slots that a standing bid takes part for, and what its money must cover in each.</summary>
    private IEnumerable<(long Slot, int Gpus, Money Cost)> NextSlotsOf(Bid bid, long current)
    {
        var first = Math.Max(bid.From, current);
        for (var slot = first; slot < Math.Min(bid.To, first + Settings.StandingSlots); slot++)
        {
            // The slot in progress is bought only by who holds nothing in it: there is no adding to what runs.
            var gpus = slot == current && (bid.Filled[slot] > 0 || !IsTradable(slot, Now)) ? 0 : bid.Wanted(slot);
            yield return (slot, gpus, Bid.Cost(bid.Terms.Limit, (long)gpus * Settings.SlotMinutes, bid.FeePpm));
        }
    }

    /// <summary>The first of them, as many as some money covers.</summary>
    private IEnumerable<(long Slot, int Gpus, Money Cost)> CoveredSlotsOf(Bid bid, long current, Money money)
    {
        foreach (var next in NextSlotsOf(bid, current))
        {
            if (next.Cost > money) yield break;
            money -= next.Cost;
            yield return next;
        }
    }

    /// <summary>Takes a standing bid along with the time: tells what it lost, and reserves money for what it wants next, as far as there is any.</summary>
    private void Stand(Bid bid, long current)
    {
        TellInterruption(bid, current, Now);
        bid.Filled.ForgetBefore(current);
        var buyer = ParticipantOf(bid.Terms.Buyer);
        var reserve = CoveredSlotsOf(bid, current, buyer.Free + bid.Reserved).Aggregate(Money.Zero, (sum, slot) => sum + slot.Cost);
        if (reserve == bid.Reserved) return;
        buyer.Reserve(reserve - bid.Reserved);
        bid.Reserved = reserve;
    }

    /// <summary>What a run meant for the standing bids.</summary>
    /// <param name="closedAt">When the run was closed.</param>
    private void TellStanding(DateTimeOffset closedAt)
    {
        var current = SlotOf(Now);
        var nextRun = closedAt.AddSeconds(Settings.RunIntervalSeconds);
        foreach (var bid in _bids.Values.Where(bid => bid.IsStanding))
        {
            TellResumption(bid, current);
            TellInterruption(bid, current, nextRun > Now ? nextRun : Now);
        }
    }

    private void TellResumption(Bid bid, long current)
    {
        // What it holds until the end that was told is no return.
        var since = bid.Standing == StandingState.Interrupted ? Math.Max(current, bid.ToldSlot) : current;
        var held = bid.Filled.All.Where(filled => filled.Key >= since).ToList();
        if (bid.Standing == StandingState.Running || held.Count == 0) return;
        if (bid.Standing == StandingState.Interrupted)
            _events.Add(new Event.StandingResumed(bid.Id, bid.Terms.Buyer, held[0].Key == current ? Now : StartOf(held[0].Key), held[0].Value));
        bid.Standing = StandingState.Running;
    }

    /// <param name="bid">The bid.</param>
    /// <param name="current">The slot in progress.</param>
    /// <param name="nextRun">When the next slot can be won next: what cannot be won then is lost.</param>
    private void TellInterruption(Bid bid, long current, DateTimeOffset nextRun)
    {
        var next = current + 1;
        if (bid.Standing != StandingState.Running || bid.ToldSlot == next || next >= bid.To) return;
        var (held, kept) = (bid.Filled[current], bid.Filled[next]);
        var ends = StartOf(next);
        if (held == 0)
        {
            // No run came between the gate and the end of the slot: the notice comes late rather than never.
            if (bid.Filled.All.Any(filled => filled.Key >= current)) return;
            (held, ends, next) = (bid.Filled.All.Select(filled => filled.Value).LastOrDefault(), StartOf(current), current);
        }
        else if (kept >= held || IsTradable(next, nextRun)) return;

        var covered = CoveredSlotsOf(bid, current, bid.Reserved).Any(slot => slot.Slot == next);
        var price = LastPriceOf(bid, next);
        var reason = !covered ? InterruptionReason.NoFunds : price >= bid.Terms.Limit ? InterruptionReason.Outbid : InterruptionReason.NoSupply;
        bid.ToldSlot = next;
        if (kept == 0) bid.Standing = StandingState.Interrupted;
        _events.Add(new Event.StandingInterrupted(bid.Id, bid.Terms.Buyer, ends, held, kept, reason, price));
    }

    /// <summary>The lowest of the last prices of a slot in a bid's markets; null where nothing was sold in it.</summary>
    private Price? LastPriceOf(Bid bid, long slot)
    {
        if (!_lastPrices.TryGetValue(slot, out var prices)) return null;
        var known = bid.Terms.Markets.Where(prices.ContainsKey).Select(market => prices[market]).ToList();
        return known.Count > 0 ? known.Min() : null;
    }

    /// <summary>Keeps what the slots cost in their last run, for as long as they are to come.</summary>
    private void KeepPrices(IEnumerable<SpotPrice> prices)
    {
        foreach (var price in prices)
        {
            var slot = SlotOf(price.Slot);
            if (!_lastPrices.TryGetValue(slot, out var known)) _lastPrices.Add(slot, known = new SortedDictionary<string, Price>(StringComparer.Ordinal));
            known[price.Market] = price.Price;
        }
    }

    private void ForgetPrices(long before)
    {
        while (_lastPrices.Count > 0 && _lastPrices.First().Key is var first && first < before) _lastPrices.Remove(first);
    }
}
