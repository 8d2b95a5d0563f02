using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>Who gets money from the operator: buyers who run low, so that a demo can go on for days, and providers without a bond for what they own.</summary>
public sealed class Cashier(Cast cast, Pace pace)
{
    readonly Money _purse = Purse(cast, pace);
    readonly Dictionary<Guid, Money> _bonds = cast.Nodes.GroupBy(node => node.Node.Provider.Id).ToDictionary(nodes => nodes.Key, Bond);

    /// <summary>The deposits that are due, given what everybody may still spend.</summary>
    /// <remarks>One request id for all of ten minutes: what is on its way is not sent again.</remarks>
    public IReadOnlyList<TopUp> Due(IReadOnlyDictionary<Guid, Money> free, DateTimeOffset now)
    {
        var due = new List<TopUp>();
        foreach (var seat in cast.Seats)
        {
            var amount = seat.IsProvider ? _bonds[seat.Id] : _purse;
            var left = free.GetValueOrDefault(seat.Id, Money.Zero);
            if (left.Micros >= amount.Micros / 3) continue;
            due.Add(new TopUp(cast.Ids.Of(FormattableString.Invariant($"top up {seat.Name} {amount.Micros} {now.UtcTicks / (10 * TimeSpan.TicksPerMinute)}")), seat, amount));
        }
        return due;
    }

    /// <summary>Two hundred GPU-hours of the dearest market, more where bids are larger.</summary>
    static Money Purse(Cast cast, Pace pace) =>
        new(cast.Markets.Max(market => market.Worth.MicrosPerGpuHour) * 200 * Math.Max(1, BuyerMind.SizePermille(cast, pace) / 1_000));

    /// <summary>Half the ask for all of a provider's GPUs over the hours that it offers: more than any bond.</summary>
    static Money Bond(IEnumerable<CastNode> nodes) =>
        new(nodes.Sum(node => Math.Max(node.Ask.MicrosPerGpuHour / 2, Money.MicrosPerDollar / 10) * node.Node.Gpus * ProviderMind.HoursAhead));
}
