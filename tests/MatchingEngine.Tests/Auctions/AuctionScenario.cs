using ComputeExchange.MatchingEngine.Core.Auctions;
using ComputeExchange.Values.Auctions;
using Shouldly;

namespace ComputeExchange.MatchingEngine.Tests.Auctions;

/// <summary>An auction and its answer in a few lines of text, and what the verifier says of them.</summary>
/// <remarks>
/// <code>
/// minutes 60 15                      slot_minutes and, when it differs, first_slot_minutes
/// slots 4
/// offer o1 east 8 0-4 @ 10,10,12,12  one reserve or one per slot; then: min_run 2
/// bid d1 east,west 16 0-4 @ 20
/// block b1 east 8 run 2 0-4 @ 15     then: starts 0,2  min_fill 500  node 8  parent b0  group g
/// price east 20 20 - -
/// fill d1 o1 0-2 8
/// left_out b1
/// left_out_offers o1
/// status optimal                     without it: feasible, or empty where nothing is filled
/// welfare 7                          without it: what the fills come to
/// bound 9                            without it: the welfare
/// </code>
/// </remarks>
static class AuctionScenario
{
    public static void Valid(string text)
    {
        var (problem, solution) = Read(text);
        AuctionVerifier.Verify(problem, solution).ShouldBeEmpty();
    }

    /// <summary>Refused, and for this rule alone.</summary>
    public static AuctionBreach Breaks(int rule, string text)
    {
        var (problem, solution) = Read(text);
        var breaches = AuctionVerifier.Verify(problem, solution);
        breaches.Select(breach => breach.Rule).Distinct().ShouldBe([rule]);
        return breaches[0];
    }

    public static (AuctionProblem Problem, AuctionSolution Solution) Read(string text)
    {
        var (minutes, first, slots) = (60, 60, 0);
        var markets = new List<string>();
        var offers = new List<AuctionOffer>();
        var bids = new List<AuctionBid>();
        var prices = new Dictionary<string, long?[]>();
        var fills = new List<AuctionFill>();
        var (leftOut, leftOutOffers) = (new List<string>(), new List<string>());
        (long? Welfare, long? Bound, string? Status) stated = default;

        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "minutes": (minutes, first) = (int.Parse(words[1]), int.Parse(words[^1])); break;
                case "slots": slots = int.Parse(words[1]); break;
                case "offer": offers.Add(Offer(words)); break;
                case "bid": bids.Add(Bid(words, BidKind.Divisible)); break;
                case "block": bids.Add(Bid(words, BidKind.Block)); break;
                case "price": prices[words[1]] = [.. words[2..].Select(Price)]; break;
                case "fill": fills.Add(Fill(words)); break;
                case "left_out": leftOut.AddRange(words[1..]); break;
                case "left_out_offers": leftOutOffers.AddRange(words[1..]); break;
                case "welfare": stated.Welfare = long.Parse(words[1]); break;
                case "bound": stated.Bound = long.Parse(words[1]); break;
                case "status": stated.Status = words[1]; break;
                default: throw new FormatException(line);
            }
        }

        var problem = new AuctionProblem
        {
            SlotMinutes = minutes,
            FirstSlotMinutes = first,
            Slots = slots,
            Markets = markets,
            Offers = offers,
            Bids = bids,
        };
        var welfare = stated.Welfare ?? WelfareOf(problem, fills);
        return (problem, new AuctionSolution
        {
            Status = stated.Status is { } status ? Enum.Parse<AuctionStatus>(status, ignoreCase: true)
                : fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Feasible,
            Welfare = welfare,
            Bound = stated.Bound ?? welfare,
            Prices = [.. markets.Select(market => (IReadOnlyList<long?>)prices.GetValueOrDefault(market, new long?[slots]))],
            Fills = fills,
            LeftOut = leftOut,
            LeftOutOffers = leftOutOffers,
        });

        AuctionOffer Offer(string[] words) => new()
        {
            Id = words[1],
            Market = Market(words[2]),
            Gpus = int.Parse(words[3]),
            From = Window(words[4]).From,
            To = Window(words[4]).To,
            Reserve = [.. words[6].Split(',').Select(long.Parse)],
            MinRun = int.Parse(After(words, "min_run") ?? "1"),
        };

        AuctionBid Bid(string[] words, BidKind kind)
        {
            var window = Window(words.Skip(4).First(word => word.Contains('-')));
            return new AuctionBid
            {
                Id = words[1],
                Kind = kind,
                Markets = [.. words[2].Split(',').Select(Market)],
                Gpus = int.Parse(words[3]),
                From = window.From,
                To = window.To,
                Limit = long.Parse(After(words, "@")!),
                Run = int.Parse(After(words, "run") ?? "0"),
                Starts = After(words, "starts")?.Split(',').Select(int.Parse).ToArray(),
                MinFill = int.Parse(After(words, "min_fill") ?? "1000"),
                Node = int.Parse(After(words, "node") ?? "0"),
                Parent = After(words, "parent"),
                Group = After(words, "group"),
            };
        }

        int Market(string name)
        {
            if (!markets.Contains(name)) markets.Add(name);
            return markets.IndexOf(name);
        }
    }

    /// <summary>The sum of rule 7, the plain way.</summary>
    public static long WelfareOf(AuctionProblem problem, IEnumerable<AuctionFill> fills)
    {
        var bids = problem.Bids.ToDictionary(bid => bid.Id);
        var offers = problem.Offers.ToDictionary(offer => offer.Id);
        Int128 sum = 0;
        foreach (var fill in fills)
        {
            var (bid, offer) = (bids[fill.Bid], offers[fill.Offer]);
            for (var slot = Math.Max(fill.From, offer.From); slot < Math.Min(fill.To, offer.To); slot++)
                sum += (Int128)fill.Gpus * (bid.Limit - offer.ReserveAt(slot)) * problem.MinutesOf(slot);
        }

        var floor = sum / 60;
        return (long)(floor * 60 > sum ? floor - 1 : floor);
    }

    static AuctionFill Fill(string[] words) =>
        new(words[1], words[2], Window(words[3]).From, Window(words[3]).To, int.Parse(words[4]));

    static long? Price(string word) => word == "-" ? null : long.Parse(word);

    static (int From, int To) Window(string word) => (int.Parse(word.Split('-')[0]), int.Parse(word.Split('-')[1]));

    static string? After(string[] words, string word) => Array.IndexOf(words, word) is >= 0 and var at ? words[at + 1] : null;
}
