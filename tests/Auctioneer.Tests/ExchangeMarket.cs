using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>A market as an exchange of GPUs would see it, of any size, the same for ever from one seed.</summary>
/// <remarks>
/// Half of the bids are blocks; all of the language in the shares that are read off below; limits around the cost, so that about
/// half of the demand is in the money, and sizes such that demand is about 1.2 of supply. Whole numbers and a generator of its
/// own: no other version of .NET, and no other machine, makes another market.
/// </remarks>
/// <param name="Plain">Single markets and whole blocks only: no node groups, minimum fills, parents, groups or minimum runs.</param>
public sealed record ExchangeMarket(int Offers, int Bids, int Slots, int Markets, ulong Seed, bool Plain = false)
{
    static readonly int[] Day =
    [
        820, 800, 790, 790, 800, 830, 880, 940, 1000, 1060, 1110, 1150, 1170, 1190, 1200, 1200, 1190, 1170, 1140, 1100, 1050, 990, 930, 870,
    ];

    static readonly int[] Runs = [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 8, 8, 10, 12, 24];
    static readonly int[] BlockSizes = [1, 2, 4, 8, 8, 8, 16, 16, 16, 24, 32, 32, 48, 64, 64];
    static readonly int[] OfferSizes = [1, 2, 4, 4, 8, 8, 8, 8, 8, 16];

    static readonly string[] Names =
    [
        "H100-SXM-80GB.us-east", "H100-SXM-80GB.us-west", "H200-SXM-141GB.us-east", "H100-PCIE-80GB.us-east",
        "A100-SXM-80GB.us-east", "H100-SXM-80GB.eu-west", "H200-SXM-141GB.eu-west", "B200-SXM-180GB.us-east",
    ];

    /// <summary>200 offers and 200 bids of 24 hours in three markets.</summary>
    public static ExchangeMarket Small(ulong seed) => new(200, 200, 24, 3, seed);

    /// <summary>2,000 offers and 2,000 bids of three days in eight markets.</summary>
    public static ExchangeMarket Medium(ulong seed) => new(2_000, 2_000, 72, 8, seed);

    /// <summary>2,000 offers and 20,000 bids of three days in eight markets.</summary>
    public static ExchangeMarket Large(ulong seed) => new(2_000, 20_000, 72, 8, seed);

    /// <summary>20,000 offers and 20,000 bids of three days in eight markets.</summary>
    public static ExchangeMarket Largest(ulong seed) => new(20_000, 20_000, 72, 8, seed);

    /// <summary>The auction.</summary>
    public AuctionProblem Make()
    {
        var dice = new Dice(Seed);
        var costs = Enumerable.Range(0, Markets).Select(_ => 1_600_000L + 50_000 * dice.Among(-6, 10)).ToArray();
        var offers = Enumerable.Range(0, Offers).Select(i => Offer(i, costs, dice)).ToList();
        var bids = Enumerable.Range(0, Bids).Select(i => Bid(i, costs, dice)).ToList();
        return new AuctionProblem
        {
            Slots = Slots, Markets = [.. Enumerable.Range(0, Markets).Select(m => m < Names.Length ? Names[m] : $"CLASS-{m}.region")],
            Offers = offers, Bids = Sized(bids, offers.Sum(offer => (long)offer.Gpus * (offer.To - offer.From)) * 12 / 10, dice),
        };
    }

    AuctionOffer Offer(int i, long[] costs, Dice dice)
    {
        var (market, gpus) = (dice.Below(Markets), dice.One(OfferSizes));
        var length = dice.Share(550) ? Slots : dice.Among(Math.Max(1, Slots / 4), Slots);
        var from = dice.Below(Slots - length + 1);
        var price = costs[market] * Noise(dice, 450) / 1000;
        var isCurved = dice.Share(200);
        var minRun = dice.Share(100) ? dice.Among(2, 6) : 1;
        if (Plain) minRun = 1;
        return new AuctionOffer
        {
            Id = $"o{i}", Market = market, Gpus = gpus, From = from, To = from + length, MinRun = Math.Min(minRun, length),
            Reserve = isCurved ? [.. Enumerable.Range(from, length).Select(slot => Tick(price * Day[slot % 24] / 1000))] : [Tick(price)],
        };
    }

