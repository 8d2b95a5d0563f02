using ComputeExchange.MatchingEngine.Core.Book;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>The order flow by which matching engines are compared gives the same trades here as in a plain book.</summary>
public class OrderFlowTests
{
    [Theory]
    [InlineData(42, 200_000, 5_000)]
    [InlineData(43, 200_000, 40_000)]
    public void The_figures_are_those_of_a_plain_book(int seed, int count, int resting)
    {
        var flow = new OrderFlow((ulong)seed, resting);
        var (figures, orders) = Trade(flow.Take(count));
        figures.ShouldBe(flow.Book.Figures);
        orders.ShouldBe(flow.Book.Resting);
        figures.Trades.ShouldBeGreaterThan(10_000ul);
    }

    [Fact]
    public void The_figures_of_seed_42_are_those_of_matchers_in_other_languages()
    {
        // What a generator and a plain matcher in another language print for 200000 records of seed 42 with 5000 resting.
        var flow = new OrderFlow(42, 5_000);
        var (figures, orders) = Trade(flow.Take(200_000));
        (figures.Trades, figures.Volume, figures.Notional, figures.Hash, orders).ShouldBe((43_895UL, 4_329_834UL, 130_458_456_785UL, 0x7826ed3aa221a2e6UL, 2_924));
    }

    private static (FlowFigures Figures, int Resting) Trade(IEnumerable<FlowRecord> records)
    {
        var pool = new OrderPool();
        var book = new LimitBook(pool);
        var figures = new FlowFigures();
        foreach (var record in records)
        {
            var position = pool.Find(record.Id);
            if (record.Kind is FlowKind.Cancel or FlowKind.Replace)
            {
                if (position == 0) continue;
                book.Remove(position);
                if (record.Kind == FlowKind.Cancel) continue;
            }
            var fills = new Counted(figures, record.Id);
            var left = book.Match(record.Side, record.Price, record.Quantity, owner: uint.MaxValue, pass: 0, ref fills, out _);
            if (left > 0 && record.Kind is (FlowKind.Limit or FlowKind.Replace))
                book.Add(new RestingOrder { Id = record.Id, Quantity = left, Price = record.Price, Side = record.Side });
        }
        return (figures, pool.Resting);
    }

    private readonly struct Counted(FlowFigures figures, ulong taker) : IFills
    {
        public void Fill(ref RestingOrder maker, uint quantity) => figures.Add(taker, maker.Id, maker.Price, quantity);

        public void Refill(ref RestingOrder maker)
        {
        }
    }
}
