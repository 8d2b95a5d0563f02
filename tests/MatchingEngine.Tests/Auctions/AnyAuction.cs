using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>Small auctions by chance, always the same from one seed, and what can be done to their answers.</summary>
static class AnyAuction
{
    public static AuctionProblem Random(Random random, bool oneMarketEach)
    {
        var slots = random.Next(1, 7);
        var markets = random.Next(1, 5);
        var slotMinutes = random.Next(2) == 0 ? 60 : 15;
        var blocks = new List<string>();
        return new AuctionProblem
        {
            SlotMinutes = slotMinutes,
            FirstSlotMinutes = random.Next(1, slotMinutes + 1),
            Slots = slots,
            Markets = [.. Enumerable.Range(0, markets).Select(i => $"m{i}")],
            Offers = [.. Enumerable.Range(0, random.Next(1, 6)).Select(Offer)],
            Bids = [.. Enumerable.Range(0, random.Next(1, 9)).Select(Bid)],
        };

        AuctionOffer Offer(int i)
        {
            var (from, to) = Window();
            return new AuctionOffer
            {
                Id = $"o{i}",
                Market = random.Next(markets),
                Gpus = random.Next(1, 6),
                From = from,
                To = to,
                Reserve = [.. Enumerable.Range(0, random.Next(2) == 0 ? 1 : to - from).Select(_ => (long)random.Next(8))],
                MinRun = random.Next(4) == 0 ? 2 : 1,
            };
        }

        AuctionBid Bid(int i)
        {
            var (from, to) = Window();
            var first = random.Next(markets);
            var bid = new AuctionBid
            {
                Id = $"b{i}",
                Kind = BidKind.Divisible,
                Markets = oneMarketEach || random.Next(2) == 0 ? [first] : [first, .. Others(first)],
                Gpus = random.Next(1, 6),
                From = from,
                To = to,
                Limit = random.Next(10),
            };
            if (random.Next(3) > 0) return bid;
            var run = random.Next(1, to - from + 1);
            var parent = blocks.Count > 0 && random.Next(3) == 0 ? Some(blocks) : null;
            blocks.Add(bid.Id);
            return bid with
            {
                Kind = BidKind.Block,
                Run = run,
                Starts = random.Next(3) == 0 ? [to - run] : null,
                MinFill = random.Next(2) == 0 ? 1000 : random.Next(1, 1001),
                Node = random.Next(3) == 0 ? bid.Gpus : 0,
                Parent = parent,
                Group = parent is null && random.Next(3) == 0 ? "g" : null,
            };
        }

        T Some<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

        IEnumerable<int> Others(int first) =>
            Enumerable.Range(0, markets).Where(market => market != first && random.Next(2) == 0);

        (int From, int To) Window()
        {
            var from = random.Next(slots);
            return (from, random.Next(from + 1, slots + 1));
        }
    }

    /// <summary>Up to three changes: to a price, a fill, a list, a figure; often the rest is kept in step.</summary>
    public static AuctionSolution Spoil(AuctionProblem problem, AuctionSolution good, Random random)
    {
        var prices = good.Prices.Select(row => row.ToArray()).ToArray();
        var fills = good.Fills.ToList();
        var (leftOut, leftOutOffers) = (good.LeftOut.ToHashSet(), good.LeftOutOffers.ToHashSet());
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            switch (random.Next(8))
            {
                case 0: Some(prices)[random.Next(problem.Slots)] = random.Next(12); break;
                case 1: Some(prices)[random.Next(problem.Slots)] = null; break;
                case 2 when fills.Count > 0: fills.RemoveAt(random.Next(fills.Count)); break;
                case 3 when fills.Count > 0: Change(random.Next(fills.Count)); break;
                case 4: Toggle(leftOut, Some(problem.Bids).Id); break;
                case 5: Toggle(leftOutOffers, Some(problem.Offers).Id); break;
                default: Add(); break;
            }
        }

