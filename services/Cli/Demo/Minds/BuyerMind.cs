using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>What all buyers do in one exchange minute: new bids as they come, and second thoughts about open ones.</summary>
/// <remarks>
/// Pure: the same cast, minute and view make the same decisions. A buyer who means it bids what the hours are worth to it, or a
/// little above what they last cleared at; more than half only try their luck below. Nobody bids more money than it has free.
/// </remarks>
public sealed class BuyerMind(Cast cast, Weather weather, Pace pace)
{
    /// <summary>GPU-hours wanted by those who mean it, per mille of the GPUs there are, in a mean hour.</summary>
    const int Load = 1_500;

    const int MeantPercent = 45;
    const int MostThoughtsAtOnce = 3;

    static readonly int[] Gpus = [1, 2, 4, 8];
    static readonly int[] GpuWeights = [62, 26, 10, 2];
    static readonly int[] HourWeights = [65, 25, 8, 2];

    /// <summary>Mean GPU-hours of a bid, in thousandths: 1.7 GPUs for 1.72 hours.</summary>
    const int MeanShape = 2_924;

    /// <summary>Open bids from which on second thoughts are as many as the pace allows; of fewer, fewer.</summary>
    const int ManyBids = 40;

    /// <summary>Minutes whose bids a demo begins with.</summary>
    const int OpeningMinutes = 180;

    /// <summary>Bids per minute that come about by themselves, per mille.</summary>
    readonly long _natural = Natural(cast);
    readonly int _size = SizePermille(cast, pace);

    /// <summary>How much larger bids are than usual, per mille, so that fewer of them want as much.</summary>
    public static int SizePermille(Cast cast, Pace pace) => (int)Math.Clamp(Natural(cast) * 1_000 / pace.MostBidsPerMinute, 1_000, 1_000_000);

    /// <summary>Everything that is decided in a minute.</summary>
    public IReadOnlyList<BuyerDecision> Minute(DateTimeOffset minute, BuyersView view)
    {
        var purse = new Dictionary<Guid, Money>(view.Free);
        var decisions = new List<BuyerDecision>();
        SecondThoughts(minute, view, purse, decisions);
        foreach (var market in cast.Markets) Arrivals(minute, $"{Stamp(minute)}", market, weather.Demand(market.Name, minute), view.Prices, purse, decisions);
        return decisions;
    }

    /// <summary>The bids with which a demo begins: what would have come in the last three hours.</summary>
    public IReadOnlyList<BuyerDecision> Opening(DateTimeOffset now, BuyersView view)
    {
        var purse = new Dictionary<Guid, Money>(view.Free);
        var decisions = new List<BuyerDecision>();
        for (var i = 0; i < OpeningMinutes * Pace.Usual / Math.Max(Pace.Usual, pace.Speed); i++)
            foreach (var market in cast.Markets) Arrivals(now, FormattableString.Invariant($"{Stamp(now)} opening {i}"), market, 1_000, view.Prices, purse, decisions);
        return decisions;
    }

    /// <summary>What a bid may cost at most, fee included.</summary>
    public Money CostOf(BidAction bid) => bid.Most + bid.Most.Share(cast.BuyerFeePpm) + new Money(1);

    static long Natural(Cast cast) => (long)(cast.Markets.Sum(market => (long)market.Gpus) * cast.Scale * Load * 1_000 * 100 / (60L * MeantPercent * MeanShape));

    static string Stamp(DateTimeOffset minute) => FormattableString.Invariant($"{minute.UtcTicks / TimeSpan.TicksPerMinute}");

    void Arrivals(DateTimeOffset now, string stamp, CastMarket market, int demand, LastPrices prices, Dictionary<Guid, Money> purse, List<BuyerDecision> decisions)
    {
        var all = Math.Min(_natural, pace.MostBidsPerMinute);
        var expected = (int)Math.Min(all * market.Gpus / cast.Markets.Sum(known => known.Gpus) * demand / 1_000, 1_000_000);

        // Many small chances instead of one: sometimes nobody comes, sometimes three at once.
        var dice = new Dice(cast.Seed, $"arrivals {market.Name} {stamp}");
        var chances = 4 + expected / 1_000 * 4;
        for (var i = 0; i < chances; i++)
        {
            if (dice.Below(1_000 * chances) >= expected) continue;
            var bid = Bid(new Dice(cast.Seed, FormattableString.Invariant($"bid {market.Name} {stamp} {i}")), FormattableString.Invariant($"bid {market.Name} {stamp} {i}"), now, market, prices);
            if (Pays(bid, purse)) decisions.Add(new BuyerDecision(null, bid));
        }
    }

