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

    /// <summary>The same problem in which some blocks name the offers that alone may serve them.</summary>
    public static AuctionProblem WithLists(AuctionProblem problem, int seed)
    {
        var dice = new Random(~seed);
        if (problem.Offers.Count == 0) return problem;
        IReadOnlyList<string> Some() => [.. problem.Offers.Where(_ => dice.Next(2) == 0).Select(offer => offer.Id).DefaultIfEmpty(problem.Offers[dice.Next(problem.Offers.Count)].Id)];
        return problem with { Bids = [.. problem.Bids.Select(bid => bid.Kind == BidKind.Block && dice.Next(4) > 0 ? bid with { Offers = Some() } : bid)] };
    }

    /// <summary>The whole language in one: bids that name several markets, parts of blocks, nodes, families and minimum runs.</summary>
    public static AuctionProblem Rich(int seed)
    {
        var dice = new Random(seed);
        var markets = dice.Next(5) == 0 ? 3 : dice.Next(4) == 0 ? 1 : 2;
        var slots = dice.Next(1, markets == 3 ? 3 : 4);
        var highest = dice.Next(2, markets == 3 ? 6 : 9);
        var slotMinutes = new[] { 60, 60, 30, 15 }[dice.Next(4)];
        var (minRuns, families, nodes) = (dice.Next(3) == 0, dice.Next(4), dice.Next(3) == 0);
        int[] Named() => [.. Enumerable.Range(0, markets).OrderBy(_ => dice.Next()).Take(dice.Next(2) == 0 ? 1 : dice.Next(1, markets + 1))];
        (int From, int To) Window(int least)
        {
            var length = dice.Next(2) == 0 ? slots : dice.Next(least, slots + 1);
            var from = dice.Next(0, slots - length + 1);
            return (from, from + length);
        }

        var offers = new List<AuctionOffer>();
        for (var k = dice.Next(12) == 0 ? 0 : dice.Next(1, 5); k > 0; k--)
        {
            var (from, to) = Window(1);
            offers.Add(new AuctionOffer
            {
                Id = $"o{offers.Count}", Market = dice.Next(markets), Gpus = dice.Next(1, 4), From = from, To = to,
                Reserve = [.. Enumerable.Range(0, dice.Next(3) == 0 ? to - from : 1).Select(_ => (long)dice.Next(0, highest))],
                MinRun = minRuns && dice.Next(2) == 0 ? dice.Next(2, 4) : 1,
            });
        }

        var bids = new List<AuctionBid>();
        for (var k = dice.Next(0, 4); k > 0; k--)
        {
            var (from, to) = Window(1);
            bids.Add(new AuctionBid
            {
                Id = $"d{bids.Count}", Kind = BidKind.Divisible, Markets = Named(), Gpus = dice.Next(1, 4), From = from, To = to, Limit = dice.Next(0, highest + 1),
            });
        }

        var blocks = dice.Next(0, 4);
        for (var k = 0; k < blocks; k++)
        {
            var run = dice.Next(1, slots + 1);
            var (from, to) = Window(run);
            var gpus = dice.Next(1, 5);
            bids.Add(new AuctionBid
            {
                Id = $"b{k}", Kind = BidKind.Block, Gpus = gpus, From = from, To = to, Limit = dice.Next(0, highest + 2), Run = run, Markets = Named(),
                Starts = dice.Next(4) == 0 ? [dice.Next(from, to - run + 1)] : null,
                MinFill = dice.Next(3) == 0 ? dice.Next(1, 1001) : 1000,
                Node = nodes && dice.Next(2) == 0 ? gpus % 2 == 0 ? 2 : gpus : 0,
                Parent = families == 1 && k > 0 && dice.Next(2) == 0 ? $"b{dice.Next(k)}" : null,
                Group = families == 2 && dice.Next(2) == 0 ? "g" : null,
            });
        }

        return new AuctionProblem
        {
            SlotMinutes = slotMinutes, FirstSlotMinutes = dice.Next(3) == 0 ? Math.Max(1, slotMinutes * dice.Next(1, 4) / 4) : slotMinutes,
            Slots = slots, Markets = [.. Enumerable.Range(0, markets).Select(m => $"m{m}")],
            Offers = offers, Bids = [.. bids.OrderBy(_ => dice.Next())],
        };
    }

    /// <summary>More of everything, most of it in the money: what is filled shuts others out, over and over.</summary>
    public static AuctionProblem Busy(int seed)
    {
        var dice = new Random(seed);
        var markets = dice.Next(1, 3);
        var slots = dice.Next(3, 5);
        var (families, nodes, minRuns) = (dice.Next(4), dice.Next(3) == 0, dice.Next(3) == 0);
        int[] Named() => [.. Enumerable.Range(0, markets).OrderBy(_ => dice.Next()).Take(dice.Next(1, markets + 1))];
        AuctionOffer Offer(int k)
        {
            var from = dice.Next(3) == 0 ? dice.Next(slots) : 0;
            return new AuctionOffer
            {
                Id = $"o{k}", Market = dice.Next(markets), Gpus = dice.Next(1, 3), From = from, To = dice.Next(3) == 0 ? dice.Next(from + 1, slots + 1) : slots,
                Reserve = [dice.Next(0, 5)], MinRun = minRuns && dice.Next(3) == 0 ? 2 : 1,
            };
        }

        AuctionBid Divisible(int k)
        {
            var from = dice.Next(slots);
            return new AuctionBid
            {
                Id = $"d{k}", Kind = BidKind.Divisible, Markets = Named(), Gpus = dice.Next(1, 3), From = from, To = dice.Next(from + 1, slots + 1), Limit = dice.Next(2, 9),
            };
        }

        AuctionBid Block(int k)
        {
            var run = dice.Next(1, 4);
            var from = dice.Next(0, slots - run + 1);
            var gpus = dice.Next(1, 4);
            return new AuctionBid
            {
                Id = $"b{k}", Kind = BidKind.Block, Gpus = gpus, Run = run, From = from, To = Math.Min(slots, from + run + dice.Next(0, 3)), Limit = dice.Next(2, 10), Markets = Named(),
                MinFill = dice.Next(4) == 0 ? 400 : 1000, Node = nodes && gpus == 2 ? 2 : 0,
                Parent = families == 1 && k > 0 && dice.Next(3) == 0 ? $"b{dice.Next(k)}" : null, Group = families == 2 && dice.Next(3) == 0 ? "g" : null,
            };
        }

        return new AuctionProblem
        {
            Slots = slots, Markets = [.. Enumerable.Range(0, markets).Select(m => $"m{m}")],
            Offers = [.. Enumerable.Range(0, dice.Next(2, 5)).Select(Offer)],
            Bids = [.. Enumerable.Range(0, dice.Next(1, 4)).Select(Divisible), .. Enumerable.Range(0, dice.Next(2, 5)).Select(Block)],
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
}
