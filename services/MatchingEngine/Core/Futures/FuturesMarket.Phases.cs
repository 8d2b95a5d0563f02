using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>Instruments, their phases and call auctions, and trades undone.</summary>
public sealed partial class FuturesMarket
{
    /// <summary>The highest reference price, in ticks: with the limits of <see cref="InstrumentTerms"/> no sum of money leaves 64 bits.</summary>
    public const int HighestReference = 1_000_000;

    private const int KeptTrades = 1 << 14;
    private const long BustWindow = 10 * 60_000L;
    private const long IndicativeEvery = 1_000;

    private readonly TradeRecord[] _trades = new TradeRecord[KeptTrades];
    private long _lastTrade;

    /// <summary>The number of the last trade.</summary>
    public long LastTrade => _lastTrade;

    /// <summary>The index of an instrument; -1 when there is none of that name.</summary>
    public int IndexOf(string name) => _byName.TryGetValue(name, out var instrument) ? instrument.Index : -1;

    /// <summary>An instrument's parameters.</summary>
    public InstrumentTerms TermsOf(int instrument) => _instruments[instrument].Terms;

    /// <summary>How an instrument trades now.</summary>
    public Phase PhaseOf(int instrument) => _instruments[instrument].Phase;

    /// <summary>The price that bands and margins are measured from, in ticks.</summary>
    public int ReferenceOf(int instrument) => _instruments[instrument].Reference;

    /// <summary>Lists an instrument, or changes its terms; says its index.</summary>
    public int Define(InstrumentTerms terms, int reference)
    {
        if (_byName.TryGetValue(terms.Name, out var known))
        {
            var (tickValue, margin) = (known.Terms.TickValueMicros, known.Margin);
            if (tickValue != terms.TickValueMicros) throw new InvalidOperationException("The size of a listed contract never changes.");
            known.Change(terms);
            for (var account = 0u; account < _accountCount; account++)
                AccountAt(account).Margin += PositionAt(account, known.Index).Worst * (terms.MarginMicros - margin);
            return known.Index;
        }
        var instrument = new Instrument((ushort)_instruments.Length, terms, reference, _pool);
        _byName.Add(terms.Name, instrument);
        _instruments = [.. _instruments, instrument];
        Resize();
        return instrument.Index;
    }

    /// <summary>Sets the price that bands and margins are measured from, in ticks.</summary>
    public void SetReference(int index, int reference)
    {
        var instrument = _instruments[index];
        var moved = (reference - (long)instrument.Reference) * instrument.Terms.TickValueMicros;
        for (var account = 0u; account < _accountCount; account++) AccountAt(account).Variation += PositionAt(account, instrument.Index).Lots * moved;
        instrument.SetReference(reference);
        instrument.IsIndicativeStale = true;
        Tell(OrderEventKind.ReferenceSet, Side.Buy, instrument.Index, 0, 0, 0, reference, 0, 0, 0, 0);
        TellIndicatives();
    }

    /// <summary>Whether an instrument's buyers pay more than its sellers ask: then only an auction can open it.</summary>
    public bool IsCrossed(int index)
    {
        var book = _instruments[index].Book;
        return book.Has(Side.Sell) && book.Crosses(Side.Buy, book.BestPrice(Side.Sell)) && book.Has(Side.Buy) && book.BestPrice(Side.Buy) >= book.BestPrice(Side.Sell);
    }

    /// <summary>Opens, calls, halts or closes an instrument: a call that ends is an auction.</summary>
    public void SetPhase(int index, Phase phase, long until)
    {
        Change(_instruments[index], phase, until);
        TellIndicatives();
        SetNextTimer();
    }

    /// <summary>What an auction would do if it ended now; null when nothing would trade.</summary>
    public AuctionPrice? Indicative(int index)
    {
        var instrument = _instruments[index];
        var tooLarge = TooLarge(instrument).ToDictionary(order => order.Position, order => order.Lots);
        List<AuctionLevel> Levels(Side side) =>
            [.. instrument.Book.Positions(side).Select(position => new AuctionLevel(_pool.At(position).Price, _pool.At(position).Total - tooLarge.GetValueOrDefault(position)))];
        return CallAuction.Of(Levels(Side.Buy), Levels(Side.Sell), instrument.Last == 0 ? instrument.Reference : instrument.Last);
    }

