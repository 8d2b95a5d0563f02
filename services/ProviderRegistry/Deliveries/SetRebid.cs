using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Says up to which price what fails of a lease, or of what a bid buys, is bid for again; 0: it is not.</summary>
public sealed record SetRebid(Guid BuyerId, long LeaseId, long BidId, long LimitMicrosPerGpuHour)
{
    private const long LimitMax = 1_000_000_000;

    /// <summary>What is asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">Fields are wrong; all of them are named.</exception>
    public static SetRebid Parse(SetRebidRequest request, Guid buyerId)
    {
        var wrong = new List<(string Field, string Description)>();
        if (request.LeaseId < 0 || request.BidId < 0 || request.LeaseId > 0 == request.BidId > 0)
            wrong.Add(("lease_id", "or bid_id must be given, and not both."));
        if (request.Enabled && request.LimitMicrosPerGpuHour is < 1 or > LimitMax)
            wrong.Add(("limit_micros_per_gpu_hour", $"is {request.LimitMicrosPerGpuHour}; it can be 1 to {LimitMax}."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new SetRebid(buyerId, request.LeaseId, request.BidId, request.Enabled ? request.LimitMicrosPerGpuHour : 0);
    }
}

/// <summary>Keeps it with the delivery, or with the bid for all that it will buy.</summary>
public sealed class SetRebidHandler(ProviderRegistryDb db)
{
    /// <summary>Sets it; what failed already is not bid for any more.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such lease of the buyer's, its delivery is over, or the bid is another's.</exception>
    public async Task Handle(SetRebid command, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (command.LeaseId > 0)
        {
            var held = await OwnDelivery.HoldBought(db, command.LeaseId, command.BuyerId, cancel);
            held.Delivery.RebidLimitMicrosPerGpuHour = command.LimitMicrosPerGpuHour;
        }
        else
        {
            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO provider_registry.bid_notes (bid_id, buyer_id, extends_lease_id, replaces_lease_id, rebid_limit_micros_per_gpu_hour)
                VALUES ({command.BidId}, {command.BuyerId}, 0, 0, {command.LimitMicrosPerGpuHour})
                ON CONFLICT (bid_id) DO UPDATE SET rebid_limit_micros_per_gpu_hour = excluded.rebid_limit_micros_per_gpu_hour
                    WHERE bid_notes.buyer_id = excluded.buyer_id
                """, cancel);
            var owner = await db.BidNotes.AsNoTracking().Where(note => note.BidId == command.BidId).Select(note => note.BuyerId).SingleAsync(cancel);
            if (owner != command.BuyerId) throw Refuse.NotFound($"You have no bid {command.BidId}.");
            await db.Deliveries
                .Where(delivery => delivery.EndedTime == null && delivery.BuyerId == command.BuyerId
                    && db.Leases.Any(lease => lease.DeliveryId == delivery.DeliveryId && lease.BidId == command.BidId))
                .ExecuteUpdateAsync(row => row.SetProperty(delivery => delivery.RebidLimitMicrosPerGpuHour, command.LimitMicrosPerGpuHour), cancel);
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }
}
