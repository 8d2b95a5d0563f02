using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks.Study;

/// <summary>One recorded day as an auction: its machines at their posted prices, and what would be wanted of them.</summary>
/// <remarks>
/// Machines, jobs and limits are those of <c>cx replay</c>. Jobs that are not for people who wait may run in any region of their class, and of these
/// so many are blocks that they make up a share of the day's GPU-hours: they may start within six hours of their time, and
/// four or more GPUs of them are one machine's. The order of the bids is the order in which they were sent.
/// </remarks>
sealed class StudyDay
{
    const int MostMarkets = 8;
    const int SpareHours = 6;

    readonly ReplayPlan _plan;
    readonly DateTimeOffset _start;
    readonly List<string> _markets;

    public StudyDay(ReplayPlan plan, int day)
    {
        (_plan, _start) = (plan, plan.Start.AddDays(day));
        _markets = [.. Offered().Select(offer => offer.Node.Market).Distinct().Order(StringComparer.Ordinal)];
    }

    public DateOnly Date => DateOnly.FromDateTime(_start.UtcDateTime);

    /// <summary>The day's auction when blocks make up this share of the wanted GPU-hours, per cent; fewer if all batch jobs do not come to that.</summary>
    public AuctionProblem Auction(int blockShare)
    {
        var wanted = Wanted();
        var left = wanted.Sum(HoursOf) * blockShare / 100;
        var blocks = new HashSet<BidAction>();
        foreach (var job in wanted.Where(bid => !bid.IsOnline).OrderBy(bid => bid.RequestId))
        {
            if (left < HoursOf(job)) continue;
            left -= HoursOf(job);
            blocks.Add(job);
        }

        return new AuctionProblem
        {
            Slots = 24,
            Markets = _markets,
            Offers = [.. Offered().Select((offer, i) => new AuctionOffer
            {
                Id = $"o{i}", Market = _markets.IndexOf(offer.Node.Market), Gpus = offer.Gpus, From = 0, To = 24, Reserve = [offer.Ask.MicrosPerGpuHour],
            })],
            Bids = [.. wanted.Select((bid, i) => BidOf(bid, i, blocks.Contains(bid)))],
        };
    }

    /// <summary>Whose each offer is.</summary>
    public List<string> Sellers() => [.. Offered().Select(offer => offer.Node.Provider.Name)];

    /// <summary>Whose each bid is.</summary>
    public List<string> Buyers() => [.. Wanted().Select(bid => bid.Buyer.Name)];

    AuctionBid BidOf(BidAction bid, int number, bool isBlock)
    {
        var (from, hours) = ((int)(bid.From - _start).TotalHours, (int)(bid.To - bid.From).TotalHours);
        var own = _markets.IndexOf(bid.Market);
        var markets = bid.IsOnline ? [own] : Regions(own);
        var divisible = new AuctionBid
        {
            Id = $"{(isBlock ? "b" : "d")}{number}", Kind = BidKind.Divisible, Markets = markets, Gpus = bid.Gpus, From = from, To = from + hours,
            Limit = bid.Limit.MicrosPerGpuHour,
        };
        return !isBlock ? divisible : divisible with
        {
            Kind = BidKind.Block, Run = hours, To = Math.Min(24, from + hours + SpareHours), Node = bid.Gpus >= 4 ? bid.Gpus : 0,
        };
    }

    /// <summary>The market itself, then the other regions of its class.</summary>
    List<int> Regions(int own)
    {
        string ClassOf(int market) => _markets[market][.._markets[market].LastIndexOf('.')];
        return [own, .. Enumerable.Range(0, _markets.Count).Where(other => other != own && ClassOf(other) == ClassOf(own)).Take(MostMarkets - 1)];
    }

    IEnumerable<OfferAction> Offered() => _plan.Actions.OfType<OfferAction>().Where(offer => offer.From == _start);

    List<BidAction> Wanted() => [.. _plan.Actions.OfType<BidAction>().Where(bid => bid.From >= _start && bid.From < _start.AddDays(1))];

    static long HoursOf(BidAction bid) => bid.Gpus * (long)(bid.To - bid.From).TotalHours;
}
