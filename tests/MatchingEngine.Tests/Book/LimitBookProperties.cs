using ComputeExchange.MatchingEngine.Core.Book;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>The book of bits and flat memory does what the plain one does, on any operations.</summary>
public class LimitBookProperties
{
    [Fact]
    public void Any_operations_give_the_fills_of_a_plain_book() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(40),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) => Play(new Random(seed), 400)));

    [Fact]
    public void Every_tick_of_32_bits_can_be_traded_the_ends_too()
    {
        var book = new LimitBook(new OrderPool());
        int[] prices = [int.MinValue + 1, int.MinValue + 2, -4_097, -4_096, -65, -64, -1, 0, 1, 63, 64, 4_095, 4_096, int.MaxValue - 2, int.MaxValue - 1];
        var id = 0UL;
        foreach (var price in prices.Reverse()) book.Add(new RestingOrder { Id = ++id, Quantity = 1, Owner = 1, Price = price, Side = Side.Sell });
        foreach (var price in prices)
        {
            book.BestPrice(Side.Sell).ShouldBe(price);
            book.Crosses(Side.Buy, price - 1).ShouldBeFalse();
            var told = new List<string>();
            var fills = new Written(told);
            book.Match(Side.Buy, price, 1, 0, 0, ref fills, out _).ShouldBe(0u);
        }
        book.Has(Side.Sell).ShouldBeFalse();
        foreach (var price in prices) book.Add(new RestingOrder { Id = ++id, Quantity = 1, Owner = 1, Price = price, Side = Side.Buy });
        foreach (var price in prices.Reverse())
        {
            book.BestPrice(Side.Buy).ShouldBe(price);
            var fills = new Written([]);
            book.Match(Side.Sell, price, 1, 0, 0, ref fills, out _).ShouldBe(0u);
        }
        book.Has(Side.Buy).ShouldBeFalse();
    }

    [Fact]
    public void Two_books_of_one_pool_do_not_see_each_other()
    {
        var pool = new OrderPool();
        var (one, other) = (new LimitBook(pool), new LimitBook(pool));
        one.Add(new RestingOrder { Id = 1, Quantity = 1, Price = 5, Side = Side.Sell });
        other.Add(new RestingOrder { Id = 2, Quantity = 1, Price = 5, Side = Side.Buy });
        one.Has(Side.Buy).ShouldBeFalse();
        other.Has(Side.Sell).ShouldBeFalse();
        one.Remove(pool.Find(1));
        pool.At(pool.Find(2)).Price.ShouldBe(5);
        pool.Resting.ShouldBe(1);
    }

    private static void Play(Random random, int steps)
    {
        var pool = new OrderPool();
        var (book, plain) = (new LimitBook(pool), new PlainBook());
        var id = 0UL;
        var used = new List<ulong>();

        // Few prices meet often; many far apart walk through the pages.
        int Anywhere() => random.Next(4) == 0 ? random.Next(3) - 1 : random.Next(int.MinValue + 100_000, int.MaxValue - 100_000);
        var centres = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Anywhere()).ToArray();
        int[] spreads = [3, 70, 9_000];
        int Price() => centres[random.Next(centres.Length)] + random.Next(spreads[random.Next(random.Next(1, 4))]);
        for (var step = 0; step < steps; step++)
        {
            var side = (Side)random.Next(2);
            var owner = (uint)random.Next(4);
            switch (random.Next(10))
            {
                case < 5:
                    var peak = random.Next(4) == 0 ? (uint)random.Next(1, 5) : 0;
                    id += (ulong)(random.Next(50) == 0 ? random.Next(1, 40_000) : 1);
                    var order = new RestingOrder
                    {
                        Id = id, Quantity = peak == 0 ? (uint)random.Next(1, 20) : peak, Hidden = peak == 0 ? 0 : (uint)random.Next(0, 20), Peak = peak,
                        Owner = owner, Price = Price(), Side = side, Flags = random.Next(6) == 0 ? LimitBook.Guarded : (byte)random.Next(64),
                    };
                    book.Add(in order);
                    plain.Add(order);
                    used.Add(id);
                    break;
                case < 7 when plain.Count > 0:
                    var gone = plain.Ids.ElementAt(random.Next(plain.Count));
                    book.Remove(pool.Find(gone));
                    plain.Remove(gone);
                    pool.Find(gone).ShouldBe(0u);
                    break;
                default:
                    Take(side, random.Next(3) == 0 ? (side == Side.Buy ? int.MaxValue - 1 : int.MinValue + 1) : Price(), (uint)random.Next(1, 60), owner);
                    break;
            }
            pool.Resting.ShouldBe(plain.Count);
            foreach (var looked in new[] { Side.Buy, Side.Sell })
            {
                book.Has(looked).ShouldBe(plain.Orders(looked).Any());
                if (book.Has(looked)) book.BestPrice(looked).ShouldBe(plain.Orders(looked).First().Price);
            }
            if (step % 20 == 0) Same();
        }
        Same();

        void Take(Side side, int limit, uint quantity, uint owner)
        {
            var (passed, plainPassed, turns) = (0u, 0UL, 0);
            while (true)
            {
                var (told, plainTold) = (new List<string>(), new List<string>());
                var fills = new Written(told);
                var crosses = book.Crosses(side, limit);
                var left = book.Match(side, limit, quantity, owner, passed, ref fills, out var stopped);
                var plainLeft = plain.Match(side, limit, quantity, owner, plainPassed, plainTold, out var plainStopped);
                told.ShouldBe(plainTold);
                left.ShouldBe(plainLeft);
                (stopped == 0 ? 0 : pool.At(stopped).Id).ShouldBe(plainStopped);
                crosses.ShouldBe(told.Count > 0 || stopped != 0);
                quantity = left;
                if (stopped == 0 || quantity == 0) return;

                // As the market does: own orders are taken out or end the sweep, guarded ones are let pass or taken out.
                var isOwn = pool.At(stopped).Owner == owner;
                if (isOwn && random.Next(2) == 0) return;
                if (!isOwn && random.Next(2) == 0 && turns++ < 50) (passed, plainPassed) = (stopped, plainStopped);
                else
                {
                    book.Remove(stopped);
                    plain.Remove(plainStopped);
                    (passed, plainPassed) = (0, 0);
                }
            }
        }

        void Same()
        {
            used.All(known => (pool.Find(known) != 0) == (plain.Find(known) is not null)).ShouldBeTrue();
            foreach (var side in new[] { Side.Buy, Side.Sell })
            {
                var plainly = plain.Orders(side).ToList();
                var orders = book.Positions(side).Select(position => pool.At(position)).ToList();
                orders.Select(order => (order.Id, order.Price, order.Quantity, order.Hidden))
                    .ShouldBe(plainly.Select(order => (order.Id, order.Price, order.Quantity, order.Hidden)));
                foreach (var order in orders) pool.At(pool.Find(order.Id)).Id.ShouldBe(order.Id);
            }
        }
    }

    private readonly struct Written(List<string> told) : IFills
    {
        public void Fill(ref RestingOrder maker, uint quantity) => told.Add($"{maker.Id} {quantity} at {maker.Price} leaves {maker.Quantity}+{maker.Hidden}");

        public void Refill(ref RestingOrder maker) => told.Add($"{maker.Id} shows {maker.Quantity}+{maker.Hidden}");
    }
}
