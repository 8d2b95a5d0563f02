using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>One futures contract as it trades: its terms, phase, bands, book and waiting stop orders. Prices in ticks, times in milliseconds since 1970.</summary>
internal sealed class Instrument
{
    private const int NoBuyStop = int.MaxValue;
    private const int NoSellStop = int.MinValue;

    private readonly SortedSet<(int Price, ulong Id)> _buyStops = [];

    // Prices negated, so that here too the first is the nearest, and of one price the earliest.
    private readonly SortedSet<(int NegatedPrice, ulong Id)> _sellStops = [];
    private int _nextBuyStop = NoBuyStop;
    private int _nextSellStop = NoSellStop;

    public Instrument(ushort index, InstrumentTerms terms, int reference, OrderPool pool)
    {
        Index = index;
        Book = new LimitBook(pool);
        Change(terms);
        SetReference(reference);
    }

    public ushort Index { get; }

    public InstrumentTerms Terms { get; private set; } = null!;

    public LimitBook Book { get; }

    public Phase Phase { get; set; }

    /// <summary>When the phase ends by itself; 0 for never.</summary>
    public long PhaseUntil { get; set; }

    public int Reference { get; private set; }

    /// <summary>The last trade's price; 0 before the first.</summary>
    public int Last { get; private set; }

    public int BandLow { get; private set; }

    public int BandHigh { get; private set; }

    /// <summary>The worst prices that may trade before trading stops for an auction.</summary>
    public int VelocityLow { get; private set; } = int.MinValue;

    public int VelocityHigh { get; private set; } = int.MaxValue;

    /// <summary>The last price when the present window began, and when it did.</summary>
    public int WindowPrice { get; private set; }

    public long WindowAt { get; private set; }

    /// <summary>The margin of a lot in micro-dollars.</summary>
    public long Margin { get; private set; }

    /// <summary>The most lots in an order: beside the terms, for every order asks.</summary>
    public uint MostLots { get; private set; }

    /// <summary>The largest position in lots.</summary>
    public long MostPosition { get; private set; }

    /// <summary>What a tick of a lot is worth in micro-dollars.</summary>
    public long TickValue { get; private set; }

    /// <summary>Ticks × lots that an order may be worth.</summary>
    public long MostTickLots { get; private set; }

    /// <summary>Whether orders changed since the indicative price was told, and when that was.</summary>
    public bool IsIndicativeStale { get; set; }

    public long IndicativeAt { get; set; }

    /// <summary>The lowest and the highest trade since stop orders were last looked at.</summary>
    public int Low { get; private set; } = int.MaxValue;

    public int High { get; private set; } = int.MinValue;

    /// <summary>Whether anything traded since stop orders were last looked at.</summary>
    public bool HasTraded => High != int.MinValue;

    public bool IsCall => Phase is Phase.OpeningCall or Phase.ClosingCall or Phase.VolatilityCall;

    public IEnumerable<ulong> Stops => _buyStops.Select(stop => stop.Id).Concat(_sellStops.Select(stop => stop.Id));

    public void Change(InstrumentTerms terms)
    {
        Terms = terms;
        Margin = terms.MarginMicros;
        TickValue = terms.TickValueMicros;
        MostLots = terms.MostLots;
        MostPosition = terms.MostPosition;
        MostTickLots = terms.MostNotionalMicros / terms.TickValueMicros;
        if (Reference == 0) return;
        SetReference(Reference);
        SetVelocity();
    }

    public void SetReference(int reference)
    {
        Reference = reference;
        (BandLow, BandHigh) = Around(reference, Terms.BandPpm);
        if (Last == 0) Roll(WindowAt);
    }

    /// <summary>Begins the next window of the velocity rule when the present one is over.</summary>
    public void RollWindow(long now)
    {
        if (now - WindowAt >= Terms.VelocitySeconds * 1_000L) Roll(now);
    }

    /// <summary>Notes a price at which something traded.</summary>
    public void Note(int price)
    {
        Last = price;
        Low = Math.Min(Low, price);
        High = Math.Max(High, price);
    }

    /// <summary>After an auction the window begins anew at its price.</summary>
    public void Roll(long now)
    {
        WindowAt = now;
        WindowPrice = Last == 0 ? Reference : Last;
        SetVelocity();
    }

    public void AddStop(Side side, int price, ulong id)
    {
        if (side == Side.Buy) _buyStops.Add((price, id));
        else _sellStops.Add((-price, id));
        NoteStops();
    }

    public void RemoveStop(Side side, int price, ulong id)
    {
        if (side == Side.Buy) _buyStops.Remove((price, id));
        else _sellStops.Remove((-price, id));
        NoteStops();
    }

    /// <summary>Whether the last trade is already at or beyond a stop price.</summary>
    public bool IsBeyond(Side side, int stop) => Last != 0 && (side == Side.Buy ? Last >= stop : Last <= stop);

    /// <summary>The next stop order that the trades since the last look have triggered, earliest first of the nearest prices; 0 when there is none.</summary>
    public ulong NextTriggered()
    {
        var buy = High >= _nextBuyStop ? _buyStops.Min.Id : 0;
        var sell = Low <= _nextSellStop ? _sellStops.Min.Id : 0;
        if (buy != 0 && sell != 0) return Math.Min(buy, sell);
        if (buy + sell == 0) (Low, High) = (int.MaxValue, int.MinValue);
        return buy + sell;
    }

    /// <summary>Takes over what a snapshot says.</summary>
    public void Restore(int last, int windowPrice, long windowAt, int low, int high)
    {
        (Last, WindowPrice, WindowAt, Low, High) = (last, windowPrice, windowAt, low, high);
        SetVelocity();
    }

    private void SetVelocity() =>
        (VelocityLow, VelocityHigh) = Terms.VelocitySeconds == 0 ? (int.MinValue, int.MaxValue) : Around(WindowPrice, Terms.VelocityPpm);

    private (int Low, int High) Around(int price, int ppm)
    {
        var width = (int)Math.Max(Terms.BandFloorTicks, (long)price * ppm / 1_000_000);
        return (Math.Max(1, price - width), price + width);
    }

    private void NoteStops()
    {
        _nextBuyStop = _buyStops.Count == 0 ? NoBuyStop : _buyStops.Min.Price;
        _nextSellStop = _sellStops.Count == 0 ? NoSellStop : -_sellStops.Min.NegatedPrice;
    }
}