        if (random.Next(2) == 0) Reprice(problem, prices, fills, random);
        var welfare = AuctionScenario.WelfareOf(problem, fills) + (random.Next(20) == 0 ? 1 : 0);
        return good with
        {
            Prices = prices,
            Fills = fills,
            LeftOut = [.. leftOut],
            LeftOutOffers = [.. leftOutOffers],
            Welfare = welfare,
            Bound = welfare + random.Next(-1, 20),
            Status = fills.Count == 0 ? AuctionStatus.Empty
                : random.Next(2) == 0 ? AuctionStatus.Optimal : AuctionStatus.Feasible,
        };

        void Change(int at)
        {
            var fill = fills[at];
            fills[at] = random.Next(4) switch
            {
                0 => fill with { Gpus = random.Next(1, 6) },
                1 => fill with { Offer = Some(problem.Offers).Id },
                2 => fill with { Bid = Some(problem.Bids).Id },
                _ => fill with { From = 0, To = random.Next(1, problem.Slots + 1) },
            };
        }

        void Add()
        {
            var (bid, offer) = (Some(problem.Bids), Some(problem.Offers));
            var from = random.Next(2) == 0 || bid.Kind == BidKind.Divisible ? bid.From : Some(bid.AllowedStarts().ToList());
            var to = bid.Kind == BidKind.Divisible
                ? random.Next(from + 1, problem.Slots + 1)
                : Math.Min(problem.Slots, from + bid.Run);
            fills.Add(new(bid.Id, offer.Id, from, to, random.Next(3) == 0 ? random.Next(1, 6) : bid.Gpus));
        }

        T Some<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

