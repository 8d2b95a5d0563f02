using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>20,000 bids on 2,000 offers in 8 markets over 72 slots, and a valid answer to them.</summary>
/// <remarks>
/// The prices of a market lie in a band of its own, each above the last. A bid that names further, dearer markets
/// besides its first is then filled in the first or not at all, so the markets clear one by one and yet every rule on
/// substitutes is asked. The filled blocks bring an offer each; all others are left out.
/// </remarks>
static class LargeAuction
{
    const int Markets = 8;
    const int Slots = 72;
    const int FilledBlocks = 1_000;

    public static (AuctionProblem Problem, AuctionSolution Solution) Make(int bids = 20_000, int offers = 2_000, int seed = 42)
    {
        var random = new Random(seed);
        var open = new AuctionProblem
        {
            FirstSlotMinutes = 17,
            Slots = Slots,
            Markets = [.. Enumerable.Range(0, Markets).Select(i => $"market-{i}")],
            Offers =
            [
                .. Enumerable.Range(0, Markets).Select(market =>
                    Offer($"anchor-{market}", market, 1, 0, Slots, Band(market) + 100)),
                .. Enumerable.Range(0, offers - FilledBlocks - Markets).Select(AnyOffer),
            ],
            Bids =
            [
                .. Enumerable.Range(0, Markets).Select(market =>
                    Divisible($"anchor-{market}", market, 1, 0, Slots, Band(market) + 900)),
                .. Enumerable.Range(0, bids - FilledBlocks - Markets).Select(i => i % 3 == 0 ? Block(i) : AnyDivisible(i)),
            ],
        };
        var cleared = MeritOrder.Clear(open);

        var blocks = Enumerable.Range(bids, FilledBlocks).Select(Block)
            .Select(block => block with { Limit = Band(block.Markets[0]) + 1_000 }).ToList();
        var problem = open with
        {
            Offers =
            [
                .. open.Offers,
                .. blocks.Select(block => Offer(block.Id, block.Markets[0], block.Gpus, block.From, block.From + block.Run, 5)),
            ],
            Bids = [.. open.Bids, .. blocks],
        };
        List<AuctionFill> fills =
        [
            .. cleared.Fills,
            .. blocks.Select(block => new AuctionFill(block.Id, block.Id, block.From, block.From + block.Run, block.Gpus)),
        ];
        var welfare = AuctionScenario.WelfareOf(problem, fills);
        return (problem, cleared with { Fills = fills, Welfare = welfare, Bound = welfare });

        AuctionOffer AnyOffer(int i)
        {
            var (market, from) = (random.Next(Markets), random.Next(Slots));
            var to = random.Next(from + 1, Slots + 1);
            return Offer($"o{i}", market, 8 * random.Next(1, 5), from, to, Band(market) + random.Next(100, 900));
        }

        AuctionBid AnyDivisible(int i)
        {
            var (market, from) = (random.Next(Markets), random.Next(Slots));
            var to = random.Next(from + 1, Slots + 1);
            return Divisible($"b{i}", market, random.Next(1, 17), from, to, Band(market) + random.Next(100, 900));
        }

        AuctionBid Block(int i)
        {
            var (market, from, run) = (random.Next(Markets), random.Next(Slots - 30), random.Next(1, 19));
            var to = from + run + random.Next(13);
            return Divisible($"b{i}", market, 8, from, to, Band(market) + random.Next(100, 900)) with
            {
                Kind = BidKind.Block,
                Run = run,
                Node = 8,
            };
        }

        AuctionBid Divisible(string id, int market, int gpus, int from, int to, long limit) => new()
        {
            Id = id,
            Kind = BidKind.Divisible,
            Markets = [market, .. Enumerable.Range(market + 1, Markets - market - 1).Where(_ => random.Next(2) == 0)],
            Gpus = gpus,
            From = from,
            To = to,
            Limit = limit,
        };
    }

    static AuctionOffer Offer(string id, int market, int gpus, int from, int to, long reserve) =>
        new() { Id = id, Market = market, Gpus = gpus, From = from, To = to, Reserve = [reserve] };

    static long Band(int market) => 1_000L * market;
}
