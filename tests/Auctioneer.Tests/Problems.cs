using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>Random auctions from a seed: a seed that fails is the whole report.</summary>
static class Problems
{
    /// <summary>Few and small numbers, so that ties, full pools and shut-out blocks are everywhere and an exhaustive search ends.</summary>
    public static AuctionProblem Tiny(int seed)
    {
        var dice = new Random(seed);
        var slots = dice.Next(8) == 0 ? 1 : dice.Next(2, 5);
        var slotMinutes = new[] { 60, 60, 60, 30, 20 }[dice.Next(5)];
        var markets = dice.Next(4) == 0 ? 2 : 1;
        var highest = dice.Next(2, 9);
        var dearest = dice.Next(1, highest + 1);
        var minRuns = dice.Next(3) == 0;
        var families = dice.Next(4);
        var nodes = dice.Next(4) == 0;
        (int From, int To) Window(int least)
        {
            var length = dice.Next(2) == 0 ? slots : dice.Next(least, slots + 1);
            var from = dice.Next(0, slots - length + 1);
            return (from, from + length);
        }

        var offers = new List<AuctionOffer>();
        for (var k = dice.Next(10) == 0 ? 0 : dice.Next(1, 4); k > 0; k--)
        {
            var (from, to) = Window(1);
            offers.Add(new AuctionOffer
            {
                Id = $"o{offers.Count}", Market = dice.Next(markets), Gpus = dice.Next(1, 4), From = from, To = to,
                Reserve = dice.Next(3) == 0
                    ? [.. Enumerable.Range(from, to - from).Select(_ => (long)dice.Next(0, dearest))]
                    : [dice.Next(0, dearest)],
                MinRun = minRuns && dice.Next(2) == 0 ? dice.Next(2, 4) : 1,
            });
        }

        var bids = new List<AuctionBid>();
        for (var k = dice.Next(0, 5); k > 0; k--)
        {
            var (from, to) = Window(1);
            bids.Add(new AuctionBid
            {
                Id = $"d{bids.Count}", Kind = BidKind.Divisible, Markets = [dice.Next(markets)], Gpus = dice.Next(1, 4),
                From = from, To = to, Limit = dice.Next(0, highest + 1),
            });
        }

        var blocks = dice.Next(1, offers.Sum(offer => offer.Gpus) > 6 ? 3 : 5);
        for (var k = 0; k < blocks; k++)
        {
            var run = dice.Next(1, Math.Min(slots, 3) + 1);
            var (from, to) = Window(run);
            var gpus = dice.Next(1, 4);
            var starts = Enumerable.Range(from, to - from - run + 1).ToList();
            bids.Add(new AuctionBid
            {
                Id = $"b{k}", Kind = BidKind.Block, Gpus = gpus, From = from, To = to, Limit = dice.Next(0, highest + 2), Run = run,
                Markets = markets == 2 && dice.Next(3) == 0 ? [1, 0] : [dice.Next(markets)],
                Starts = dice.Next(4) == 0 ? [.. starts.Where(_ => dice.Next(2) == 0).DefaultIfEmpty(from)] : null,
                Node = nodes && dice.Next(2) == 0 ? gpus % 2 == 0 ? 2 : gpus : 0,
                Parent = families == 1 && k > 0 && dice.Next(2) == 0 ? $"b{dice.Next(k)}" : null,
                Group = families == 2 && dice.Next(2) == 0 ? "g" : null,
            });
        }

        return new AuctionProblem
        {
            SlotMinutes = slotMinutes, FirstSlotMinutes = dice.Next(3) == 0 ? slotMinutes * dice.Next(1, 4) / 4 : slotMinutes,
            Slots = slots, Markets = [.. Enumerable.Range(0, markets).Select(m => $"m{m}")],
            Offers = offers, Bids = [.. bids.OrderBy(_ => dice.Next())],
        };
    }

