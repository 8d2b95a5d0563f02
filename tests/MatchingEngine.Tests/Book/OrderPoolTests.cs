using ComputeExchange.MatchingEngine.Core.Book;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>Memory is used again: it grows with what rests, not with what ever rested.</summary>
public class OrderPoolTests
{
    [Fact]
    public void Memory_does_not_grow_with_the_orders_that_come_and_go()
    {
        var pool = new OrderPool();
        var book = new LimitBook(pool);
        var rng = new Random(3);
        var resting = new Queue<ulong>();
        var id = 0UL;
        void Come(int orders)
        {
            for (var i = 0; i < orders; i++)
            {
                book.Add(new RestingOrder { Id = ++id, Quantity = 1, Price = rng.Next(1, 2_000), Side = (Side)rng.Next(2) });
                resting.Enqueue(id);
                if (resting.Count > 5_000) book.Remove(pool.Find(resting.Dequeue()));
            }
        }

        Come(300_000);
        var bytes = pool.Bytes;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Come(3_000_000);
        pool.Bytes.ShouldBe(bytes);
        pool.Resting.ShouldBe(5_000);

        // The table of pages itself takes 16 bytes for 16,384 ids.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);
    }

    [Fact]
    public void An_order_that_rests_while_millions_come_and_go_is_found()
    {
        var pool = new OrderPool();
        var book = new LimitBook(pool);
        book.Add(new RestingOrder { Id = 1, Quantity = 7, Price = 1, Side = Side.Buy });
        for (var id = 2UL; id < 1_000_000; id++)
        {
            book.Add(new RestingOrder { Id = id, Quantity = 1, Price = 5, Side = Side.Sell });
            book.Remove(pool.Find(id));
        }
        pool.At(pool.Find(1)).Quantity.ShouldBe(7u);
        book.Remove(pool.Find(1));
        pool.Find(1).ShouldBe(0u);

        // An old id that comes again, as when an order is replaced after long.
        book.Add(new RestingOrder { Id = 1, Quantity = 8, Price = 1, Side = Side.Buy });
        pool.At(pool.Find(1)).Quantity.ShouldBe(8u);
    }

    [Fact]
    public void Ids_far_apart_and_never_used_are_not_found()
    {
        var pool = new OrderPool();
        var book = new LimitBook(pool);
        book.Add(new RestingOrder { Id = 40_000_000, Quantity = 1, Price = 1, Side = Side.Buy });
        foreach (var id in new ulong[] { 0, 1, 39_999_999, 40_000_001, 1UL << 40, ulong.MaxValue }) pool.Find(id).ShouldBe(0u);
        pool.Find(40_000_000).ShouldNotBe(0u);
    }

    [Fact]
    public void The_pool_grows_while_orders_rest_and_keeps_their_queues()
    {
        var pool = new OrderPool(1);
        var book = new LimitBook(pool);
        for (var id = 1UL; id <= 100_000; id++) book.Add(new RestingOrder { Id = id, Quantity = 1, Owner = 1, Price = (int)(id % 7), Side = Side.Sell });
        pool.Resting.ShouldBe(100_000);
        book.Positions(Side.Sell).Select(position => pool.At(position).Id).ShouldBe(Enumerable.Range(1, 100_000).Select(id => (ulong)id).OrderBy(id => id % 7).ThenBy(id => id));
    }
}
