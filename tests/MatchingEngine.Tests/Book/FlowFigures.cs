namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>What a matcher says of an order flow: equal figures mean the same trades in the same order.</summary>
internal sealed record FlowFigures
{
    public ulong Trades { get; private set; }

    public ulong Volume { get; private set; }

    public ulong Notional { get; private set; }

    public ulong Hash { get; private set; } = 0xcbf29ce484222325;

    public void Add(ulong taker, ulong maker, int price, uint quantity)
    {
        unchecked
        {
            Trades++;
            Volume += quantity;
            Notional += quantity * (ulong)price;
            foreach (var value in (ReadOnlySpan<ulong>)[taker, maker, (ulong)price, quantity]) Hash = (Hash ^ value) * 0x100000001b3;
        }
    }
}
