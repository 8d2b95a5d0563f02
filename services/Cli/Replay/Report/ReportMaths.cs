using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>One class of GPU over the whole replay.</summary>
/// <param name="Name">The class.</param>
/// <param name="OfferedGpuMinutes">In offers that were accepted.</param>
/// <param name="SoldGpuMinutes">In leases.</param>
/// <param name="DeliveredGpuMinutes">As metered.</param>
/// <param name="Lowest">The lowest mean price of an hour of one of its markets; null when nothing was sold.</param>
/// <param name="Mean">The mean, weighted by what was sold; rounded half to even.</param>
/// <param name="Highest">The highest mean price of an hour.</param>
/// <param name="ByHourOfDay">The weighted mean of each UTC hour of the day over all days and regions; null where nothing was sold.</param>
/// <param name="Revenue">What a GPU earns in an hour with the model's tokens, on the first day.</param>
public sealed record ClassLine(
    string Name, long OfferedGpuMinutes, long SoldGpuMinutes, long DeliveredGpuMinutes,
    Price? Lowest, Price? Mean, Price? Highest, IReadOnlyList<Price?> ByHourOfDay, Price Revenue)
{
    /// <summary>Sold of offered, parts per million.</summary>
    public long UtilisationPpm => ReportMaths.Ppm(SoldGpuMinutes, OfferedGpuMinutes);
}

/// <summary>What buyers paid, beside what the same hours would have cost at posted prices.</summary>
/// <param name="Paid">For all leases, fees apart.</param>
/// <param name="AtTheirAsks">The same GPU-hours at the posted asks of the very machines that served them.</param>
/// <param name="AtMeanAsks">The same GPU-hours at the mean posted ask of their market on that day, weighted by GPUs.</param>
public sealed record Saving(Money Paid, Money AtTheirAsks, Money AtMeanAsks)
{
    /// <summary>Saved of the machines' own asks, parts per million; negative where scarcity cost more than the asks.</summary>
    public long OfTheirAsksPpm => ReportMaths.Ppm(AtTheirAsks.Micros - Paid.Micros, AtTheirAsks.Micros);

    /// <summary>Saved of the mean asks, parts per million.</summary>
    public long OfMeanAsksPpm => ReportMaths.Ppm(AtMeanAsks.Micros - Paid.Micros, AtMeanAsks.Micros);
}

/// <summary>Hours of markets, by how their price came about.</summary>
/// <param name="Traded">Hours in which something was sold.</param>
/// <param name="AboveReserve">Of these, hours whose last price lay above the ask of every machine sold in them: buyers set it.</param>
/// <param name="SoldOut">Of these, hours in which every GPU offered was sold.</param>
public sealed record HourCounts(int Traded, int AboveReserve, int SoldOut);

/// <summary>The arithmetic of a replay's report, on the plan and what was found.</summary>
public static class ReportMaths
{
    /// <summary>A part of a whole, parts per million, rounded towards zero; 0 of nothing.</summary>
    public static long Ppm(long part, long whole) => whole == 0 ? 0 : (long)((Int128)part * 1_000_000 / whole);

    /// <summary>The mean of prices, weighted; rounded half to even. Null of nothing.</summary>
    public static Price? Mean(IEnumerable<(Price Price, long Weight)> prices)
    {
        Int128 sum = 0;
        long weight = 0;
        foreach (var (price, share) in prices)
        {
            sum += (Int128)price.MicrosPerGpuHour * share;
            weight += share;
        }
        if (weight == 0) return null;
        var (whole, rest) = Int128.DivRem(sum, weight);
        if (rest * 2 > weight || (rest * 2 == weight && !Int128.IsEvenInteger(whole))) whole++;
        return new Price((long)whole);
    }

