using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>A machine with its owner's prices.</summary>
/// <param name="Node">The machine.</param>
/// <param name="Ask">What its owner lists it for.</param>
/// <param name="Floor">The least its owner takes.</param>
public sealed record CastNode(PlannedNode Node, Price Ask, Price Floor);

/// <summary>A market as the demo sees it from afar.</summary>
/// <param name="Name">The market.</param>
/// <param name="Gpus">GPUs of all machines.</param>
/// <param name="Ask">The mean ask, by GPUs.</param>
/// <param name="Worth">What an hour of one GPU is worth to a buyer: what it earns, but never far from what is asked for it.</param>
public sealed record CastMarket(string Name, int Gpus, Price Ask, Price Worth);

/// <summary>Somebody who buys.</summary>
/// <param name="Seat">Who.</param>
/// <param name="Boldness">Per mille of an hour's worth that this buyer pays at most.</param>
public sealed record CastBuyer(Seat Seat, int Boldness);

/// <summary>Who plays in a demo, and in which markets: the people and machines of the replay of the same files and seed.</summary>
public sealed class Cast
{
    /// <summary>Machines at most; of more, those of the largest markets take part.</summary>
    public const int MostNodes = 40;

    const int LeastBoldness = 550;
    const int MostBoldness = 1_150;

    Cast(ReplayPlan plan, ExchangeTerms terms, SlotRules slots, int buyerFeePpm)
    {
        (Terms, Slots, BuyerFeePpm, Scale) = (terms, slots, buyerFeePpm, plan.Options.Scale);
        Seed = FormattableString.Invariant($"demo seed {plan.Options.Seed}");
        Ids = new PlanIds(Seed);

        // A machine's prices are those of the first day on which it was listed.
        var listed = plan.Actions.OfType<OfferAction>().GroupBy(offer => offer.Node.Id).ToDictionary(offers => offers.Key, offers => offers.MinBy(offer => offer.From)!);
        var sizes = plan.Nodes.GroupBy(node => node.Market).ToDictionary(nodes => nodes.Key, nodes => nodes.Sum(node => node.Gpus));
        Nodes = [.. plan.Nodes.Where(node => listed.ContainsKey(node.Id))
            .OrderByDescending(node => sizes[node.Market]).ThenBy(node => node.Market, StringComparer.Ordinal).ThenBy(node => node.Name, StringComparer.Ordinal).Take(MostNodes)
            .Select(node => new CastNode(node, listed[node.Id].Ask, listed[node.Id].Prompt))];
        var worth = plan.Served.ToDictionary(served => served.Name, served => served.RevenueByDay[0]);
        Markets = [.. Nodes.GroupBy(node => node.Node.Market).OrderByDescending(nodes => nodes.Sum(node => node.Node.Gpus)).ThenBy(nodes => nodes.Key, StringComparer.Ordinal)
            .Select(nodes => MarketOf(nodes.Key, [.. nodes], worth[nodes.First().Node.ClassName]))];
        Providers = [.. Nodes.Select(node => node.Node.Provider).DistinctBy(seat => seat.Id).OrderBy(seat => seat.Name, StringComparer.Ordinal)];

        var buyers = plan.Seats.Where(seat => !seat.IsProvider).ToList();
        var boldness = Enumerable.Range(0, buyers.Count).Select(i => LeastBoldness + (MostBoldness - LeastBoldness) * i / Math.Max(1, buyers.Count - 1)).ToList();
        new Dice(Seed, "boldness").Shuffle(boldness);
        Buyers = [.. buyers.Select((seat, i) => new CastBuyer(seat, boldness[i]))];
    }

    /// <summary>What all chance of the demo begins from.</summary>
    public string Seed { get; }

    /// <summary>Ids of what the demo sends.</summary>
    public PlanIds Ids { get; }

    /// <summary>The exchange's bounds.</summary>
    public ExchangeTerms Terms { get; }

    /// <summary>Which hours can be traded.</summary>
    public SlotRules Slots { get; }

    /// <summary>The buyer's fee in parts per million of the cost.</summary>
    public int BuyerFeePpm { get; }

    /// <summary>What all demand is multiplied by.</summary>
    public decimal Scale { get; }

    /// <summary>The markets, the largest first.</summary>
    public IReadOnlyList<CastMarket> Markets { get; }

    /// <summary>The machines.</summary>
    public IReadOnlyList<CastNode> Nodes { get; }

    /// <summary>Their owners.</summary>
    public IReadOnlyList<Seat> Providers { get; }

    /// <summary>The buyers.</summary>
    public IReadOnlyList<CastBuyer> Buyers { get; }

    /// <summary>Providers, then buyers.</summary>
    public IReadOnlyList<Seat> Seats => [.. Providers, .. Buyers.Select(buyer => buyer.Seat)];

    /// <summary>The cast of a plan.</summary>
    public static Cast Of(ReplayPlan plan, ExchangeTerms terms, SlotRules slots, int buyerFeePpm) => new(plan, terms, slots, buyerFeePpm);

    /// <summary>A price in whole ticks, rounded up, at least one tick and at most the highest there is.</summary>
    public Price OnTick(long micros) => new(Math.Clamp((micros + Terms.TickMicros - 1) / Terms.TickMicros, 1, Terms.HighestPriceMicros / Terms.TickMicros) * Terms.TickMicros);

    static CastMarket MarketOf(string name, List<CastNode> nodes, Price revenue)
    {
        var gpus = nodes.Sum(node => node.Node.Gpus);
        var ask = nodes.Sum(node => node.Ask.MicrosPerGpuHour * node.Node.Gpus) / gpus;
        return new CastMarket(name, gpus, new Price(ask), new Price(Math.Clamp(revenue.MicrosPerGpuHour, ask * 11 / 10, ask * 17 / 10)));
    }
}