    /// <summary>Whether a trade can be undone: it is known, was not undone, and is at most ten minutes old.</summary>
    public bool CanBust(long trade) =>
        trade > 0 && _trades[trade % KeptTrades] is var record && record.Number == trade && !record.IsBusted && _now - record.At <= BustWindow;

    /// <summary>Undoes a trade that <see cref="CanBust"/>: both positions are as if it had not been.</summary>
    public void Bust(long trade)
    {
        ref var record = ref _trades[trade % KeptTrades];
        record.IsBusted = true;
        var instrument = _instruments[record.Instrument];
        foreach (var (side, owner) in new[] { (Side.Sell, record.Buyer), (Side.Buy, record.Seller) })
        {
            // The opposite trade at the same price, out of lots opened for it.
            ref var account = ref AccountAt(owner);
            ref var position = ref PositionAt(owner, record.Instrument);
            Reserve(ref account, ref position, instrument, side, record.Quantity);
            Settle(ref account, ref position, instrument, side, record.Price, record.Quantity);
        }
        Tell(OrderEventKind.Busted, Side.Buy, record.Instrument, record.Buyer, 0, 0, record.Price, record.Quantity, 0, record.Seller, trade);
    }

    private long Record(ushort instrument, uint buyer, uint seller, int price, uint quantity)
    {
        var number = ++_lastTrade;
        ref var record = ref _trades[number % KeptTrades];
        record.Number = number;
        record.At = _now;
        record.Instrument = instrument;
        record.IsBusted = false;
        record.Buyer = buyer;
        record.Seller = seller;
        record.Price = price;
        record.Quantity = quantity;
        return number;
    }

    private void Change(Instrument instrument, Phase phase, long until)
    {
        if (phase is Phase.Continuous or Phase.Closed)
        {
            if (instrument.IsCall) Uncross(instrument);

            // Of a call that ended in a halt some may be left, too: they must not meet continuous trading, having no price.
            foreach (var position in Orders(instrument, null).Where(position => (_pool.At(position).Flags & IsAtMarket) != 0).ToList())
                Shrink(instrument, position, _pool.At(position).Total, CancelReason.AuctionOver);
        }
        instrument.Phase = phase;
        instrument.PhaseUntil = instrument.IsCall ? until : 0;
        instrument.IsIndicativeStale = instrument.IsCall;
        if (instrument.PhaseUntil != 0) NextTimer = Math.Min(NextTimer, instrument.PhaseUntil);
        Tell(OrderEventKind.PhaseChanged, Side.Buy, instrument.Index, 0, 0, 0, 0, 0, 0, (uint)phase, instrument.PhaseUntil);
        if (phase == Phase.Closed) EndDay(instrument);
        if (phase == Phase.Continuous)
        {
            instrument.Roll(_now);

            // Stop orders that came meanwhile may be beyond the last price already.
            if (instrument.Last != 0) instrument.Note(instrument.Last);
            Trigger(instrument);
        }
    }

    private void EndDay(Instrument instrument)
    {
        foreach (var position in Orders(instrument, null).Where(position => (_pool.At(position).Flags & IsDay) != 0).ToList())
            Shrink(instrument, position, _pool.At(position).Total, CancelReason.Expired);
        foreach (var id in instrument.Stops.Where(id => _stops[id].Request.TimeInForce == TimeInForce.Day).ToList())
            EndStop(instrument, id, CancelReason.Expired);
    }

    /// <summary>The auction: everything that can trade at its one price does, best price and earliest first; at most one order is filled in part.</summary>
    private void Uncross(Instrument instrument)
    {
        foreach (var (position, lots) in TooLarge(instrument)) Shrink(instrument, position, lots, CancelReason.ReduceOnly);
        if (Indicative(instrument.Index) is { } auction)
        {
            var left = auction.Volume;
            while (left > 0)
            {
                var buy = instrument.Book.Positions(Side.Buy).First();
                var sell = instrument.Book.Positions(Side.Sell).First();
                var lots = (uint)Math.Min(left, Math.Min(_pool.At(buy).Total, _pool.At(sell).Total));
                Cross(instrument, buy, sell, auction.Price, lots);
                left -= lots;
            }
            instrument.Note(auction.Price);
        }
    }