    /// <summary>Each class, by name.</summary>
    public static List<ClassLine> Classes(ReplayPlan plan, Findings found, IReadOnlySet<Guid> acceptedOffers)
    {
        var offered = plan.Actions.OfType<OfferAction>().Where(offer => acceptedOffers.Contains(offer.RequestId)).ToLookup(offer => offer.Node.ClassName);
        var leases = found.Leases.ToLookup(lease => ClassOf(lease.Market));
        var prices = found.Prices.Where(price => price.GpuMinutes > 0).ToLookup(price => ClassOf(price.Market));
        return [.. plan.Served.Select(served =>
        {
            var hours = prices[served.Name].ToList();
            return new ClassLine(
                served.Name,
                offered[served.Name].Sum(offer => offer.Gpus * (long)(offer.To - offer.From).TotalMinutes),
                leases[served.Name].Sum(lease => lease.Hours.Sum(hour => hour.Sold)) / 60,
                leases[served.Name].Sum(lease => lease.Hours.Sum(hour => hour.Delivered)) / 60,
                hours.Count == 0 ? null : hours.Min(hour => hour.Mean),
                Mean(hours.Select(hour => (hour.Mean, hour.GpuMinutes))),
                hours.Count == 0 ? null : hours.Max(hour => hour.Mean),
                [.. Enumerable.Range(0, 24).Select(hour => Mean(hours.Where(price => price.Slot.UtcDateTime.Hour == hour).Select(price => (price.Mean, price.GpuMinutes))))],
                served.RevenueByDay[0]);
        })];
    }

    /// <summary>What was paid, beside posted prices.</summary>
    public static Saving Savings(ReplayPlan plan, Findings found)
    {
        var asks = Asks(plan);
        var means = plan.Actions.OfType<OfferAction>().GroupBy(offer => (offer.Node.Market, offer.From))
            .ToDictionary(group => group.Key, group => Mean(group.Select(offer => (offer.Ask, (long)offer.Gpus)))!.Value);
        var (paid, atTheirs, atMeans) = (Money.Zero, Money.Zero, Money.Zero);
        foreach (var lease in found.Leases)
        {
            paid += lease.Cost;
            foreach (var hour in lease.Hours)
            {
                var day = DayOf(plan, hour.Slot);
                if (!asks.TryGetValue((lease.Node, day), out var ask)) continue;
                atTheirs += ask.CostOf(hour.Sold / 60);
                atMeans += means[(lease.Market, day)].CostOf(hour.Sold / 60);
            }
        }
        return new Saving(paid, atTheirs, atMeans);
    }

    /// <summary>How many hours were scarce.</summary>
    public static HourCounts Hours(ReplayPlan plan, Findings found)
    {
        var asks = Asks(plan);
        var dearest = new Dictionary<(string, DateTimeOffset), Price>();
        foreach (var lease in found.Leases)
        {
            foreach (var hour in lease.Hours)
            {
                if (!asks.TryGetValue((lease.Node, DayOf(plan, hour.Slot)), out var ask)) continue;
                var key = (lease.Market, hour.Slot);
                if (!dearest.TryGetValue(key, out var known) || ask > known) dearest[key] = ask;
            }
        }
        var offered = plan.Actions.OfType<OfferAction>().GroupBy(offer => (offer.Node.Market, offer.From))
            .ToDictionary(group => group.Key, group => group.Sum(offer => offer.Gpus));
        var traded = found.Prices.Where(price => price.GpuMinutes > 0).ToList();
        return new HourCounts(
            traded.Count,
            traded.Count(price => dearest.TryGetValue((price.Market, price.Slot), out var ask) && price.Last > ask),
            traded.Count(price => offered.TryGetValue((price.Market, DayOf(plan, price.Slot)), out var gpus) && price.GpuMinutes >= gpus * 60L));
    }

    /// <summary>The class in a market's name.</summary>
    public static string ClassOf(string market) => market.LastIndexOf('.') is > 0 and var dot ? market[..dot] : market;

    static Dictionary<(Guid Node, DateTimeOffset Day), Price> Asks(ReplayPlan plan) =>
        plan.Actions.OfType<OfferAction>().ToDictionary(offer => (offer.Node.Id, offer.From), offer => offer.Ask);

    static DateTimeOffset DayOf(ReplayPlan plan, DateTimeOffset slot) => plan.Start.AddDays((slot - plan.Start).Days);
}
