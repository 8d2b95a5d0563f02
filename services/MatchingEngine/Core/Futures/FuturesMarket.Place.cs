using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>New orders: every check, then matching.</summary>
public sealed partial class FuturesMarket
{
    private void Place(in OrderRequest request)
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
        if (request.Instrument >= (uint)_instruments.Length)
        {
            Reject(in request, RejectReason.InstrumentUnknown, request.Instrument);
            return;
        }
        var instrument = _instruments[request.Instrument];
        ref var position = ref PositionAt(request.Account, request.Instrument);
        var reason = Check(in request, instrument, ref account, ref position, out var limit, out var value);
        if (reason != RejectReason.None)
        {
            Reject(in request, reason, value);
            return;
        }

        var id = ++_lastOrder;
        Tell(OrderEventKind.Accepted, request.Side, request.Instrument, request.Account, id, request.ClientOrderId, limit, request.Quantity, request.Peak,
            (uint)request.Type | ((uint)request.TimeInForce << 8) | ((uint)request.Flags << 16) | ((uint)request.SelfTrade << 24),
            unchecked((uint)request.StopPrice | ((long)request.Expiry << 32)));
        Reserve(ref account, ref position, instrument, request.Side, request.Quantity);
        account.OpenOrders++;
        if (request.TimeInForce == TimeInForce.GoodTillDate) Expire(request.Expiry, id);

