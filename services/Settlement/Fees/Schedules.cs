using System.Text.Json;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Fees;

/// <summary>The fee schedules as the table and the contracts hold them.</summary>
internal static class Schedules
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The schedule that holds on a day; null before the first.</summary>
    public static async Task<TierSchedule?> ScheduleOn(this SettlementDb db, DateOnly day, CancellationToken cancel) =>
        await db.FeeSchedules.AsNoTracking().Where(row => row.FromDay <= day).OrderByDescending(row => row.FromDay).FirstOrDefaultAsync(cancel) is { } row
            ? new TierSchedule(row.FromDay, JsonSerializer.Deserialize<List<Tier>>(row.Tiers, Snake)!)
            : null;

    /// <summary>The tiers as the table holds them.</summary>
    public static string ToJson(this TierSchedule schedule) => JsonSerializer.Serialize(schedule.Tiers, Snake);

    /// <summary>The schedule as the contracts say it.</summary>
    public static FeeSchedule ToProto(this TierSchedule schedule) => new()
    {
        FromDay = schedule.FromDay.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        Tiers = { schedule.Tiers.Select(tier => new FeeTier { FromVolumeMicros = tier.FromVolumeMicros, BuyerPpm = tier.BuyerPpm, SellerPpm = tier.SellerPpm }) },
    };
}
