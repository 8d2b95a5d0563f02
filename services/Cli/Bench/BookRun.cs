using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.Cli.Bench;

/// <summary>The live engine's book, driven by the records of a file.</summary>
internal sealed class BookRun
{
    // Nobody is the owner of what rests, so that no order meets one of its own.
    private const uint Taker = uint.MaxValue;

    private readonly OrderPool _pool = new(1 << 18);
    private readonly LimitBook _book;

    /// <summary>An empty book.</summary>
    public BookRun() => _book = new LimitBook(_pool);

    /// <summary>Orders that rest.</summary>
    public int Resting => _pool.Resting;

    /// <summary>Applies records in their order.</summary>
    public void Apply<TTape>(ReadOnlySpan<FlowRecord> records, ref TTape tape) where TTape : struct, ITape
    {
        foreach (ref readonly var record in records)
        {
            switch (record.Op)
            {
                case FlowOp.Limit:
                    Enter(in record, ref tape);
                    break;
                case FlowOp.Cancel:
                    if (_pool.Find(record.Id) is var cancelled and not 0) _book.Remove(cancelled);
                    break;
                case FlowOp.Replace:
                    if (_pool.Find(record.Id) is var replaced and not 0)
                    {
                        _book.Remove(replaced);
                        Enter(in record, ref tape);
                    }
                    break;
                default:
                    tape.Taker = record.Id;
                    _book.Match((Side)record.Side, record.Price, record.Quantity, Taker, 0, ref tape, out _);
                    break;
            }
        }
    }

    private void Enter<TTape>(in FlowRecord record, ref TTape tape) where TTape : struct, ITape
    {
        var left = record.Quantity;
        if (_book.Crosses((Side)record.Side, record.Price))
        {
            tape.Taker = record.Id;
            left = _book.Match((Side)record.Side, record.Price, left, Taker, 0, ref tape, out _);
        }
        if (left != 0) _book.Add(new RestingOrder { Id = record.Id, Quantity = left, Price = record.Price, Side = (Side)record.Side });
    }
}

/// <summary>Hears the trades of a run.</summary>
internal interface ITape : IFills
{
    /// <summary>The incoming order.</summary>
    ulong Taker { get; set; }
}

/// <summary>Counts, so that no work is left out because nobody looks.</summary>
internal struct CountingTape : ITape
{
    public long Trades;
    public long Volume;

    public ulong Taker { get; set; }

    public void Fill(ref RestingOrder maker, uint quantity)
    {
        Trades++;
        Volume += quantity;
    }

    public readonly void Refill(ref RestingOrder maker)
    {
    }
}

/// <summary>The figures of all trades that show whether two engines did the same.</summary>
internal struct CheckingTape : ITape
{
    public long Trades;
    public long Volume;
    public long Notional;
    public ulong Hash = 0xcbf29ce484222325;

    public CheckingTape()
    {
    }

    public ulong Taker { get; set; }

    public void Fill(ref RestingOrder maker, uint quantity) => Note(Taker, maker.Id, maker.Price, quantity);

    public readonly void Refill(ref RestingOrder maker)
    {
    }

    /// <summary>One trade.</summary>
    public void Note(ulong taker, ulong maker, int price, uint quantity)
    {
        Trades++;
        Volume += quantity;
        Notional += price * (long)quantity;
        Mix(taker);
        Mix(maker);
        Mix(unchecked((ulong)price));
        Mix(quantity);
    }

    private void Mix(ulong value) => Hash = unchecked((Hash ^ value) * 0x100000001b3);
}