        if (request.Type >= OrderType.Stop && !(instrument.Phase == Phase.Continuous && instrument.IsBeyond(request.Side, request.StopPrice)))
        {
            _stops.Add(id, new StopOrder(request, id));
            instrument.AddStop(request.Side, request.StopPrice, id);
            return;
        }
        if (request.Type >= OrderType.Stop) Tell(OrderEventKind.Triggered, request.Side, request.Instrument, request.Account, id, 0, limit, request.Quantity, 0, 0, 0);
        Enter(instrument, in request, id, limit, request.Quantity);
        Trigger(instrument);
    }

    /// <summary>Everything that must hold before an order is taken; says why not, with the offending value.</summary>
    /// <param name="limit">The order's worst price: its own, or for an order at market the edge of the band; in a call auction the end of all prices.</param>
    private RejectReason Check(in OrderRequest request, Instrument instrument, ref Account account, ref Position position, out int limit, out long value)
    {
        limit = request.Price;
        value = 0;
        if (!account.MayTrade || !account.IsActive) return RejectReason.AccountMayNotTrade;
        if (request.Side > Side.Sell) return With(RejectReason.WordUnknown, (long)request.Side, out value);
        if (instrument.Phase is Phase.Closed or Phase.Halted) return With(RejectReason.PhaseForbids, (long)instrument.Phase, out value);
        var isPlain = request is { Type: OrderType.Limit, Flags: OrderFlags.None, Peak: 0, Expiry: 0, SelfTrade: <= SelfTrade.Decrement }
            && (request.TimeInForce == TimeInForce.GoodTillCancelled || (request.TimeInForce == TimeInForce.ImmediateOrCancel && instrument.Phase == Phase.Continuous));
        if (!isPlain && CheckWords(in request, instrument, ref position, out value) is var wrong and not RejectReason.None) return wrong;
        if (unchecked(request.Quantity - 1) >= instrument.MostLots) return With(RejectReason.QuantityOutOfRange, request.Quantity, out value);

        var worst = limit;
        if (request.Type is OrderType.Market or OrderType.Stop)
        {
            worst = request.Side == Side.Buy ? instrument.BandHigh : instrument.BandLow;
            limit = instrument.IsCall && request.Type == OrderType.Market ? (request.Side == Side.Buy ? CallAuction.MarketBuy : CallAuction.MarketSell) : worst;
        }
        if (worst < instrument.BandLow || worst > instrument.BandHigh) return With(RejectReason.PriceOutsideBand, worst, out value);
        if (worst * (long)request.Quantity > instrument.MostTickLots)
            return With(RejectReason.NotionalTooLarge, NotionalOf(instrument, worst, request.Quantity), out value);
        if (!account.TakeToken(_now)) return With(RejectReason.RateExceeded, account.OrdersPerSecond, out value);
        if (account.OpenOrders >= account.MostOpenOrders) return With(RejectReason.TooManyOpenOrders, account.OpenOrders, out value);
        var reason = CheckRisk(instrument, ref account, ref position, request.Side, request.Quantity, out value);
        if (reason != RejectReason.None || isPlain) return reason;

        if (instrument.Phase != Phase.Continuous || request.Type >= OrderType.Stop) return RejectReason.None;
        if (request.Flags.HasFlag(OrderFlags.PostOnly) && instrument.Book.Crosses(request.Side, limit))
            return With(RejectReason.WouldTrade, instrument.Book.BestPrice(Opposite(request.Side)), out value);
        if (request.Type == OrderType.Market && !instrument.Book.Has(Opposite(request.Side))) return RejectReason.NoOtherSide;
        if (request.TimeInForce != TimeInForce.FillOrKill) return RejectReason.None;
        instrument.RollWindow(_now);
        var available = instrument.Book.Available(
            request.Side, Within(instrument, request.Side, limit), request.Quantity, request.Account, request.SelfTrade == SelfTrade.CancelOldest);
        return available < request.Quantity ? With(RejectReason.NotAllAvailable, (long)available, out value) : RejectReason.None;
    }

    private RejectReason CheckWords(in OrderRequest request, Instrument instrument, ref Position position, out long value)
    {
        value = 0;
        if (request.Type is OrderType.None or > OrderType.StopLimit) return With(RejectReason.WordUnknown, (long)request.Type, out value);
        if (request.TimeInForce is TimeInForce.None or > TimeInForce.FillOrKill) return With(RejectReason.WordUnknown, (long)request.TimeInForce, out value);
        if ((byte)request.Flags > 7) return With(RejectReason.WordUnknown, (long)request.Flags, out value);
        if (request.SelfTrade > SelfTrade.Decrement) return With(RejectReason.WordUnknown, (long)request.SelfTrade, out value);

        var isImmediate = request.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        var isStop = request.Type >= OrderType.Stop;
        var isGtd = request.TimeInForce == TimeInForce.GoodTillDate;
        var makesSense = isGtd == (request.Expiry != 0)
            && !(isStop && isImmediate)
            && !(request.Type == OrderType.Market && isGtd)
            && !(request.Flags.HasFlag(OrderFlags.PostOnly) && (isImmediate || request.Type != OrderType.Limit))
            && !(request.Peak != 0 && (isImmediate || request.Type != OrderType.Limit));
        if (!makesSense) return With(RejectReason.CombinationInvalid, (long)request.TimeInForce, out value);
        if (request.Peak != 0 && request.Peak >= request.Quantity) return With(RejectReason.PeakOutOfRange, request.Peak, out value);
        if (isGtd && request.Expiry * 1_000L <= _now) return With(RejectReason.ExpiryPast, request.Expiry, out value);
        if (isStop && (request.StopPrice < instrument.BandLow || request.StopPrice > instrument.BandHigh))
            return With(RejectReason.StopOutsideBand, request.StopPrice, out value);

        // In a call auction nothing trades at once, and how much of an order will trade is not known.
        if (instrument.IsCall && !isStop && (request.TimeInForce == TimeInForce.FillOrKill || request.Flags.HasFlag(OrderFlags.PostOnly) || request.Flags.HasFlag(OrderFlags.ReduceOnly)
            || (request.TimeInForce == TimeInForce.ImmediateOrCancel && request.Type == OrderType.Limit)))
            return With(RejectReason.PhaseForbids, (long)instrument.Phase, out value);
        if (!request.Flags.HasFlag(OrderFlags.ReduceOnly)) return RejectReason.None;
        var reducible = request.Side == Side.Buy ? -position.Lots : position.Lots;
        return request.Quantity > reducible ? With(RejectReason.WouldNotReduce, position.Lots, out value) : RejectReason.None;
    }

    /// <summary>Position limit and margin, at the worst that can be filled of all open orders with this one among them.</summary>
    private static RejectReason CheckRisk(Instrument instrument, ref Account account, ref Position position, Side side, uint quantity, out long value)
    {
        value = 0;
        var before = position.Worst;
        var sign = side == Side.Buy ? 1 : -1;
        var reached = (sign * position.Lots) + position.Open(side) + quantity;
        if (reached > instrument.MostPosition) return With(RejectReason.PositionLimit, sign * reached, out value);
        var more = Math.Max(0, reached - before);
        var missing = account.Required + (more * instrument.Margin) - account.Funds;
        return missing > 0 && more > 0 ? With(RejectReason.InsufficientMargin, missing, out value) : RejectReason.None;
    }

    /// <summary>Trades what can be traded at once; the rest stands or is cancelled as the order says.</summary>
    private void Enter(Instrument instrument, in OrderRequest request, ulong id, int limit, uint quantity)
    {
        var left = quantity;
        if (instrument.Phase == Phase.Continuous)
        {
            if (instrument.Book.Crosses(request.Side, limit)) left = Trade(instrument, in request, id, limit, quantity);
            if (left == 0) return;
            if (request.Type is OrderType.Market or OrderType.Stop || request.TimeInForce >= TimeInForce.ImmediateOrCancel)
            {
                // A volatility halt has cancelled what would have traded; what finds nobody is cancelled here.
                End(instrument, request.Side, request.Account, id, left, instrument.Phase == Phase.Continuous ? CancelReason.Unfilled : CancelReason.Volatility);
                return;
            }
        }
        Rest(instrument, in request, id, limit, left);
    }

    private static void Rest(Instrument instrument, in OrderRequest request, ulong id, int limit, uint left)
    {
        var flags = (byte)request.Flags;
        if (request.TimeInForce == TimeInForce.Day) flags |= IsDay;
        if (request.TimeInForce == TimeInForce.GoodTillDate) flags |= IsGoodTillDate;
        if (request.Type == OrderType.Market) flags |= IsAtMarket;
        if (request.Flags.HasFlag(OrderFlags.ReduceOnly)) flags |= LimitBook.Guarded;
        var shown = request.Peak == 0 ? left : Math.Min(left, request.Peak);
        instrument.Book.Add(new RestingOrder
        {
            Id = id,
            Quantity = shown,
            Owner = request.Account,
            Price = limit,
            Hidden = left - shown,
            Peak = request.Peak,
            Instrument = request.Instrument,
            Side = request.Side,
            Flags = flags,
        });
        instrument.IsIndicativeStale = true;
    }

    /// <summary>Matches an incoming order; says what is left of it that may stand.</summary>
    private uint Trade(Instrument instrument, in OrderRequest request, ulong id, int limit, uint quantity)
    {
        instrument.RollWindow(_now);
        var within = Within(instrument, request.Side, limit);
        var fills = new Fills(this, instrument, in request, id, quantity);
        var pass = 0u;
        while (true)
        {
            instrument.Book.Match(request.Side, within, fills.Left, request.Account, pass, ref fills, out var stopped);
            if (stopped == 0) break;
            if (_pool.At(stopped).Owner != request.Account) pass = Guard(instrument, stopped);
            else if (!PreventSelfTrade(instrument, in request, id, stopped, ref fills.Left)) return 0;
        }
        if (fills.Left == 0) AccountAt(request.Account).OpenOrders--;
        if (fills.Left == 0 || within == limit || !instrument.Book.Crosses(request.Side, limit)) return fills.Left;

        // The next trade would be too far from where the price was a moment ago: trading stops for an auction.
        Change(instrument, Phase.VolatilityCall, _now + (instrument.Terms.CallSeconds * 1_000L));
        return fills.Left;
    }

    /// <summary>A reduce-only order about to trade may have more lots than the position still has: it loses them, or all of it goes.</summary>
    /// <returns>Its position when it may trade now; 0 when it is gone.</returns>
    private uint Guard(Instrument instrument, uint stopped)
    {
        ref var order = ref _pool.At(stopped);
        ref var position = ref PositionAt(order.Owner, order.Instrument);
        var reducible = Math.Max(0, order.Side == Side.Buy ? -position.Lots : position.Lots);
        if (order.Total <= reducible) return stopped;
        Shrink(instrument, stopped, (uint)(order.Total - reducible), CancelReason.ReduceOnly);
        return reducible == 0 ? 0 : stopped;
    }

    /// <summary>Keeps an account from trading with itself; false when the incoming order is at its end.</summary>
    private bool PreventSelfTrade(Instrument instrument, in OrderRequest request, ulong id, uint own, ref uint left)
    {
        var resting = _pool.At(own).Total;
        switch (request.SelfTrade)
        {
            case SelfTrade.CancelOldest:
                Shrink(instrument, own, resting, CancelReason.SelfTrade);
                return true;
            case SelfTrade.Decrement when resting < left:
                Shrink(instrument, own, resting, CancelReason.SelfTrade);
                left -= resting;
                Release(ref AccountAt(request.Account), ref PositionAt(request.Account, request.Instrument), instrument, request.Side, resting);
                Tell(OrderEventKind.Reduced, request.Side, request.Instrument, request.Account, id, 0, 0, resting, left, (uint)CancelReason.SelfTrade, 0);
                return true;
            case SelfTrade.Decrement:
                Shrink(instrument, own, left, CancelReason.SelfTrade);
                End(instrument, request.Side, request.Account, id, left, CancelReason.SelfTrade);
                return false;
            case SelfTrade.CancelBoth:
                Shrink(instrument, own, resting, CancelReason.SelfTrade);
                End(instrument, request.Side, request.Account, id, left, CancelReason.SelfTrade);
                return false;
            default:
                End(instrument, request.Side, request.Account, id, left, CancelReason.SelfTrade);
                return false;
        }
    }

    private static int Within(Instrument instrument, Side side, int limit) =>
        side == Side.Buy ? Math.Min(limit, instrument.VelocityHigh) : Math.Max(limit, instrument.VelocityLow);

    /// <summary>What an order is worth in micro-dollars; the most that can be said when it is more.</summary>
    private static long NotionalOf(Instrument instrument, int price, uint quantity) =>
        (long)Int128.Min(long.MaxValue, price * (Int128)quantity * instrument.Terms.TickValueMicros);

    private static Side Opposite(Side side) => (Side)((byte)side ^ 1);

    private static RejectReason With(RejectReason reason, long offending, out long value)
    {
        value = offending;
        return reason;
    }

    /// <summary>Writes the trades of one incoming order and moves both accounts.</summary>
    private ref struct Fills : IFills
    {
        public uint Left;

        private readonly FuturesMarket _market;
        private readonly Instrument _instrument;
        private readonly ref Account _taker;
        private readonly ref Position _position;
        private readonly Side _side;
        private readonly uint _account;
        private readonly ulong _id;

        public Fills(FuturesMarket market, Instrument instrument, in OrderRequest request, ulong id, uint quantity)
        {
            (_market, _instrument, _side, _account, _id, Left) = (market, instrument, request.Side, request.Account, id, quantity);
            _taker = ref market.AccountAt(request.Account);
            _position = ref market.PositionAt(request.Account, request.Instrument);
        }

        public void Fill(ref RestingOrder maker, uint quantity)
        {
            var other = maker.Owner;
            ref var makers = ref _market.AccountAt(other);
            Settle(ref makers, ref _market.PositionAt(other, _instrument.Index), _instrument, maker.Side, maker.Price, quantity);
            Settle(ref _taker, ref _position, _instrument, _side, maker.Price, quantity);
            if ((maker.Quantity | maker.Hidden) == 0) makers.OpenOrders--;
            _instrument.Note(maker.Price);
            var number = _market.Record(_instrument.Index, _side == Side.Buy ? _account : other, _side == Side.Buy ? other : _account, maker.Price, quantity);
            Left -= quantity;
            _market.Tell(OrderEventKind.Traded, _side, _instrument.Index, _account, _id, maker.Id, maker.Price, quantity, Left, other, number);
        }

        public readonly void Refill(ref RestingOrder maker) =>
            _market.Tell(OrderEventKind.Refilled, maker.Side, _instrument.Index, maker.Owner, maker.Id, 0, maker.Price, maker.Quantity, maker.Hidden, 0, 0);
    }
}
