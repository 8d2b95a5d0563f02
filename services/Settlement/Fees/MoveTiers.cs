using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Fees;

/// <summary>Gives every participant the rates that its volume of the last 30 days earns: once a day, for the whole day.</summary>
/// <remarks>The engine is asked only where the rates are others than before. Before the first schedule the market's hold for everyone.</remarks>
public sealed class MoveTiers(SettlementDb db) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var day = DateOnly.FromDateTime(due.UtcDateTime);
        if (await db.ScheduleOn(day, cancel) is { } schedule) await Move(schedule, due, cancel);
    }

    /// <summary>Does it by a schedule, for the day of a moment.</summary>
    public async Task Move(TierSchedule schedule, DateTimeOffset at, CancellationToken cancel)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var volumes = await db.VolumesBefore(day, cancel);
        var known = await db.ParticipantFees.ToDictionaryAsync(fees => fees.ParticipantId, cancel);
        var traders = await db.Accounts.AsNoTracking().Where(account => account.Kind == AccountKinds.Collateral && account.OwnerId != null)
            .OrderBy(account => account.OwnerId).Select(account => account.OwnerId!.Value).ToListAsync(cancel);
        foreach (var participant in traders)
        {
            var volume = volumes.GetValueOrDefault(participant);
            var tier = schedule.Of(volume);
            var fees = known.GetValueOrDefault(participant);
            if ((fees?.BuyerPpm, fees?.SellerPpm) != (tier.BuyerPpm, tier.SellerPpm)) db.Command(FeeAsks.Set(participant, tier, at));
            if (fees is null) db.ParticipantFees.Add(fees = new ParticipantFeesRow { ParticipantId = participant });
            (fees.BuyerPpm, fees.SellerPpm, fees.VolumeMicros, fees.Day) = (tier.BuyerPpm, tier.SellerPpm, volume, day);
        }
    }
}
