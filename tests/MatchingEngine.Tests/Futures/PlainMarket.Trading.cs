using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Matching, stop orders, phases and auctions.</summary>
internal sealed partial class PlainMarket
{
    private void Enter(Order order, int limit)
    {
        var contract = order.Contract;
        if (contract.Phase == Phase.Continuous)
        {
            Trade(order, limit);
            if (!_open.Contains(order)) return;
            if (order.Type is OrderType.Market or OrderType.Stop || order.Force is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill)
            {
                End(order, contract.Phase == Phase.Continuous ? CancelReason.Unfilled : CancelReason.Volatility);
                return;
            }
        }
        order.State = State.Resting;
        order.Price = limit;
        order.Shown = order.Peak == 0 ? order.Open : Math.Min(order.Peak, order.Open);
        order.Turn = ++_lastTurn;
        contract.IsStale = true;
    }

    private void Trade(Order taker, int limit)
    {
        var contract = taker.Contract;
        Order? Best(int within) => Queue(contract, Opposite(taker.Side)).FirstOrDefault() is { } best && Crosses(best, taker.Side, within) ? best : null;
        if (Best(limit) is null) return;
        RollWindow(contract);
        var within = Within(contract, taker.Side, limit);
        while (Best(within) is { } maker)
        {
            if (maker.Account == taker.Account)
            {
                MeetOwn(taker, maker);
                if (!_open.Contains(taker)) return;
                continue;
            }
            if (maker.Flags.HasFlag(OrderFlags.ReduceOnly) && maker.Open > Reducible(maker))
            {
                Shrink(maker, (uint)(maker.Open - Reducible(maker)), CancelReason.ReduceOnly);
                continue;
            }
            var lots = Math.Min(taker.Open, maker.Shown);
            taker.Open -= lots;
            Deal(contract, taker, maker, maker.Price, lots);
            if (maker.Open > 0 && maker.Shown == 0)
            {
                maker.Shown = Math.Min(maker.Peak, maker.Open);
                maker.Turn = ++_lastTurn;
                Tell(OrderEventKind.Refilled, maker.Side, contract, maker.Account, maker.Id, price: maker.Price, quantity: maker.Shown, leaves: maker.Open - maker.Shown);
            }
            if (taker.Open > 0) continue;
            _open.Remove(taker);
            return;
        }
        if (Best(limit) is not null) Change(contract, Phase.VolatilityCall, _now + (contract.Terms.CallSeconds * 1_000L));
    }

    private void Deal(Contract contract, Order taker, Order maker, int price, uint lots)
    {
        maker.Open -= lots;
        maker.Shown -= Math.Min(lots, maker.Shown);
        if (maker.Open == 0) _open.Remove(maker);
        var (buyer, seller) = taker.Side == Side.Buy ? (taker.Account, maker.Account) : (maker.Account, taker.Account);
        _deals.Add(new Bargain { Contract = contract.Index, Buyer = buyer, Seller = seller, Price = price, Lots = lots });
        contract.Last = price;
        contract.Seen.Add(price);
        Tell(OrderEventKind.Traded, taker.Side, contract, taker.Account, taker.Id, maker.Id, price, lots, taker.Open, (uint)maker.Account, _deals.Count);
    }

    private void MeetOwn(Order taker, Order own)
    {
        var less = Math.Min(taker.Open, own.Open);
        var isLarger = taker.Open > own.Open;
        switch (taker.SelfTrade)
        {
            case SelfTrade.CancelOldest:
                Shrink(own, own.Open, CancelReason.SelfTrade);
                break;
            case SelfTrade.Decrement:
                Shrink(own, less, CancelReason.SelfTrade);
                if (isLarger) Shrink(taker, less, CancelReason.SelfTrade);
                else End(taker, CancelReason.SelfTrade);
                break;
            case SelfTrade.CancelBoth:
                Shrink(own, own.Open, CancelReason.SelfTrade);
                End(taker, CancelReason.SelfTrade);
                break;
            default:
                End(taker, CancelReason.SelfTrade);
                break;
        }
    }

    private void RollWindow(Contract contract)
    {
        if (_now - contract.WindowAt >= contract.Terms.VelocitySeconds * 1_000L) Roll(contract);
    }

    private void Roll(Contract contract)
    {
        contract.WindowAt = _now;
        contract.WindowPrice = contract.Last == 0 ? contract.Reference : contract.Last;
    }

    private static int Within(Contract contract, Side side, int limit)
    {
        if (contract.Terms.VelocitySeconds == 0) return limit;
        var (low, high) = Around(contract, contract.WindowPrice, contract.Terms.VelocityPpm);
        return side == Side.Buy ? Math.Min(limit, high) : Math.Max(limit, low);
    }

    private void Trigger(Contract contract)
    {
        while (contract.Phase == Phase.Continuous && contract.Seen.Count > 0)
        {
            var reached = Waiting(contract).Where(order => order.Side == Side.Buy ? contract.Seen.Max() >= order.Stop : contract.Seen.Min() <= order.Stop).ToList();
            if (reached.Count == 0)
            {
                contract.Seen.Clear();
                return;
            }

            // Of each side the nearest; of these two the earlier.
            var next = reached.GroupBy(order => order.Side).Select(side => side.First()).MinBy(order => order.Id)!;
            next.State = State.Incoming;
            var limit = next.Type == OrderType.StopLimit ? next.Price : LimitOf(next);
            Tell(OrderEventKind.Triggered, next.Side, contract, next.Account, next.Id, price: limit, quantity: next.Open);
            if (next.Flags.HasFlag(OrderFlags.ReduceOnly) && next.Open > Reducible(next)) Shrink(next, (uint)(next.Open - Reducible(next)), CancelReason.ReduceOnly);
            if (!_open.Contains(next)) continue;
            var (low, high) = Band(contract);
            if (limit < low || limit > high) End(next, CancelReason.TriggerRefused);
            else Enter(next, limit);
        }
    }

