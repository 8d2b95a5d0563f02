using ComputeExchange.MatchingEngine.Core.Book;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>What is told to be available is there: an order for just that much is filled, and nothing is told that is not.</summary>
public class AvailableTests
{
    [Fact]
    public void What_is_available_trades_and_of_plain_orders_no_more_does()
    {
        var random = new Random(11);
        for (var round = 0; round < 1_000; round++)
        {
            var pool = new OrderPool();
            var book = new LimitBook(pool);
            var hasGuarded = false;
            for (var id = 1UL; id <= (ulong)random.Next(1, 8); id++)
            {
                var peak = random.Next(3) == 0 ? (uint)random.Next(1, 4) : 0;
                var isGuarded = random.Next(8) == 0;
                hasGuarded |= isGuarded;
                book.Add(new RestingOrder
                {
                    Id = id, Owner = (uint)random.Next(3), Side = Side.Sell, Price = random.Next(1, 4), Quantity = peak == 0 ? (uint)random.Next(1, 6) : peak,
                    Hidden = peak == 0 ? 0 : (uint)random.Next(0, 9), Peak = peak, Flags = isGuarded ? LimitBook.Guarded : (byte)0,
                });
            }
            var limit = random.Next(1, 4);
            var passOwn = random.Next(2) == 0;
            var available = book.Available(Side.Buy, limit, ulong.MaxValue, owner: 0, passOwn);
            book.Available(Side.Buy, limit, available / 2, owner: 0, passOwn).ShouldBeGreaterThanOrEqualTo(available / 2);
            book.Available(Side.Buy, limit, available + 1, owner: 0, passOwn).ShouldBe(available);

            // Guarded orders are taken out of the way here: they may be gone when it comes to it.
            var wanted = hasGuarded ? (uint)available : 1_000;
            var fills = new Counted();
            while (wanted > 0)
            {
                wanted = book.Match(Side.Buy, limit, wanted, owner: 0, pass: 0, ref fills, out var stopped);
                if (stopped == 0 || (pool.At(stopped).Owner == 0 && !passOwn)) break;
                book.Remove(stopped);
            }
            fills.Lots.ShouldBe(available);
        }
    }

    private struct Counted : IFills
    {
        public ulong Lots;

        public void Fill(ref RestingOrder maker, uint quantity) => Lots += quantity;

        public readonly void Refill(ref RestingOrder maker)
        {
        }
    }
}
