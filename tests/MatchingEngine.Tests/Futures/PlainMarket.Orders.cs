using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Orders placed, changed and taken back.</summary>
internal sealed partial class PlainMarket
{
    private void Place(OrderRequest request)
    {
        if (request.Instrument >= _contracts.Count)
        {
            Reject(request, RejectReason.InstrumentUnknown, request.Instrument);
            return;
        }
        var contract = _contracts[request.Instrument];
        if (Wrong(request, contract) is { } wrong)
        {
            Reject(request, wrong.Reason, wrong.Value);
            return;
        }
        var order = new Order
        {
            Id = ++_lastOrder, Account = (int)request.Account, Contract = contract, Side = request.Side, Type = request.Type, Force = request.TimeInForce,
            Flags = request.Flags, SelfTrade = request.SelfTrade, Expiry = request.Expiry, Peak = request.Peak, Stop = request.StopPrice,
            Price = request.Price, Open = request.Quantity,
        };
        var limit = LimitOf(order);
        Tell(OrderEventKind.Accepted, order.Side, contract, order.Account, order.Id, request.ClientOrderId, limit, order.Open, order.Peak,
            (uint)order.Type | ((uint)order.Force << 8) | ((uint)order.Flags << 16) | ((uint)order.SelfTrade << 24),
            (request.StopPrice & 0xFFFFFFFFL) | ((long)request.Expiry << 32));
        _open.Add(order);
        if (order.Type is OrderType.Stop or OrderType.StopLimit)
        {
            var isBeyond = contract.Last != 0 && (order.Side == Side.Buy ? contract.Last >= order.Stop : contract.Last <= order.Stop);
            if (contract.Phase != Phase.Continuous || !isBeyond)
            {
                order.State = State.Waiting;
                return;
            }
            Tell(OrderEventKind.Triggered, order.Side, contract, order.Account, order.Id, price: limit, quantity: order.Open);
        }
        Enter(order, limit);
        Trigger(contract);
    }

    private static int LimitOf(Order order)
    {
        var isBuy = order.Side == Side.Buy;
        if (order.Type == OrderType.Market && IsCall(order.Contract)) return isBuy ? CallAuction.MarketBuy : CallAuction.MarketSell;
        if (order.Type is OrderType.Market or OrderType.Stop) return isBuy ? Band(order.Contract).High : Band(order.Contract).Low;
        return order.Price;
    }

    private (RejectReason Reason, long Value)? Wrong(OrderRequest request, Contract contract)
    {
        var trader = _traders[(int)request.Account];
        var (type, force, flags) = (request.Type, request.TimeInForce, request.Flags);
        var (low, high) = Band(contract);
        var isImmediate = force is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        var isStop = type is OrderType.Stop or OrderType.StopLimit;
        var isPostOnly = flags.HasFlag(OrderFlags.PostOnly);
        var isReduceOnly = flags.HasFlag(OrderFlags.ReduceOnly);

        if (!trader.IsActive || !trader.Limits.MayTrade) return (RejectReason.AccountMayNotTrade, 0);
        if (request.Side is not (Side.Buy or Side.Sell)) return (RejectReason.WordUnknown, (long)request.Side);
        if (contract.Phase is Phase.Closed or Phase.Halted) return (RejectReason.PhaseForbids, (long)contract.Phase);
        if (!Enum.IsDefined(type) || type == OrderType.None) return (RejectReason.WordUnknown, (long)type);
        if (!Enum.IsDefined(force) || force == TimeInForce.None) return (RejectReason.WordUnknown, (long)force);
        if ((byte)flags > 7) return (RejectReason.WordUnknown, (long)flags);
        if (!Enum.IsDefined(request.SelfTrade)) return (RejectReason.WordUnknown, (long)request.SelfTrade);

        if (force == TimeInForce.GoodTillDate && request.Expiry == 0
            || force != TimeInForce.GoodTillDate && request.Expiry != 0
            || isStop && isImmediate
            || type == OrderType.Market && force == TimeInForce.GoodTillDate
            || isPostOnly && isImmediate
            || isPostOnly && type != OrderType.Limit
            || request.Peak != 0 && isImmediate
            || request.Peak != 0 && type != OrderType.Limit) return (RejectReason.CombinationInvalid, (long)force);
        if (request.Peak != 0 && request.Peak >= request.Quantity) return (RejectReason.PeakOutOfRange, request.Peak);
        if (request.Expiry != 0 && request.Expiry * 1_000L <= _now) return (RejectReason.ExpiryPast, request.Expiry);
        if (isStop && (request.StopPrice < low || request.StopPrice > high)) return (RejectReason.StopOutsideBand, request.StopPrice);
        if (IsCall(contract) && !isStop)
        {
            if (force == TimeInForce.FillOrKill || isPostOnly || isReduceOnly) return (RejectReason.PhaseForbids, (long)contract.Phase);
            if (force == TimeInForce.ImmediateOrCancel && type == OrderType.Limit) return (RejectReason.PhaseForbids, (long)contract.Phase);
        }
        if (isReduceOnly && request.Quantity > Reducible((int)request.Account, contract, request.Side))
            return (RejectReason.WouldNotReduce, PositionOf((int)request.Account, contract.Index).Lots);

        var worst = type is OrderType.Market or OrderType.Stop ? (request.Side == Side.Buy ? high : low) : request.Price;
        if (WrongSize(contract, worst, request.Quantity) is { } size) return size;
        if (!MaySend(trader)) return (RejectReason.RateExceeded, trader.Limits.OrdersPerSecond);
        if (OpenOrdersOf((int)request.Account) >= trader.Limits.MostOpenOrders) return (RejectReason.TooManyOpenOrders, OpenOrdersOf((int)request.Account));
        if (Risk((int)request.Account, contract, request.Side, request.Quantity) is { } risk) return risk;

        if (contract.Phase != Phase.Continuous || isStop) return null;
        var best = Queue(contract, Opposite(request.Side)).FirstOrDefault();
        if (isPostOnly && best is not null && Crosses(best, request.Side, request.Price)) return (RejectReason.WouldTrade, best.Price);
        if (type == OrderType.Market && best is null) return (RejectReason.NoOtherSide, 0);
        if (force != TimeInForce.FillOrKill) return null;
        RollWindow(contract);
        var sure = Sure(contract, request, Within(contract, request.Side, worst));
        return sure < request.Quantity ? (RejectReason.NotAllAvailable, sure) : null;
    }