    private void Change(Contract contract, Phase phase, long until)
    {
        if (phase is Phase.Continuous or Phase.Closed)
        {
            if (IsCall(contract)) Uncross(contract);
            foreach (var order in InBook(contract).Where(order => order.Type == OrderType.Market).ToList()) Shrink(order, order.Open, CancelReason.AuctionOver);
        }
        contract.Phase = phase;
        contract.Until = IsCall(contract) ? until : 0;
        contract.IsStale = IsCall(contract);
        Tell(OrderEventKind.PhaseChanged, Side.Buy, contract, 0, 0, detail: (uint)phase, value: contract.Until);
        if (phase == Phase.Closed)
            foreach (var order in InBook(contract).Concat(Waiting(contract)).Where(order => order.Force == TimeInForce.Day).ToList())
                Shrink(order, order.Open, CancelReason.Expired);
        if (phase != Phase.Continuous) return;
        Roll(contract);
        if (contract.Last != 0) contract.Seen.Add(contract.Last);
        Trigger(contract);
    }

    private void Uncross(Contract contract)
    {
        var counting = Counting(contract);
        foreach (var order in InBook(contract).Reverse().Where(order => order.Open > counting[order]).ToList())
            Shrink(order, order.Open - counting[order], CancelReason.ReduceOnly);
        if (Auction(contract) is not { } auction) return;
        for (var left = auction.Volume; left > 0;)
        {
            var (buy, sell) = (Queue(contract, Side.Buy).First(), Queue(contract, Side.Sell).First());
            var lots = (uint)Math.Min(left, Math.Min(buy.Open, sell.Open));
            buy.Open -= lots;
            buy.Shown -= Math.Min(lots, buy.Shown);
            Deal(contract, buy, sell, auction.Price, lots);
            foreach (var order in new[] { buy, sell })
            {
                if (order.Open == 0) _open.Remove(order);
                else if (order.Shown == 0) order.Shown = order.Peak == 0 ? order.Open : Math.Min(order.Peak, order.Open);
            }
            left -= lots;
        }
    }

    /// <summary>
    /// The lots of each order that count in an auction: those that only reduce are cut, worst priced first, to what the position surely has beside
    /// the account's other orders.
    /// </summary>
    private Dictionary<Order, uint> Counting(Contract contract)
    {
        var counting = InBook(contract).ToDictionary(order => order, order => order.Open);
        foreach (var order in InBook(contract).Where(order => order.Flags.HasFlag(OrderFlags.ReduceOnly)).Reverse())
        {
            var others = counting.Where(other => other.Key.Account == order.Account && other.Key.Side == order.Side && other.Key != order).Sum(other => other.Value);
            counting[order] = (uint)Math.Min(order.Open, Math.Max(0, Reducible(order) - others));
        }
        return counting;
    }

    private AuctionPrice? Auction(Contract contract)
    {
        var counting = Counting(contract);
        var reference = contract.Last == 0 ? contract.Reference : contract.Last;
        AuctionPrice At(int price)
        {
            var wanted = Queue(contract, Side.Buy).Where(order => order.Price >= price).Sum(order => counting[order]);
            var offered = Queue(contract, Side.Sell).Where(order => order.Price <= price).Sum(order => counting[order]);
            return new AuctionPrice(price, Math.Min(wanted, offered), wanted - offered);
        }

        var outcomes = InBook(contract).Where(order => order.Type != OrderType.Market).Select(order => order.Price).Append(reference).Distinct().Order().Select(At).ToList();
        var most = outcomes.Max(outcome => outcome.Volume);
        outcomes.RemoveAll(outcome => outcome.Volume < most);
        var least = outcomes.Min(outcome => Math.Abs(outcome.Surplus));
        outcomes.RemoveAll(outcome => Math.Abs(outcome.Surplus) > least);
        if (most == 0) return null;
        if (outcomes.TrueForAll(outcome => outcome.Surplus > 0)) return outcomes[^1];
        if (outcomes.TrueForAll(outcome => outcome.Surplus < 0)) return outcomes[0];
        var (low, high) = least == 0
            ? (outcomes[0].Price, outcomes[^1].Price)
            : (outcomes.Last(outcome => outcome.Surplus > 0).Price, outcomes.First(outcome => outcome.Surplus < 0).Price);
        return At(Math.Clamp(reference, low, high));
    }

    private void TellIndicatives()
    {
        foreach (var contract in _contracts.Where(contract => contract.IsStale && IsCall(contract) && _now - contract.ToldAt >= 1_000))
        {
            (contract.IsStale, contract.ToldAt) = (false, _now);
            var auction = Auction(contract) ?? default;
            Tell(OrderEventKind.Indicative, auction.Surplus >= 0 ? Side.Buy : Side.Sell, contract, 0, 0, price: auction.Price, quantity: (uint)auction.Volume,
                detail: (uint)Math.Abs(auction.Surplus));
        }
    }
}