        static void Toggle(HashSet<string> set, string id)
        {
            if (!set.Remove(id)) set.Add(id);
        }
    }

    /// <summary>Right in nothing but its types; often well-formed all the same, so that every rule gets its share.</summary>
    public static AuctionSolution Nonsense(AuctionProblem problem, Random random)
    {
        var isFormed = random.Next(3) > 0;
        return new AuctionSolution
        {
            Status = (AuctionStatus)random.Next(-1, 4),
            Welfare = Number(long.MinValue),
            Bound = Number(long.MinValue),
            Prices = [.. problem.Markets.Select(_ => Row(problem.Slots + Slip()))],
            Fills = [.. Enumerable.Range(0, random.Next(20)).Select(_ => Fill())],
            LeftOut = [.. problem.Bids.Where(_ => random.Next(2) == 0).Select(bid => isFormed ? bid.Id : null!)],
            LeftOutOffers = [.. problem.Offers.Where(_ => random.Next(2) == 0).Select(offer => offer.Id)],
        };

        AuctionFill Fill()
        {
            var (bid, from) = (Some(problem.Bids).Id, random.Next(problem.Slots));
            if (!isFormed) return new(bid, "o" + random.Next(7), Count(), Count(), Count());
            var gpus = random.Next(2) == 0 ? int.MaxValue : random.Next(1, 9);
            return new(bid, Some(problem.Offers).Id, from, random.Next(from + 1, problem.Slots + 1), gpus);
        }

        IReadOnlyList<long?> Row(int slots) => [.. Enumerable.Range(0, slots).Select(_ => Price())];

        long? Price() =>
            random.Next(3) == 0 ? null : isFormed ? random.NextInt64(1_000_000_000_000_000_001) : Number(-1);

        int Count() => (int)Number(int.MinValue);

        int Slip() => isFormed || random.Next(9) > 0 ? 0 : 1;

        long Number(long least) => random.Next(4) switch
        {
            0 => least,
            1 => least < int.MinValue || least == -1 ? long.MaxValue : int.MaxValue,
            _ => random.Next(-2, 9),
        };

        T Some<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
    }

    /// <summary>Two markets, one slot, and a few bids on both; every number small enough to try them all.</summary>
    public static AuctionProblem Tiny(Random random)
    {
        int[][] sets = [[0], [1], [0, 1], [1, 0]];
        var bids = Enumerable.Range(0, 3).Select(i => new AuctionBid
        {
            Id = $"d{i}",
            Kind = BidKind.Divisible,
            Markets = sets[random.Next(4)],
            Gpus = random.Next(1, 3),
            From = 0,
            To = 1,
            Limit = random.Next(1, 5),
        }).ToList();
        var block = bids[0] with { Id = "b", Kind = BidKind.Block, Run = 1, Markets = [0, 1], Limit = random.Next(1, 5) };
        bids.Insert(random.Next(4), block);
        return new AuctionProblem
        {
            Slots = 1,
            Markets = ["east", "west"],
            Offers = [.. Enumerable.Range(0, 3).Select(i => new AuctionOffer
            {
                Id = $"o{i}",
                Market = i == 2 ? random.Next(2) : i,
                Gpus = random.Next(1, 3),
                From = 0,
                To = 1,
                Reserve = [random.Next(0, 4)],
            })],
            Bids = bids,
        };
    }

    /// <summary>Every answer to a tiny auction that gives no offer and no bid too much, at every price from 0 to 4.</summary>
    public static IEnumerable<AuctionSolution> EveryAnswer(AuctionProblem problem)
    {
        foreach (var fills in Fillings(problem, 0, []))
        {
            var welfare = AuctionScenario.WelfareOf(problem, fills);
            bool IsTraded(int market) =>
                fills.Any(fill => problem.Offers.Single(offer => offer.Id == fill.Offer).Market == market);
            foreach (var east in IsTraded(0) ? new long?[] { 0, 1, 2, 3, 4 } : [null])
            {
                foreach (var west in IsTraded(1) ? new long?[] { 0, 1, 2, 3, 4 } : [null])
                {
                    var block = problem.Bids.Single(bid => bid.Id == "b");
                    yield return new AuctionSolution
                    {
                        Status = fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Feasible,
                        Welfare = welfare,
                        Bound = 1_000,
                        Prices = [[east], [west]],
                        Fills = fills,
                        LeftOut = fills.All(fill => fill.Bid != "b") && (east < block.Limit || west < block.Limit) ? ["b"] : [],
                        LeftOutOffers = [],
                    };
                }
            }
        }
    }

    static IEnumerable<List<AuctionFill>> Fillings(AuctionProblem problem, int pair, List<AuctionFill> fills)
    {
        if (pair == problem.Bids.Count * problem.Offers.Count)
        {
            yield return fills;
            yield break;
        }

        var (bid, offer) = (problem.Bids[pair / problem.Offers.Count], problem.Offers[pair % problem.Offers.Count]);
        var left = Math.Min(
            bid.Gpus - fills.Where(fill => fill.Bid == bid.Id).Sum(fill => fill.Gpus),
            offer.Gpus - fills.Where(fill => fill.Offer == offer.Id).Sum(fill => fill.Gpus));
        if (!bid.Markets.Contains(offer.Market)) left = 0;
        for (var gpus = 0; gpus <= left; gpus++)
        {
            List<AuctionFill> more = gpus == 0 ? fills : [.. fills, new AuctionFill(bid.Id, offer.Id, 0, 1, gpus)];
            foreach (var filling in Fillings(problem, pair + 1, more)) yield return filling;
        }
    }

    /// <summary>A price exactly where something is filled, so that only the other rules are broken.</summary>
    static void Reprice(AuctionProblem problem, long?[][] prices, List<AuctionFill> fills, Random random)
    {
        for (var market = 0; market < prices.Length; market++)
        {
            for (var slot = 0; slot < problem.Slots; slot++)
            {
                var isFilled = fills.Any(fill => fill.From <= slot && slot < fill.To
                    && problem.Offers.Single(offer => offer.Id == fill.Offer).Market == market);
                prices[market][slot] = isFilled ? prices[market][slot] ?? random.Next(10) : null;
            }
        }
    }
}
