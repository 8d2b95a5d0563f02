using System.Diagnostics;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Leases;

/// <summary>Asks for leases with their slots, newest first.</summary>
/// <param name="ParticipantId">Only those this participant bought or sold; null: everyone's.</param>
/// <param name="State">Only those that stand there now; null: any.</param>
/// <param name="UnmeteredBefore">Only those with a slot that ended by then and is not metered; null: any.</param>
public sealed record ListLeases(Guid? ParticipantId, LeaseState? State, DateTimeOffset? UnmeteredBefore, int Size, int Skip);

/// <summary>Answers it by the clock: a lease is active from its first second.</summary>
public sealed class ListLeasesHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>The leases of one page, each with where it stands now, and the delivery it belongs to where its node has an agent.</summary>
    public async Task<IReadOnlyList<(LeaseRow Lease, LeaseState State, DeliveryRow? Delivery)>> Handle(ListLeases query, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var leases = db.Leases.AsNoTracking();
        if (query.ParticipantId is { } own) leases = leases.Where(lease => lease.ProviderId == own || lease.BuyerId == own);
        if (query.State is { } state) leases = Standing(leases, state, now);
        if (query.UnmeteredBefore is { } before)
        {
            var ended = before < now ? before : now;

            // What was sold on is metered with the lease that it is a part of, and a node's agent meters by itself: nobody reports it.
            leases = leases.Where(lease => lease.ResoldFromLeaseId == 0 && lease.DeliveryId == 0 && lease.Slots.Any(slot => slot.MeteredTime == null && slot.ToTime <= ended));
        }
        var page = await leases
            .OrderByDescending(lease => lease.LeaseId).Skip(query.Skip).Take(query.Size)
            .Include(lease => lease.Slots.OrderBy(slot => slot.SlotIndex))
            .ToListAsync(cancel);
        var ids = page.Select(lease => lease.DeliveryId).Where(id => id > 0).Distinct().ToArray();
        var deliveries = ids.Length == 0 ? [] : await db.Deliveries.AsNoTracking().Where(row => ids.Contains(row.DeliveryId)).ToDictionaryAsync(row => row.DeliveryId, cancel);
        return [.. page.Select(lease => (lease, LeaseStates.Shown(lease.State, lease.FromTime, now), deliveries.GetValueOrDefault(lease.DeliveryId)))];
    }

    /// <summary>What <see cref="LeaseStates.Shown"/> says, as a question to the database.</summary>
    private static IQueryable<LeaseRow> Standing(IQueryable<LeaseRow> leases, LeaseState state, DateTimeOffset now) => state switch
    {
        LeaseState.Ended or LeaseState.Failed => leases.Where(lease => lease.State == state),
        LeaseState.Scheduled => leases.Where(lease => lease.UnmeteredSlotCount > 0 && lease.FromTime > now),
        LeaseState.Active => leases.Where(lease => lease.UnmeteredSlotCount > 0 && lease.FromTime <= now),
        _ => throw new UnreachableException($"No leases stand at {state}."),
    };
}