    private static (RejectReason, long)? WrongSize(Contract contract, int price, uint quantity)
    {
        var (low, high) = Band(contract);
        if (quantity < 1 || quantity > contract.Terms.MostLots) return (RejectReason.QuantityOutOfRange, quantity);
        if (price < low || price > high) return (RejectReason.PriceOutsideBand, price);
        var notional = price * (long)quantity * contract.Terms.TickValueMicros;
        return notional > contract.Terms.MostNotionalMicros ? (RejectReason.NotionalTooLarge, notional) : null;
    }

    private bool MaySend(Trader trader)
    {
        if (trader.Limits.OrdersPerSecond == 0) return true;
        trader.Tokens = Math.Min(trader.Limits.Burst * 1_000L, trader.Tokens + ((_now - trader.RateAt) * trader.Limits.OrdersPerSecond));
        trader.RateAt = _now;
        if (trader.Tokens < 1_000) return false;
        trader.Tokens -= 1_000;
        return true;
    }

    /// <summary>Position limit and margin, as if every open order of this side were filled and this one, too.</summary>
    private (RejectReason, long)? Risk(int account, Contract contract, Side side, uint more)
    {
        var (lots, buys, sells, _) = PositionOf(account, contract.Index);
        var reached = side == Side.Buy ? lots + buys + more : lots - sells - more;
        if ((side == Side.Buy ? reached : -reached) > contract.Terms.MostPosition) return (RejectReason.PositionLimit, reached);
        var worst = Worst(account, contract);
        var worstThen = Math.Max(worst, side == Side.Buy ? reached : -reached);
        if (worstThen == worst) return null;
        var missing = RequiredOf(account) + ((worstThen - worst) * contract.Terms.MarginMicros) - _traders[account].Funds;
        return missing > 0 ? (RejectReason.InsufficientMargin, missing) : null;
    }

    /// <summary>What a fill-or-kill order would surely trade: a rehearsal on copies, with reduce-only orders gone.</summary>
    private long Sure(Contract contract, OrderRequest request, int within)
    {
        var queue = Queue(contract, Opposite(request.Side)).Where(order => Crosses(order, request.Side, within))
            .Where(order => order.Account == request.Account || !order.Flags.HasFlag(OrderFlags.ReduceOnly))
            .Select(order => (order.Account, order.Price, order.Shown, Hidden: order.Open - order.Shown, order.Peak)).ToList();
        var traded = 0L;
        while (queue.Count > 0)
        {
            var best = queue[0];
            queue.RemoveAt(0);
            if (best.Account == request.Account && request.SelfTrade != SelfTrade.CancelOldest) break;
            if (best.Account == request.Account) continue;
            traded += best.Shown;
            if (best.Hidden == 0) continue;
            best.Shown = Math.Min(best.Peak, best.Hidden);
            best.Hidden -= best.Shown;
            var behind = queue.FindIndex(order => order.Price != best.Price);
            queue.Insert(behind < 0 ? queue.Count : behind, best);
        }
        return traded;
    }

