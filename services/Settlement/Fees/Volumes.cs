using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Fees;

/// <summary>What participants bought and sold: the delivered part of each slot's cost, counted for its buyer and for its seller.</summary>
/// <remarks>It counts when it is metered, by the exchange's clock, so a day's volume is the same whenever it is asked for.</remarks>
internal static class Volumes
{
    /// <summary>The volumes of the 30 days before a UTC day, of those who have one.</summary>
    public static async Task<Dictionary<Guid, long>> VolumesBefore(this SettlementDb db, DateOnly day, CancellationToken cancel)
    {
        var to = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var from = to.AddDays(-TierSchedule.VolumeDays);
        return await db.Database.SqlQuery<Volume>(
            $"""
            SELECT participant_id AS "ParticipantId", sum(trunc(slot.cost_micros::numeric * slot.delivered_gpu_seconds / slot.sold_gpu_seconds))::bigint AS "Micros"
            FROM settlement.lease_slots AS slot
            JOIN settlement.leases AS lease ON lease.lease_id = slot.lease_id
            CROSS JOIN LATERAL (VALUES (lease.buyer_id), (lease.provider_id)) AS side (participant_id)
            WHERE slot.metered_time >= {from} AND slot.metered_time < {to}
            GROUP BY participant_id
            """).ToDictionaryAsync(volume => volume.ParticipantId, volume => volume.Micros, cancel);
    }

    private sealed record Volume(Guid ParticipantId, long Micros);
}
