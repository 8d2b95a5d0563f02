using System.Runtime.CompilerServices;
using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>Orders changed and ended: cancel, replace, mass cancel, expiry, stop orders.</summary>
public sealed partial class FuturesMarket
{
    /// <summary>Cancels the open orders that fit everything said; see <see cref="Command.CancelOrders"/>.</summary>
    /// <param name="account">Whose; null for everybody's.</param>
    /// <param name="instrument">Of which; null for all.</param>
    public void CancelOrders(int? account, int? instrument, Side? side, CancelReason reason)
    {
        bool Fits(uint owner, byte flags) =>
            (account is null || owner == account) && (reason != CancelReason.Disconnected || (flags & (byte)OrderFlags.CancelOnDisconnect) != 0);

        foreach (var traded in _instruments.Where(traded => instrument is null || traded.Index == instrument))
        {
            foreach (var position in Orders(traded, side).Where(position => Fits(_pool.At(position).Owner, _pool.At(position).Flags)).ToList())
                Shrink(traded, position, _pool.At(position).Total, reason);
            foreach (var id in traded.Stops.ToList())
                if (_stops[id].Request is var stop && (side is null || stop.Side == side) && Fits(stop.Account, (byte)stop.Flags)) EndStop(traded, id, reason);
        }
        TellIndicatives();
    }

    private void Cancel(in OrderRequest request)
    {
        if (request.Account >= (uint)_accountCount)
        {
            Reject(in request, RejectReason.AccountUnknown, request.Account);
            return;
        }
        var resting = _pool.Find(request.Order);
        if (resting != 0 && _pool.At(resting).Owner == request.Account)
        {
            ref var order = ref _pool.At(resting);
            Shrink(_instruments[order.Instrument], resting, order.Total, CancelReason.Owner);
        }
        else if (_stops.TryGetValue(request.Order, out var stop) && stop.Request.Account == request.Account)
            EndStop(_instruments[stop.Request.Instrument], request.Order, CancelReason.Owner);
        else Reject(in request, RejectReason.OrderUnknown, unchecked((long)request.Order));
    }

    private void Replace(in OrderRequest request)
    {
        if (request.Account >= (uint)_accountCount)
        {
            Reject(in request, RejectReason.AccountUnknown, request.Account);
            return;
        }
        ref var account = ref AccountAt(request.Account);
        if (request.ClientOrderId <= account.LastClientOrderId)
        {
            Reject(in request, RejectReason.ClientOrderIdNotRising, unchecked((long)account.LastClientOrderId));
            return;
        }
        account.LastClientOrderId = request.ClientOrderId;

        var resting = _pool.Find(request.Order);
        if (resting != 0 && _pool.At(resting).Owner == request.Account) ReplaceResting(in request, resting, ref account);
        else if (_stops.TryGetValue(request.Order, out var stop) && stop.Request.Account == request.Account) ReplaceStop(in request, stop, ref account);
        else Reject(in request, RejectReason.OrderUnknown, unchecked((long)request.Order));
    }

    private void ReplaceResting(in OrderRequest request, uint resting, ref Account account)
    {
        ref var order = ref _pool.At(resting);
        var instrument = _instruments[order.Instrument];
        ref var position = ref PositionAt(request.Account, order.Instrument);
        var asked = request with { Instrument = order.Instrument, Side = order.Side, Flags = (OrderFlags)(order.Flags & 7) };
        if ((order.Flags & IsAtMarket) != 0) asked.Price = order.Price;
        if (CheckReplace(in asked, (order.Flags & IsAtMarket) != 0 ? instrument.Reference : asked.Price, order.Total, instrument, ref account, ref position, out var value)
            is var reason and not RejectReason.None)
        {
            Reject(in asked, reason, value);
            return;
        }
        var isMoving = asked.Price != order.Price || asked.Quantity > order.Total;
        if (isMoving && instrument.Phase == Phase.Continuous && (order.Flags & (byte)OrderFlags.PostOnly) != 0 && instrument.Book.Crosses(order.Side, asked.Price))
        {
            Reject(in asked, RejectReason.WouldTrade, instrument.Book.BestPrice(Opposite(order.Side)));
            return;
        }
        Tell(OrderEventKind.Replaced, order.Side, order.Instrument, request.Account, order.Id, request.ClientOrderId, asked.Price, asked.Quantity, order.Peak, isMoving ? 0u : 1u, 0);
        if (asked.Quantity > order.Total) Reserve(ref account, ref position, instrument, order.Side, asked.Quantity - order.Total);
        else Release(ref account, ref position, instrument, order.Side, order.Total - asked.Quantity);
        instrument.IsIndicativeStale = true;
        if (!isMoving)
        {
            // What is hidden goes first: the shown part keeps its place.
            order.Hidden = asked.Quantity - Math.Min(asked.Quantity, order.Quantity);
            order.Quantity = Math.Min(asked.Quantity, order.Quantity);
            return;
        }

        var id = order.Id;
        asked.Type = (order.Flags & IsAtMarket) != 0 ? OrderType.Market : OrderType.Limit;
        asked.TimeInForce = (order.Flags & IsDay) != 0 ? TimeInForce.Day : (order.Flags & IsGoodTillDate) != 0 ? TimeInForce.GoodTillDate : TimeInForce.GoodTillCancelled;
        asked.Peak = order.Peak;
        instrument.Book.Remove(resting);
        Enter(instrument, in asked, id, asked.Price, asked.Quantity);
        Trigger(instrument);
    }