    /// <summary>
    /// A dear min_run offer that alone covers a run, cheap offers of single slots, and bids between: what the dear one must earn may
    /// only be had by prices that keep bids out.
    /// </summary>
    public static AuctionProblem Scattered(int seed)
    {
        var dice = new Random(seed);
        var slots = dice.Next(2, 4);
        var offers = new List<AuctionOffer>();
        for (var slot = 0; slot < slots; slot++)
            offers.Add(new AuctionOffer { Id = $"o{slot}", Market = 0, Gpus = dice.Next(1, 3), From = slot, To = slot + 1, Reserve = [dice.Next(0, 4)] });
        for (var k = dice.Next(1, 3); k > 0; k--)
            offers.Add(new AuctionOffer { Id = $"m{k}", Market = 0, Gpus = dice.Next(1, 3), From = 0, To = slots, Reserve = [dice.Next(3, 8)], MinRun = slots });
        var bids = new List<AuctionBid>();
        for (var k = dice.Next(1, 6); k > 0; k--)
        {
            var from = dice.Next(0, slots);
            bids.Add(new AuctionBid
            {
                Id = $"d{k}", Kind = BidKind.Divisible, Markets = [0], Gpus = dice.Next(1, 3),
                From = from, To = dice.Next(from + 1, slots + 1), Limit = dice.Next(1, 8),
            });
        }

        for (var k = dice.Next(1, 3); k > 0; k--)
            bids.Add(new AuctionBid
            {
                Id = $"b{k}", Kind = BidKind.Block, Markets = [0], Gpus = dice.Next(1, 3), From = 0, To = slots, Run = slots, Limit = dice.Next(4, 10),
            });
        return new AuctionProblem { FirstSlotMinutes = new[] { 60, 60, 40, 25 }[dice.Next(4)], Slots = slots, Markets = ["m"], Offers = offers, Bids = bids };
    }

    /// <summary>Nodes of 8 and 16 GPUs with windows of their own, sold to jobs of 1 to 32 GPUs, as an exchange would see them.</summary>
    public static AuctionProblem Market(int seed, int markets, int offers, int bids, int slots, double blocks, bool nodes = false, bool minRuns = false)
    {
        var dice = new Random(seed);
        var sold = new List<AuctionOffer>();
        for (var k = 0; k < offers; k++)
        {
            var length = dice.Next(3) == 0 ? slots : dice.Next(Math.Min(6, slots), slots + 1);
            var from = dice.Next(0, slots - length + 1);
            sold.Add(new AuctionOffer
            {
                Id = $"o{k}", Market = k % markets, Gpus = dice.Next(5) == 0 ? 16 : 8, From = from, To = from + length,
                Reserve = [(1_200 + dice.Next(1_600)) * 1_000L], MinRun = minRuns && dice.Next(4) == 0 ? 3 : 1,
            });
        }

        int[] sizes = [1, 2, 4, 8, 8, 8, 16, 24, 32];
        var wanted = new List<AuctionBid>();
        for (var k = 0; k < bids; k++)
        {
            var isBlock = dice.NextDouble() < blocks;
            var run = isBlock ? dice.Next(2, Math.Min(25, slots)) : 0;
            var length = isBlock ? run + dice.Next(0, 7) : dice.Next(1, 25);
            var from = dice.Next(0, slots - run + (isBlock ? 1 : 0));
            var gpus = sizes[dice.Next(sizes.Length)];
            wanted.Add(new AuctionBid
            {
                Id = isBlock ? $"b{k}" : $"d{k}", Kind = isBlock ? BidKind.Block : BidKind.Divisible, Markets = [k % markets], Gpus = gpus,
                From = from, To = Math.Min(slots, from + length), Limit = (1_000 + dice.Next(2_400)) * 1_000L, Run = run,
                Node = isBlock && nodes && gpus % 8 == 0 ? 8 : 0,
            });
        }

        return new AuctionProblem
        {
            Slots = slots, Markets = [.. Enumerable.Range(0, markets).Select(m => $"m{m}")], Offers = sold, Bids = wanted,
        };
    }
}