    private void Cancel(OrderRequest request)
    {
        var order = _open.Find(order => order.Id == request.Order && order.Account == request.Account);
        if (order is null) Reject(request, RejectReason.OrderUnknown, unchecked((long)request.Order));
        else Shrink(order, order.Open, CancelReason.Owner);
    }

    private void Replace(OrderRequest request)
    {
        var order = _open.Find(order => order.Id == request.Order && order.Account == request.Account);
        if (order is null)
        {
            Reject(request, RejectReason.OrderUnknown, unchecked((long)request.Order));
            return;
        }
        var contract = order.Contract;
        var isAtMarket = order.Type == OrderType.Market;
        var isWaiting = order.State == State.Waiting;
        if (isAtMarket) request.Price = order.Price;
        (request.Instrument, request.Side) = (contract.Index, order.Side);
        var price = isAtMarket || order.Type == OrderType.Stop && isWaiting ? contract.Reference : request.Price;
        var stop = request.StopPrice == 0 ? order.Stop : request.StopPrice;
        if (WrongReplace(request, order, price, stop) is { } wrong)
        {
            Reject(request, wrong.Reason, wrong.Value);
            return;
        }
        if (isWaiting)
        {
            Tell(OrderEventKind.Replaced, order.Side, contract, order.Account, order.Id, request.ClientOrderId, request.Price, request.Quantity, value: stop);
            (order.Open, order.Price, order.Stop) = (request.Quantity, request.Price, stop);
            return;
        }
        var isMoving = request.Price != order.Price || request.Quantity > order.Open;
        Tell(OrderEventKind.Replaced, order.Side, contract, order.Account, order.Id, request.ClientOrderId, request.Price, request.Quantity, order.Peak, isMoving ? 0u : 1u);
        order.Open = request.Quantity;
        contract.IsStale = true;
        if (isMoving)
        {
            order.State = State.Incoming;
            order.SelfTrade = request.SelfTrade;
            if (!isAtMarket) order.Type = OrderType.Limit;
            Enter(order, request.Price);
            Trigger(contract);
        }
        else order.Shown = Math.Min(order.Shown, order.Open);
    }

    private (RejectReason Reason, long Value)? WrongReplace(OrderRequest request, Order order, int price, int stop)
    {
        var contract = order.Contract;
        var trader = _traders[order.Account];
        if (!trader.IsActive || !trader.Limits.MayTrade) return (RejectReason.AccountMayNotTrade, 0);
        if (contract.Phase is Phase.Closed or Phase.Halted) return (RejectReason.PhaseForbids, (long)contract.Phase);
        if (WrongSize(contract, price, request.Quantity) is { } size) return size;
        if (!MaySend(trader)) return (RejectReason.RateExceeded, trader.Limits.OrdersPerSecond);
        if (request.Quantity > order.Open)
        {
            if (order.Flags.HasFlag(OrderFlags.ReduceOnly) && request.Quantity > Reducible(order))
                return (RejectReason.WouldNotReduce, PositionOf(order.Account, contract.Index).Lots);
            if (Risk(order.Account, contract, order.Side, request.Quantity - order.Open) is { } risk) return risk;
        }
        if (order.State == State.Waiting)
        {
            var (low, high) = Band(contract);
            if (stop < low || stop > high) return (RejectReason.StopOutsideBand, stop);
            var isBeyond = contract.Last != 0 && (order.Side == Side.Buy ? contract.Last >= stop : contract.Last <= stop);
            return isBeyond && stop != order.Stop ? (RejectReason.WouldTrade, contract.Last) : null;
        }
        var isMoving = request.Price != order.Price || request.Quantity > order.Open;
        var best = Queue(contract, Opposite(order.Side)).FirstOrDefault();
        return isMoving && contract.Phase == Phase.Continuous && order.Flags.HasFlag(OrderFlags.PostOnly) && best is not null && Crosses(best, order.Side, request.Price)
            ? (RejectReason.WouldTrade, best.Price) : null;
    }

    /// <summary>An order loses lots, or, when they are all it has, ends.</summary>
    private void Shrink(Order order, uint lots, CancelReason reason)
    {
        order.Contract.IsStale = order.State == State.Resting || order.Contract.IsStale;
        if (lots == order.Open)
        {
            End(order, reason);
            return;
        }
        order.Open -= lots;
        order.Shown = Math.Min(order.Shown, order.Open);
        var price = order.State == State.Resting ? order.Price : 0;
        Tell(OrderEventKind.Reduced, order.Side, order.Contract, order.Account, order.Id, price: price, quantity: lots, leaves: order.Open, detail: (uint)reason);
    }

    private void End(Order order, CancelReason reason)
    {
        _open.Remove(order);
        Tell(OrderEventKind.Cancelled, order.Side, order.Contract, order.Account, order.Id, quantity: order.Open, detail: (uint)reason);
    }
}