    /// <summary>
    /// By how much reduce-only orders in the book are too large for an auction: they may trade there no more than the position is sure to have beside
    /// the account's other orders in it. The worst priced lose first.
    /// </summary>
    private List<(uint Position, uint Lots)> TooLarge(Instrument instrument)
    {
        var found = new List<(uint, uint)>();
        var guarded = Orders(instrument, null).Where(position => _pool.At(position).Flags >= LimitBook.Guarded).Reverse().ToList();
        if (guarded.Count == 0) return found;
        var resting = new Dictionary<(uint Owner, Side Side), long>();
        foreach (var position in Orders(instrument, null))
            CollectionsMarshal.GetValueRefOrAddDefault(resting, (_pool.At(position).Owner, _pool.At(position).Side), out _) += _pool.At(position).Total;
        foreach (var worst in guarded)
        {
            ref var order = ref _pool.At(worst);
            ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(resting, (order.Owner, order.Side), out _);
            var lots = PositionAt(order.Owner, order.Instrument).Lots;
            var sure = Math.Max(0, (order.Side == Side.Buy ? -lots : lots) - (open - order.Total));
            if (order.Total <= sure) continue;
            open -= order.Total - sure;
            found.Add((worst, (uint)(order.Total - sure)));
        }
        return found;
    }

    private void Cross(Instrument instrument, uint buy, uint sell, int price, uint lots)
    {
        var (buyOrder, sellOrder) = (_pool.At(buy), _pool.At(sell));
        var number = Record(instrument.Index, buyOrder.Owner, sellOrder.Owner, price, lots);
        Settle(ref AccountAt(buyOrder.Owner), ref PositionAt(buyOrder.Owner, instrument.Index), instrument, Side.Buy, price, lots);
        Settle(ref AccountAt(sellOrder.Owner), ref PositionAt(sellOrder.Owner, instrument.Index), instrument, Side.Sell, price, lots);

        // Two orders of one account may meet in an auction; both sides bear the same account then, and the index leaves the trade out.
        Tell(OrderEventKind.Traded, Side.Buy, instrument.Index, buyOrder.Owner, buyOrder.Id, sellOrder.Id, price, lots, buyOrder.Total - lots, sellOrder.Owner, number);
        Take(instrument, buy, lots);
        Take(instrument, sell, lots);
    }

    private void Take(Instrument instrument, uint resting, uint lots)
    {
        ref var order = ref _pool.At(resting);
        var left = order.Total - lots;
        if (left == 0)
        {
            AccountAt(order.Owner).OpenOrders--;
            instrument.Book.Remove(resting);
            return;
        }
        order.Quantity = order.Quantity > lots ? order.Quantity - lots : order.Peak == 0 ? left : Math.Min(order.Peak, left);
        order.Hidden = left - order.Quantity;
    }

    private void TellIndicatives()
    {
        foreach (var instrument in _instruments)
        {
            if (!instrument.IsIndicativeStale || !instrument.IsCall) continue;
            if (_now - instrument.IndicativeAt < IndicativeEvery)
            {
                NextTimer = Math.Min(NextTimer, instrument.IndicativeAt + IndicativeEvery);
                continue;
            }
            instrument.IsIndicativeStale = false;
            instrument.IndicativeAt = _now;
            var auction = Indicative(instrument.Index);
            var surplus = auction?.Surplus ?? 0;
            Tell(OrderEventKind.Indicative, surplus >= 0 ? Side.Buy : Side.Sell, instrument.Index, 0, 0, 0, auction?.Price ?? 0,
                (uint)Math.Min(uint.MaxValue, auction?.Volume ?? 0), 0, (uint)Math.Min(uint.MaxValue, Math.Abs(surplus)), 0);
        }
    }
}