    AuctionBid Bid(int i, long[] costs, Dice dice)
    {
        var (isBlock, namesSeveral) = (dice.Share(500), dice.Share(300));
        var markets = new List<int> { dice.Below(Markets) };
        for (var more = dice.Among(1, 2); more > 0; more--)
            if (dice.Below(Markets) is var other && namesSeveral && !markets.Contains(other)) markets.Add(other);
        if (Plain) markets.RemoveRange(1, markets.Count - 1);
        var limit = Tick(markets.Sum(market => costs[market]) / markets.Count * Noise(dice, 600) / 1000);
        if (!isBlock)
        {
            var (length, gpus) = (Math.Min(Slots, dice.Among(1, 24)), dice.Among(1, 64));
            var from = dice.Below(Slots - length + 1);
            return new AuctionBid { Id = $"d{i}", Kind = BidKind.Divisible, Markets = markets, Gpus = gpus, From = from, To = from + length, Limit = limit };
        }

        var (run, size, kind) = (Math.Min(Slots, dice.One(Runs)), dice.One(BlockSizes), dice.Below(100));
        var window = Math.Min(Slots, run + kind switch { < 15 => 0, < 80 => dice.Among(1, 6), < 90 => 12, _ => dice.Among(8, 30) });
        var first = dice.Below(Slots - window + 1);
        List<int>? starts = null;
        if (kind >= 90 && window > run)
        {
            var (count, every) = (dice.Among(2, 7), dice.Among(1, 4));
            starts = [.. Enumerable.Range(0, count).Select(k => first + k * every).Where(start => start <= first + window - run)];
        }
        else
        {
            window = Math.Min(window, run + 12);
        }

        return new AuctionBid
        {
            Id = $"b{i}", Kind = BidKind.Block, Markets = markets, Gpus = size, From = first, To = first + window, Limit = limit, Run = run, Starts = starts,
        };
    }

    /// <summary>The bids with sizes that bring all demand to a target, and the blocks with what only blocks have.</summary>
    List<AuctionBid> Sized(List<AuctionBid> drawn, long target, Dice dice)
    {
        var demand = drawn.Sum(bid => (long)bid.Gpus * (bid.Kind == BidKind.Block ? bid.Run : bid.To - bid.From));
        var (group, left) = (0, 0);
        var parents = new List<string>();
        var bids = new List<AuctionBid>();
        foreach (var bid in drawn)
        {
            var scaled = bid.Gpus * target;
            var roundsUp = dice.Below(1_000_000) < scaled % demand * 1_000_000 / demand;
            var gpus = (int)Math.Clamp(scaled / demand + (roundsUp ? 1 : 0), 1, 64);
            if (bid.Kind == BidKind.Divisible)
            {
                bids.Add(bid with { Gpus = gpus });
                continue;
            }

            if (gpus > 4) gpus = gpus >= 6 ? (gpus + 2) / 8 * 8 : 4;
            var (hasNode, isPartial, isChild, isGrouped) = (dice.Share(300), dice.Share(200), dice.Share(50), dice.Share(40));
            var (isBigNode, minFill, parent, more) = (dice.Share(750), dice.Among(250, 900), dice.Next() >> 11, dice.Among(1, 2));
            var block = bid with { Gpus = gpus };
            if (!Plain)
            {
                block = block with
                {
                    Node = !hasNode || gpus < 4 ? 0 : isBigNode && gpus % 8 == 0 ? 8 : 4,
                    MinFill = isPartial && gpus > 1 ? minFill : 1000,
                };
                if (left > 0) (block, left) = (block with { Group = $"g{group}" }, left - 1);
                else if (isGrouped) (group, left, block) = (group + 1, more, block with { Group = $"g{group + 1}" });
                else if (isChild && parents.Count > 0) block = block with { Parent = parents[(int)(parent % (ulong)parents.Count)] };
                if (block.Parent is null) parents.Add(block.Id);
            }

            bids.Add(block);
        }

        return bids;
    }

    static long Tick(long micros) => micros / 1_000 * 1_000;

    /// <summary>Per mille around 1000, a triangle of this half-width; halves are rounded down.</summary>
    static int Noise(Dice dice, int spread) => 1000 + (dice.Among(-spread, spread) >> 1) + (dice.Among(-spread, spread) >> 1);

    /// <summary>The generator splitmix64.</summary>
    sealed class Dice(ulong seed)
    {
        ulong _state = seed;

        public ulong Next()
        {
            unchecked
            {
                var z = _state += 0x9E3779B97F4A7C15;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                return z ^ (z >> 31);
            }
        }

        public int Below(int count) => (int)((Next() >> 11) % (ulong)count);

        public int Among(int lowest, int highest) => lowest + Below(highest - lowest + 1);

        public bool Share(int perMille) => Below(1000) < perMille;

        public int One(int[] items) => items[Below(items.Length)];
    }
}
