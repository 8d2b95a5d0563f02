using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.OrderBook.Futures.Feed;

/// <summary>What the events of one batch of the feed make of orders, positions and instruments, from what the tables had before it.</summary>
/// <param name="orders">The orders placed before that the batch is about.</param>
/// <param name="positions">The positions that it is about.</param>
/// <param name="instruments">Every instrument, by index.</param>
internal sealed class FuturesBatch(
    Dictionary<long, FuturesOrderRow> orders, Dictionary<(int Account, int Instrument), PositionRow> positions, IReadOnlyDictionary<int, InstrumentRow> instruments)
{
    private readonly Dictionary<long, FuturesTradeRow> _trades = [];

    /// <summary>Orders that are new.</summary>
    public List<FuturesOrderRow> Placed { get; } = [];

    /// <summary>Orders that were there and changed.</summary>
    public HashSet<FuturesOrderRow> Changed { get; } = [];

    /// <summary>Trades that are new.</summary>
    public IReadOnlyCollection<FuturesTradeRow> Traded => _trades.Values;

    /// <summary>Trades of earlier batches that were undone.</summary>
    public List<long> Busted { get; } = [];

    /// <summary>What became of requests that placed no order.</summary>
    public List<OrderOutcomeRow> Outcomes { get; } = [];

    /// <summary>The positions after the batch.</summary>
    public IReadOnlyCollection<PositionRow> Positions => positions.Values;

    /// <summary>Applies events in their order.</summary>
    public void Apply(ReadOnlySpan<EventRecord> events, DateTimeOffset at)
    {
        foreach (ref readonly var happened in events) Apply(in happened, at);
    }

    private void Apply(in EventRecord happened, DateTimeOffset at)
    {
        switch (happened.Kind)
        {
            case EventKind.Accepted:
                var placed = OrderLife.Placed(in happened, at);
                orders[placed.OrderId] = placed;
                Placed.Add(placed);
                break;
            case EventKind.Rejected:
                Refuse(in happened);
                break;
            case EventKind.Traded:
                Change(happened.Order, in happened, at);
                Change(happened.Other, in happened, at);
                Trade(in happened, at);
                break;
            case EventKind.Replaced:
                Change(happened.Order, in happened, at);
                Outcomes.Add(Outcome(in happened, isReplace: true));
                break;
            case EventKind.Cancelled or EventKind.Triggered or EventKind.Refilled or EventKind.Reduced:
                Change(happened.Order, in happened, at);
                break;
            case EventKind.Busted:
                Bust(in happened);
                break;
            case EventKind.PhaseChanged or EventKind.Indicative or EventKind.ReferenceSet:
                InstrumentLife.Change(instruments[happened.Instrument], in happened);
                break;
        }
    }

    private void Change(ulong id, in EventRecord happened, DateTimeOffset at)
    {
        if (!orders.TryGetValue((long)id, out var order)) throw new System.Diagnostics.UnreachableException($"There is no order {id}.");
        OrderLife.Change(order, in happened, InstrumentLife.IsCall(instruments[order.InstrumentIndex].Phase), at);
        Changed.Add(order);
    }

    private void Trade(in EventRecord trade, DateTimeOffset at)
    {
        var buys = trade.Side == 0;
        var (comes, rests) = ((int)trade.Account, (int)trade.Detail);
        var row = new FuturesTradeRow
        {
            TradeId = trade.Value,
            InstrumentIndex = trade.Instrument,
            PriceTicks = trade.Price,
            LotCount = trade.Quantity,
            BuyOrderId = (long)(buys ? trade.Order : trade.Other),
            SellOrderId = (long)(buys ? trade.Other : trade.Order),
            BuyAccountIndex = buys ? comes : rests,
            SellAccountIndex = buys ? rests : comes,
            BuyerCameLater = buys,
            HappenedTime = at,
        };
        _trades.Add(row.TradeId, row);
        instruments[row.InstrumentIndex].LastPriceTicks = row.PriceTicks;
        PositionLife.Trade(PositionOf(row.BuyAccountIndex, row.InstrumentIndex), row.PriceTicks, row.LotCount);
        PositionLife.Trade(PositionOf(row.SellAccountIndex, row.InstrumentIndex), row.PriceTicks, -row.LotCount);
    }

    private void Bust(in EventRecord busted)
    {
        if (_trades.TryGetValue(busted.Value, out var trade)) trade.Busted = true;
        else Busted.Add(busted.Value);
        PositionLife.Undo(PositionOf((int)busted.Account, busted.Instrument), busted.Price, busted.Quantity);
        PositionLife.Undo(PositionOf((int)busted.Detail, busted.Instrument), busted.Price, -(long)busted.Quantity);
    }

    /// <summary>A refusal is kept where it used a client order id up, so that the same request again gets the same answer.</summary>
    private void Refuse(in EventRecord refused)
    {
        if (refused.Other == 0 || (OrderRejectReason)refused.Detail is OrderRejectReason.ClientOrderIdNotRising or OrderRejectReason.AccountUnknown) return;
        Outcomes.Add(Outcome(in refused, isReplace: refused.Order != 0));
    }

    private static OrderOutcomeRow Outcome(in EventRecord happened, bool isReplace)
    {
        var refused = happened.Kind == EventKind.Rejected;
        return new OrderOutcomeRow
        {
            AccountIndex = (int)happened.Account,
            ClientOrderId = (long)happened.Other,
            IsReplace = isReplace,
            OrderId = (long)happened.Order,
            LotCount = happened.Quantity,
            PriceTicks = happened.Price,
            RejectReason = refused ? (OrderRejectReason)happened.Detail : OrderRejectReason.Unspecified,
            OffendingValue = refused ? happened.Value : 0,
            KeptPlace = !refused && happened.Detail == 1,
        };
    }

    private PositionRow PositionOf(int account, int instrument)
    {
        if (!positions.TryGetValue((account, instrument), out var position))
            positions.Add((account, instrument), position = new PositionRow { AccountIndex = account, InstrumentIndex = instrument });
        return position;
    }
}

/// <summary>What an event means to the instrument it is about.</summary>
internal static class InstrumentLife
{
    /// <summary>Whether orders gather for an auction in a phase.</summary>
    public static bool IsCall(InstrumentPhase phase) =>
        phase is InstrumentPhase.OpeningCall or InstrumentPhase.ClosingCall or InstrumentPhase.VolatilityCall;

    /// <summary>Changes the instrument that the event is about.</summary>
    public static void Change(InstrumentRow instrument, in EventRecord happened)
    {
        switch (happened.Kind)
        {
            case EventKind.PhaseChanged:
                instrument.Phase = Phases.Of(happened.Detail);
                instrument.PhaseUntilTime = happened.Value == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(happened.Value);
                (instrument.IndicativePriceTicks, instrument.IndicativeLotCount, instrument.SurplusLotCount) = (0, 0, 0);
                break;
            case EventKind.Indicative:
                (instrument.IndicativePriceTicks, instrument.IndicativeLotCount) = (happened.Price, happened.Quantity);
                instrument.SurplusLotCount = happened.Side == 0 ? happened.Detail : -(long)happened.Detail;
                break;
            case EventKind.ReferenceSet:
                instrument.ReferenceTicks = happened.Price;
                break;
        }
    }
}
