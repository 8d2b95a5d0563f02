using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Futures;
using ComputeExchange.OrderBook.Futures.Feed;
using ComputeExchange.OrderBook.Futures.Instruments;
using ComputeExchange.OrderBook.Futures.Orders;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Live;

/// <summary>The futures market in memory: open orders added up by price, phases, open interest, and whose each account is.</summary>
/// <remarks>It says at every number of the feed what the tables at that number say.</remarks>
public sealed class LiveFutures
{
    private readonly Dictionary<int, InstrumentRow> _instruments = [];
    private readonly Dictionary<int, Guid> _accounts = [];
    private readonly Dictionary<long, FuturesOrderRow> _orders = [];
    private readonly Dictionary<(int Account, int Instrument), long> _held = [];
    private readonly Dictionary<int, long> _openInterest = [];
    private readonly Dictionary<(int Instrument, OrderSide Side), SortedDictionary<int, (long Lots, int Orders)>> _levels = [];

    /// <summary>The market as the tables have it.</summary>
    public static async Task<LiveFutures> Load(OrderBookDb db, CancellationToken cancel)
    {
        var live = new LiveFutures();
        await foreach (var row in db.Instruments.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancel)) live._instruments.Add(row.InstrumentIndex, row);
        await foreach (var row in db.Accounts.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancel)) live._accounts.Add(row.AccountIndex, row.ParticipantId);
        await foreach (var row in db.Positions.AsNoTracking().Where(row => row.LotCount != 0).AsAsyncEnumerable().WithCancellation(cancel))
            live.Hold(row.AccountIndex, row.InstrumentIndex, row.LotCount);
        await foreach (var row in db.Orders.AsNoTracking().Where(row => row.State == FuturesOrderState.Open || row.State == FuturesOrderState.Waiting).AsAsyncEnumerable().WithCancellation(cancel))
        {
            live._orders.Add(row.OrderId, row);
            live.Count(row, +1);
        }
        return live;
    }

    /// <summary>Applies an entry of the feed and says what it means to readers.</summary>
    /// <param name="isHeard">Whether there is any reader: without one nothing is put into words.</param>
    public void Apply(FeedEntry entry, Told told, bool isHeard)
    {
        var happened = entry.Event;
        switch (happened.EventCase)
        {
            case EngineEvent.EventOneofCase.InstrumentDefined:
                Define(happened.InstrumentDefined);
                Tell(_instruments[happened.InstrumentDefined.InstrumentIndex], told, isHeard);
                break;
            case EngineEvent.EventOneofCase.AccountOpened:
                _accounts[happened.AccountOpened.AccountIndex] = Guid.Parse(happened.AccountOpened.ParticipantId);
                break;
            case EngineEvent.EventOneofCase.OrdersHandled:
                var at = entry.HappenedTime.ToDateTimeOffset();
                foreach (ref readonly var record in EventRecord.In(happened.OrdersHandled.Events.Span)) Apply(in record, at, told, isHeard);
                break;
        }
    }

    /// <summary>The book of an instrument; null if there is none of that name.</summary>
    public GetBookResponse? Book(string name, int levels)
    {
        if (_instruments.Values.FirstOrDefault(row => row.Name == name) is not { } instrument) return null;
        return new GetBookResponse
        {
            Instrument = name,
            Bids = { Levels(instrument, OrderSide.Buy).Reverse().Take(levels) },
            Asks = { Levels(instrument, OrderSide.Sell).Take(levels) },
            Phase = instrument.Phase,
        };
    }

    private void Apply(in EventRecord happened, DateTimeOffset at, Told told, bool isHeard)
    {
        switch (happened.Kind)
        {
            case EventKind.Accepted:
                var placed = OrderLife.Placed(in happened, at);
                _orders[placed.OrderId] = placed;
                Count(placed, +1);
                Mine(placed, told, isHeard);
                break;
            case EventKind.Traded:
                Change(happened.Order, in happened, at, told, isHeard);
                Change(happened.Other, in happened, at, told, isHeard);
                Trade(in happened, at, told, isHeard);
                break;
            case EventKind.Cancelled or EventKind.Replaced or EventKind.Triggered or EventKind.Refilled or EventKind.Reduced:
                Change(happened.Order, in happened, at, told, isHeard);
                break;
            case EventKind.Busted:
                Hold((int)happened.Account, happened.Instrument, -(long)happened.Quantity);
                Hold((int)happened.Detail, happened.Instrument, happened.Quantity);
                TellTrade(in happened, at, told, isHeard);
                break;
            case EventKind.PhaseChanged or EventKind.Indicative or EventKind.ReferenceSet:
                InstrumentLife.Change(_instruments[happened.Instrument], in happened);
                Tell(_instruments[happened.Instrument], told, isHeard);
                break;
        }
    }

    private void Change(ulong id, in EventRecord happened, DateTimeOffset at, Told told, bool isHeard)
    {
        if (!_orders.TryGetValue((long)id, out var order)) return;
        Count(order, -1);
        OrderLife.Change(order, in happened, InstrumentLife.IsCall(_instruments[order.InstrumentIndex].Phase), at);
        Count(order, +1);
        if (order.OpenLotCount == 0) _orders.Remove(order.OrderId);
        Mine(order, told, isHeard);
    }

    private void Trade(in EventRecord trade, DateTimeOffset at, Told told, bool isHeard)
    {
        _instruments[trade.Instrument].LastPriceTicks = trade.Price;
        var lots = trade.Side == 0 ? trade.Quantity : -(long)trade.Quantity;
        Hold((int)trade.Account, trade.Instrument, lots);
        Hold((int)trade.Detail, trade.Instrument, -lots);
        TellTrade(in trade, at, told, isHeard);
    }

    private void TellTrade(in EventRecord trade, DateTimeOffset at, Told told, bool isHeard)
    {
        if (!isHeard) return;
        var instrument = _instruments[trade.Instrument];
        var row = new FuturesTradeRow
        {
            TradeId = trade.Value, InstrumentIndex = trade.Instrument, PriceTicks = trade.Price, LotCount = trade.Quantity, Busted = trade.Kind == EventKind.Busted, HappenedTime = at,
        };
        told.Trades.Add(row.ToMessage(instrument, trade.Side == 0 ? OrderSide.Buy : OrderSide.Sell));
        if (_accounts.TryGetValue((int)trade.Account, out var one)) told.Own(one).TradeIds.Add(trade.Value);
        if (trade.Account != trade.Detail && _accounts.TryGetValue((int)trade.Detail, out var other)) told.Own(other).TradeIds.Add(trade.Value);
    }

    private void Mine(FuturesOrderRow order, Told told, bool isHeard)
    {
        if (!isHeard) return;
        told.Books.Add(_instruments[order.InstrumentIndex].Name);
        if (!_accounts.TryGetValue(order.AccountIndex, out var owner)) return;
        var ids = told.Own(owner).OrderIds;
        if (ids.Count == 0 || ids[^1] != order.OrderId) ids.Add(order.OrderId);
    }

    private void Tell(InstrumentRow instrument, Told told, bool isHeard)
    {
        if (!isHeard) return;
        told.Books.Add(instrument.Name);
        told.Instruments[instrument.InstrumentIndex] = instrument.ToMessage(_openInterest.GetValueOrDefault(instrument.InstrumentIndex));
    }

    private void Define(InstrumentDefined defined)
    {
        if (!_instruments.TryGetValue(defined.InstrumentIndex, out var row))
            _instruments.Add(defined.InstrumentIndex, row = new InstrumentRow { InstrumentIndex = defined.InstrumentIndex, Name = defined.Terms.Name, Terms = "", Phase = InstrumentPhase.Closed });
        (row.Terms, row.TickValueMicros, row.ReferenceTicks) = (JsonFormatter.Default.Format(defined.Terms), defined.Terms.TickValueMicros, defined.ReferenceTicks);
    }

    private void Hold(int account, int instrument, long lots)
    {
        var before = _held.GetValueOrDefault((account, instrument));
        var after = before + lots;
        if (after == 0) _held.Remove((account, instrument));
        else _held[(account, instrument)] = after;
        _openInterest[instrument] = _openInterest.GetValueOrDefault(instrument) + Math.Max(0, after) - Math.Max(0, before);
    }

    /// <summary>Adds an order to its level, or takes it away. Orders at market in an auction are no level.</summary>
    private void Count(FuturesOrderRow order, int sign)
    {
        if (order.State != FuturesOrderState.Open || order.OpenLotCount == 0 || order.PriceTicks is <= 0 or int.MaxValue) return;
        var key = (order.InstrumentIndex, order.Side);
        if (!_levels.TryGetValue(key, out var side)) _levels.Add(key, side = []);
        var (lots, orders) = side.GetValueOrDefault(order.PriceTicks);
        if (orders + sign == 0) side.Remove(order.PriceTicks);
        else side[order.PriceTicks] = (lots + (sign * order.ShownLotCount), orders + sign);
    }

    private IEnumerable<BookLevel> Levels(InstrumentRow instrument, OrderSide side) =>
        !_levels.TryGetValue((instrument.InstrumentIndex, side), out var levels) ? [] : levels.Select(level => new BookLevel
        {
            PriceTicks = level.Key,
            PriceMicrosPerLot = level.Key * instrument.TickValueMicros,
            LotCount = level.Value.Lots,
            OrderCount = level.Value.Orders,
        });
}