    BidAction Bid(Dice dice, string topic, DateTimeOffset now, CastMarket market, LastPrices prices)
    {
        var buyer = cast.Buyers[dice.Below(cast.Buyers.Count)];
        var isBlock = dice.Percent(25);
        var hours = dice.Weighted(HourWeights) + (isBlock ? 2 : 1);
        var gpus = (int)Math.Min(((long)Gpus[dice.Weighted(GpuWeights)] * _size + dice.Below(1_000)) / 1_000, cast.Terms.BidGpus);
        if (isBlock) gpus = Math.Min(gpus, Math.Max(1, market.Gpus / 3));
        var from = cast.Slots.First(now).AddHours(Lead(dice));
        if (!cast.Slots.IsTradable(from, now)) from = from.AddHours(1);
        var limit = Limit(dice, now, market, buyer, prices.Around(market.Name, from));
        return new BidAction(cast.Ids.Of(topic), buyer.Seat, market.Name, isBlock, !isBlock, Math.Max(1, gpus), from, from.AddHours(hours), limit);
    }

    /// <summary>Most want it now or in the next hours, the others up to thirty hours ahead.</summary>
    static int Lead(Dice dice) => dice.Below(100) switch { < 30 => 0, < 65 => dice.Between(1, 3), < 85 => dice.Between(4, 12), _ => dice.Between(13, 30) };

    Price Limit(Dice dice, DateTimeOffset now, CastMarket market, CastBuyer buyer, Price? last)
    {
        var worth = Worth(market, buyer, now);
        var price = (last ?? market.Ask).MicrosPerGpuHour;
        var isMeant = dice.Percent(MeantPercent);
        var (full, above, below) = (dice.Percent(35), dice.Between(1_015, 1_100), dice.Between(600, 950));
        return cast.OnTick(!isMeant ? Math.Min(worth, price * below / 1_000) : full ? worth : Math.Min(worth, price * above / 1_000));
    }

    long Worth(CastMarket market, CastBuyer buyer, DateTimeOffset now) =>
        market.Worth.MicrosPerGpuHour * buyer.Boldness / 1_000 * weather.Mood(market.Name, now) / 1_000;

    /// <summary>Now and then somebody looks at an open bid again: gives it up, or raises it a little towards what it would pay.</summary>
    void SecondThoughts(DateTimeOffset minute, BuyersView view, Dictionary<Guid, Money> purse, List<BuyerDecision> decisions)
    {
        var left = MostThoughtsAtOnce;
        foreach (var bid in view.Bids)
        {
            var dice = new Dice(cast.Seed, FormattableString.Invariant($"thought {bid.Id} {Stamp(minute)}"));
            if (left == 0 || dice.Below(1_000 * Math.Max(ManyBids, view.Bids.Count)) >= pace.MostSecondThoughtsPerMinute) continue;
            if (cast.Buyers.FirstOrDefault(known => known.Seat.Id == bid.Buyer) is not { } buyer || cast.Markets.FirstOrDefault(known => known.Name == bid.Market) is not { } market) continue;
            left--;
            var old = new TakeBack(cast.Ids.Of(FormattableString.Invariant($"take back bid {bid.Id}")), buyer.Seat, bid.Id);
            var better = dice.Percent(25) ? null : Raised(dice, minute, bid, buyer, market);
            if (better is not null && !Pays(better, purse)) continue;
            decisions.Add(new BuyerDecision(old, better));
        }
    }

    /// <summary>The same wish for more money and, where its time has come, later; null where it is not worth more.</summary>
    BidAction? Raised(Dice dice, DateTimeOffset minute, OpenBid bid, CastBuyer buyer, CastMarket market)
    {
        var limit = cast.OnTick(Math.Min(Worth(market, buyer, minute), bid.Limit.MicrosPerGpuHour * dice.Between(1_015, 1_080) / 1_000));
        if (limit <= bid.Limit) return null;
        var first = cast.Slots.First(minute);
        var from = bid.From > first ? bid.From : first;
        if (!cast.Slots.IsTradable(from, minute)) from = from.AddHours(1);
        var to = bid.IsBlock ? from + (bid.To - bid.From) : bid.To;
        if (to <= from) to = from.AddHours(1);
        return new BidAction(cast.Ids.Of(FormattableString.Invariant($"raise {bid.Id}")), buyer.Seat, bid.Market, bid.IsBlock, !bid.IsBlock, bid.Gpus, from, to, limit);
    }

    bool Pays(BidAction bid, Dictionary<Guid, Money> purse)
    {
        var cost = CostOf(bid);
        if (purse.GetValueOrDefault(bid.Buyer.Id, Money.Zero) < cost) return false;
        purse[bid.Buyer.Id] -= cost;
        return true;
    }
}
