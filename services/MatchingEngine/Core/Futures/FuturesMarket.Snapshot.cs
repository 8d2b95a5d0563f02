using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>The whole state in a fixed order: for snapshots, and for the hash by which two engines prove that they hold the same.</summary>
public sealed partial class FuturesMarket
{
    /// <summary>Writes everything that decides what comes next.</summary>
    public void Write(BinaryWriter write)
    {
        write.Write(_now);
        write.Write(_lastOrder);
        write.Write(_lastTrade);
        write.Write(_accountCount);
        write.Write(MemoryMarshal.AsBytes(_accounts.AsSpan(0, _accountCount)));
        write.Write(_instruments.Length);
        foreach (var instrument in _instruments) Write(write, instrument);
        for (var account = 0u; account < _accountCount; account++)
            for (ushort instrument = 0; instrument < _instruments.Length; instrument++)
                write.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref PositionAt(account, instrument), 1)));
        var expiries = _expiries.Where(expiry => IsOpen(expiry.Order)).ToList();
        write.Write(expiries.Count);
        foreach (var (second, order) in expiries)
        {
            write.Write(second);
            write.Write(order);
        }
        var kept = Math.Min(_lastTrade, KeptTrades);
        for (var trade = _lastTrade - kept + 1; trade <= _lastTrade; trade++)
            write.Write(MemoryMarshal.AsBytes(_trades.AsSpan((int)(trade % KeptTrades), 1)));
    }

    /// <summary>Reads what <see cref="Write(BinaryWriter)"/> wrote, into an empty market.</summary>
    /// <exception cref="EndOfStreamException">There is less than was written.</exception>
    public void Read(BinaryReader read)
    {
        _now = read.ReadInt64();
        _lastOrder = read.ReadUInt64();
        _lastTrade = read.ReadInt64();
        _accountCount = read.ReadInt32();
        _accounts = new Account[Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_accountCount))];
        read.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_accounts.AsSpan(0, _accountCount)));
        var instruments = read.ReadInt32();
        for (var index = 0; index < instruments; index++) ReadInstrument(read, (ushort)index);
        Resize();
        for (var account = 0u; account < _accountCount; account++)
            for (ushort instrument = 0; instrument < _instruments.Length; instrument++)
                read.BaseStream.ReadExactly(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref PositionAt(account, instrument), 1)));
        for (var count = read.ReadInt32(); count > 0; count--) _expiries.Add((read.ReadUInt32(), read.ReadUInt64()));
        var kept = Math.Min(_lastTrade, KeptTrades);
        for (var trade = _lastTrade - kept + 1; trade <= _lastTrade; trade++)
            read.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_trades.AsSpan((int)(trade % KeptTrades), 1)));
        SetNextTimer();
    }

    private void Write(BinaryWriter write, Instrument instrument)
    {
        var terms = instrument.Terms;
        write.Write(terms.Name);
        write.Write(terms.TickValueMicros);
        write.Write(terms.MostLots);
        write.Write(terms.MostNotionalMicros);
        write.Write(terms.MostPosition);
        write.Write(terms.MarginMicros);
        write.Write(terms.BandPpm);
        write.Write(terms.BandFloorTicks);
        write.Write(terms.VelocityPpm);
        write.Write(terms.VelocitySeconds);
        write.Write(terms.CallSeconds);
        write.Write(instrument.Reference);
        write.Write((byte)instrument.Phase);
        write.Write(instrument.PhaseUntil);
        write.Write(instrument.Last);
        write.Write(instrument.WindowPrice);
        write.Write(instrument.WindowAt);
        write.Write(instrument.Low);
        write.Write(instrument.High);
        write.Write(instrument.IsIndicativeStale);
        write.Write(instrument.IndicativeAt);

        // Best price and earliest first, so that reading them in makes the same queues.
        var orders = Orders(instrument, null).ToList();
        write.Write(orders.Count);
        foreach (var position in orders) write.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref _pool.At(position), 1)));
        var stops = instrument.Stops.ToList();
        write.Write(stops.Count);
        foreach (var id in stops)
        {
            var request = _stops[id].Request;
            write.Write(id);
            write.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref request, 1)));
        }
    }

    private void ReadInstrument(BinaryReader read, ushort index)
    {
        var terms = new InstrumentTerms(
            read.ReadString(), read.ReadInt64(), read.ReadUInt32(), read.ReadInt64(), read.ReadInt64(), read.ReadInt64(),
            read.ReadInt32(), read.ReadInt32(), read.ReadInt32(), read.ReadInt32(), read.ReadInt32());
        var instrument = new Instrument(index, terms, read.ReadInt32(), _pool) { Phase = (Phase)read.ReadByte(), PhaseUntil = read.ReadInt64() };
        instrument.Restore(read.ReadInt32(), read.ReadInt32(), read.ReadInt64(), read.ReadInt32(), read.ReadInt32());
        instrument.IsIndicativeStale = read.ReadBoolean();
        instrument.IndicativeAt = read.ReadInt64();
        _byName.Add(terms.Name, instrument);
        _instruments = [.. _instruments, instrument];
        for (var count = read.ReadInt32(); count > 0; count--)
        {
            var order = default(RestingOrder);
            read.BaseStream.ReadExactly(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref order, 1)));
            instrument.Book.Add(in order);
        }
        for (var count = read.ReadInt32(); count > 0; count--)
        {
            var id = read.ReadUInt64();
            var request = default(OrderRequest);
            read.BaseStream.ReadExactly(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref request, 1)));
            _stops.Add(id, new StopOrder(request, id));
            instrument.AddStop(request.Side, request.StopPrice, id);
        }
    }
}