    private void ReplaceStop(in OrderRequest request, StopOrder stop, ref Account account)
    {
        var old = stop.Request;
        var instrument = _instruments[old.Instrument];
        ref var position = ref PositionAt(request.Account, old.Instrument);
        var asked = old with
        {
            Quantity = request.Quantity,
            Price = request.Price,
            StopPrice = request.StopPrice == 0 ? old.StopPrice : request.StopPrice,
            ClientOrderId = request.ClientOrderId,
            Order = request.Order,
        };
        var limit = old.Type == OrderType.Stop ? instrument.Reference : asked.Price;
        if (CheckReplace(in asked, limit, old.Quantity, instrument, ref account, ref position, out var value) is var reason and not RejectReason.None)
        {
            Reject(in asked, reason, value);
            return;
        }
        if (asked.StopPrice < instrument.BandLow || asked.StopPrice > instrument.BandHigh)
        {
            Reject(in asked, RejectReason.StopOutsideBand, asked.StopPrice);
            return;
        }
        if (instrument.IsBeyond(old.Side, asked.StopPrice) && asked.StopPrice != old.StopPrice)
        {
            Reject(in asked, RejectReason.WouldTrade, instrument.Last);
            return;
        }
        Tell(OrderEventKind.Replaced, old.Side, old.Instrument, request.Account, stop.Id, request.ClientOrderId, asked.Price, asked.Quantity, 0, 0, asked.StopPrice);
        if (asked.Quantity > old.Quantity) Reserve(ref account, ref position, instrument, old.Side, asked.Quantity - old.Quantity);
        else Release(ref account, ref position, instrument, old.Side, old.Quantity - asked.Quantity);
        instrument.RemoveStop(old.Side, old.StopPrice, stop.Id);
        _stops[stop.Id] = stop with { Request = asked };
        instrument.AddStop(old.Side, asked.StopPrice, stop.Id);
    }

    private RejectReason CheckReplace(
        in OrderRequest asked, int price, uint open, Instrument instrument, ref Account account, ref Position position, out long value)
    {
        value = 0;
        if (!account.MayTrade || !account.IsActive) return RejectReason.AccountMayNotTrade;
        if (instrument.Phase is Phase.Closed or Phase.Halted) return With(RejectReason.PhaseForbids, (long)instrument.Phase, out value);
        if (unchecked(asked.Quantity - 1) >= instrument.MostLots) return With(RejectReason.QuantityOutOfRange, asked.Quantity, out value);
        if (price < instrument.BandLow || price > instrument.BandHigh) return With(RejectReason.PriceOutsideBand, price, out value);
        if (price * (long)asked.Quantity > instrument.MostTickLots)
            return With(RejectReason.NotionalTooLarge, NotionalOf(instrument, price, asked.Quantity), out value);
        if (!account.TakeToken(_now)) return With(RejectReason.RateExceeded, account.OrdersPerSecond, out value);
        if (asked.Quantity <= open) return RejectReason.None;
        var reducible = asked.Side == Side.Buy ? -position.Lots : position.Lots;
        if (asked.Flags.HasFlag(OrderFlags.ReduceOnly) && asked.Quantity > reducible) return With(RejectReason.WouldNotReduce, position.Lots, out value);
        return CheckRisk(instrument, ref account, ref position, asked.Side, asked.Quantity - open, out value);
    }

    /// <summary>Takes stop orders into the market while the trades since the last look have reached them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Trigger(Instrument instrument)
    {
        if (instrument.HasTraded) TriggerStops(instrument);
    }

    private void TriggerStops(Instrument instrument)
    {
        while (instrument.Phase == Phase.Continuous && instrument.NextTriggered() is var id and not 0)
        {
            var stop = _stops[id];
            var request = stop.Request;
            _stops.Remove(id);
            instrument.RemoveStop(request.Side, request.StopPrice, id);
            var limit = request.Type == OrderType.StopLimit ? request.Price : request.Side == Side.Buy ? instrument.BandHigh : instrument.BandLow;
            Tell(OrderEventKind.Triggered, request.Side, request.Instrument, request.Account, id, 0, limit, request.Quantity, 0, 0, 0);

            var quantity = request.Quantity;
            ref var position = ref PositionAt(request.Account, request.Instrument);
            if (request.Flags.HasFlag(OrderFlags.ReduceOnly))
            {
                var reducible = Math.Max(0, request.Side == Side.Buy ? -position.Lots : position.Lots);
                if (reducible == 0)
                {
                    End(instrument, request.Side, request.Account, id, quantity, CancelReason.ReduceOnly);
                    continue;
                }
                if (quantity > reducible)
                {
                    var lost = (uint)(quantity - reducible);
                    quantity -= lost;
                    Release(ref AccountAt(request.Account), ref position, instrument, request.Side, lost);
                    Tell(OrderEventKind.Reduced, request.Side, request.Instrument, request.Account, id, 0, 0, lost, quantity, (uint)CancelReason.ReduceOnly, 0);
                }
            }

            // The band may have moved since the order was taken.
            if (limit < instrument.BandLow || limit > instrument.BandHigh) End(instrument, request.Side, request.Account, id, quantity, CancelReason.TriggerRefused);
            else Enter(instrument, in request, id, limit, quantity);
        }
    }

