using System.Globalization;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Settlement.Fees;

/// <summary>Fee schedules and rates of tax as two operators set them.</summary>
public sealed class FeeRules(SettlementDb db, MoveTiers tiers)
{
    /// <summary>Takes a schedule into force, in the place of one that begins on the same day; what has begun is asked of the engine at once.</summary>
    /// <param name="approved">One that nothing was wrong with.</param>
    /// <param name="at">When it was approved, by the exchange's clock.</param>
    public async Task Set(FeeSchedule approved, DateTimeOffset at, CancellationToken cancel)
    {
        var schedule = new TierSchedule(Day(approved.FromDay), [.. approved.Tiers.Select(tier => new Tier(tier.FromVolumeMicros, tier.BuyerPpm, tier.SellerPpm))]);
        if (await db.FeeSchedules.FindAsync([schedule.FromDay], cancel) is { } row) row.Tiers = schedule.ToJson();
        else db.FeeSchedules.Add(new FeeScheduleRow { FromDay = schedule.FromDay, Tiers = schedule.ToJson() });
        if (schedule.FromDay <= DateOnly.FromDateTime(at.UtcDateTime)) await tiers.Move(schedule, at, cancel);
    }

    /// <summary>Takes a rate of tax into force, in the place of one that begins on the same day; what was metered before is not taxed again.</summary>
    /// <param name="approved">One that nothing was wrong with.</param>
    public async Task Set(TaxRate approved, CancellationToken cancel)
    {
        var day = Day(approved.FromDay);
        if (await db.TaxRates.FindAsync([approved.TaxCode, day], cancel) is { } row) row.RatePpm = approved.RatePpm;
        else db.TaxRates.Add(new TaxRateRow { TaxCode = approved.TaxCode, FromDay = day, RatePpm = approved.RatePpm });
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
