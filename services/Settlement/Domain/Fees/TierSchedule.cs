namespace ComputeExchange.Settlement.Domain.Fees;

/// <summary>One tier: the rates from a volume of the last 30 days on.</summary>
/// <param name="FromVolumeMicros">What was bought and sold, at its price, at the least.</param>
/// <param name="BuyerPpm">The buyer's fee in parts per million of the cost.</param>
/// <param name="SellerPpm">The seller's fee in parts per million of the proceeds.</param>
public sealed record Tier(long FromVolumeMicros, int BuyerPpm, int SellerPpm);

/// <summary>Fees by volume from a UTC day on: the tiers by rising volume, the first from 0.</summary>
public sealed record TierSchedule(DateOnly FromDay, IReadOnlyList<Tier> Tiers)
{
    /// <summary>How many days count for a volume.</summary>
    public const int VolumeDays = 30;

    /// <summary>The most tiers there can be.</summary>
    public const int MostTiers = 20;

    private const int HighestPpm = 100_000;

    /// <summary>The tier of a volume: the highest that it reaches.</summary>
    public Tier Of(long volumeMicros) => Tiers.Last(tier => tier.FromVolumeMicros <= volumeMicros);

    /// <summary>What the next tier asks beyond a volume; 0 when there is none.</summary>
    public long ToNext(long volumeMicros) =>
        Tiers.FirstOrDefault(tier => tier.FromVolumeMicros > volumeMicros) is { } next ? next.FromVolumeMicros - volumeMicros : 0;

    /// <summary>What is wrong with it on a day, field by field, and what would be right.</summary>
    public IReadOnlyList<(string Field, string Message)> Wrong(DateOnly today)
    {
        var wrong = new List<(string, string)>();
        if (FromDay < today) wrong.Add(("from_day", $"is {FromDay:yyyy-MM-dd}, which is past; it can be {today:yyyy-MM-dd} or later."));
        if (Tiers.Count is < 1 or > MostTiers) wrong.Add(("tiers", $"are {Tiers.Count}; there can be 1 to {MostTiers}."));
        for (var i = 0; i < Tiers.Count; i++)
        {
            var (tier, field) = (Tiers[i], $"tiers[{i}]");
            if (i == 0 && tier.FromVolumeMicros != 0) wrong.Add(($"{field}.from_volume_micros", $"is {tier.FromVolumeMicros}; the first tier begins at 0."));
            if (i > 0 && tier.FromVolumeMicros <= Tiers[i - 1].FromVolumeMicros)
                wrong.Add(($"{field}.from_volume_micros", $"is {tier.FromVolumeMicros}; it must be above that of the tier before, {Tiers[i - 1].FromVolumeMicros}."));
            if (tier.BuyerPpm is < 0 or > HighestPpm) wrong.Add(($"{field}.buyer_ppm", $"is {tier.BuyerPpm}; it can be 0 to {HighestPpm}."));
            if (tier.SellerPpm is < 0 or > HighestPpm) wrong.Add(($"{field}.seller_ppm", $"is {tier.SellerPpm}; it can be 0 to {HighestPpm}."));
        }
        return wrong;
    }
}