    private void EndStop(Instrument instrument, ulong id, CancelReason reason)
    {
        var request = _stops[id].Request;
        _stops.Remove(id);
        instrument.RemoveStop(request.Side, request.StopPrice, id);
        End(instrument, request.Side, request.Account, id, request.Quantity, reason);
    }

    /// <summary>Takes lots from a resting order, or all of it out of the book.</summary>
    private void Shrink(Instrument instrument, uint resting, uint lots, CancelReason reason)
    {
        ref var order = ref _pool.At(resting);
        instrument.IsIndicativeStale = true;
        if (lots == order.Total)
        {
            var (side, owner, id) = (order.Side, order.Owner, order.Id);
            instrument.Book.Remove(resting);
            End(instrument, side, owner, id, lots, reason);
            return;
        }
        var left = order.Total - lots;
        order.Quantity = Math.Min(order.Quantity, left);
        order.Hidden = left - order.Quantity;
        Release(ref AccountAt(order.Owner), ref PositionAt(order.Owner, order.Instrument), instrument, order.Side, lots);
        Tell(OrderEventKind.Reduced, order.Side, order.Instrument, order.Owner, order.Id, 0, order.Price, lots, left, (uint)reason, 0);
    }

    /// <summary>An order is at its end with lots that nobody traded; it rests nowhere any more.</summary>
    private void End(Instrument instrument, Side side, uint owner, ulong id, uint lots, CancelReason reason)
    {
        ref var account = ref AccountAt(owner);
        Release(ref account, ref PositionAt(owner, instrument.Index), instrument, side, lots);
        account.OpenOrders--;
        Tell(OrderEventKind.Cancelled, side, instrument.Index, owner, id, 0, 0, lots, 0, (uint)reason, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reserve(ref Account account, ref Position position, Instrument instrument, Side side, uint lots)
    {
        var before = position.Worst;
        position.Open(side) += lots;
        account.Margin += (position.Worst - before) * instrument.Margin;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Release(ref Account account, ref Position position, Instrument instrument, Side side, uint lots)
    {
        var before = position.Worst;
        position.Open(side) -= lots;
        account.Margin += (position.Worst - before) * instrument.Margin;
    }

    /// <summary>Moves an account by one side of a trade, whose lots were open until now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Settle(ref Account account, ref Position position, Instrument instrument, Side side, int price, uint lots)
    {
        var before = position.Worst;
        var signed = side == Side.Buy ? lots : -(long)lots;
        position.Open(side) -= lots;
        position.Lots += signed;
        position.Cost += signed * price;
        account.Variation += signed * (instrument.Reference - price) * instrument.TickValue;
        account.Margin += (position.Worst - before) * instrument.Margin;
    }

    private void Expire(uint second, ulong id)
    {
        if (_expiries.Count >= _mostExpiries)
        {
            // An order that ends before its date leaves its entry behind; now and then they are swept.
            _expiries.RemoveWhere(expiry => !IsOpen(expiry.Order));
            _mostExpiries = Math.Max(LeastSwept, _expiries.Count * 2);
        }
        _expiries.Add((second, id));
        NextTimer = Math.Min(NextTimer, second * 1_000L);
    }

    private bool IsOpen(ulong order) => _pool.Find(order) != 0 || _stops.ContainsKey(order);

    private void RunTimers()
    {
        _now = Math.Max(_now, NextTimer);
        while (_expiries.Count > 0 && _expiries.Min is var (second, id) && second * 1_000L <= _now)
        {
            _expiries.Remove((second, id));
            if (_pool.Find(id) is var resting and not 0) Shrink(_instruments[_pool.At(resting).Instrument], resting, _pool.At(resting).Total, CancelReason.Expired);
            else if (_stops.TryGetValue(id, out var stop)) EndStop(_instruments[stop.Request.Instrument], id, CancelReason.Expired);
        }
        foreach (var instrument in _instruments)
            if (instrument.PhaseUntil != 0 && instrument.PhaseUntil <= _now)
                Change(instrument, instrument.Phase == Phase.ClosingCall ? Phase.Closed : Phase.Continuous, 0);
        TellIndicatives();
        SetNextTimer();
    }

    private void SetNextTimer()
    {
        NextTimer = _expiries.Count == 0 ? long.MaxValue : _expiries.Min.Second * 1_000L;
        foreach (var instrument in _instruments)
        {
            if (instrument.PhaseUntil != 0) NextTimer = Math.Min(NextTimer, instrument.PhaseUntil);
            if (instrument.IsIndicativeStale && instrument.IsCall) NextTimer = Math.Min(NextTimer, instrument.IndicativeAt + IndicativeEvery);
        }
    }
}
