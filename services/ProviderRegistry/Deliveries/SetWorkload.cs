using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Says what is to run on a lease, or on every lease that a bid buys; one of them is above 0.</summary>
public sealed record SetWorkload(Guid BuyerId, Guid WorkloadId, long LeaseId, long BidId, Workload Workload)
{
    /// <summary>What is asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">Fields are wrong; all of them are named.</exception>
    public static SetWorkload Parse(SetWorkloadRequest request, Guid buyerId)
    {
        var wrong = new List<(string Field, string Description)>();
        if (!Guid.TryParse(request.WorkloadId, out var id) || id == Guid.Empty)
            wrong.Add(("workload_id", request.WorkloadId.Length == 0 ? "is missing: give a UUID." : $"'{request.WorkloadId}' is not a UUID."));
        if (request.LeaseId < 0 || request.BidId < 0 || request.LeaseId > 0 == request.BidId > 0)
            wrong.Add(("lease_id", "or bid_id must be given, and not both: a workload is for a lease, or for all that a bid buys."));
        var workload = request.Workload?.Clone() ?? new Workload();
        wrong.AddRange(WorkloadRules.Wrong(
            workload.Image, workload.Command, workload.Environment, workload.SshPublicKeys, workload.CpuCount, workload.MemoryBytes, workload.DiskBytes));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        workload.WorkloadId = id.ToString();
        return new SetWorkload(buyerId, id, request.LeaseId, request.BidId, workload);
    }
}

/// <summary>Keeps it, and has the nodes told that run it.</summary>
public sealed class SetWorkloadHandler(ProviderRegistryDb db, Secrets secrets, TimeProvider clock)
{
    /// <summary>The workload as kept; a repetition changes nothing.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such lease, nothing can run on it any more, or the id stands for another workload.</exception>
    public async Task<Workload> Handle(SetWorkload command, CancellationToken cancel)
    {
        if (await Earlier(command, cancel) is { } known) return known;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var deliveries = command.LeaseId > 0 ? [await OfLease(command, cancel)] : await OfBid(command, cancel);

        var now = clock.GetUtcNow();
        var shown = command.Workload.Shown();
        db.Workloads.Add(new WorkloadRow
        {
            WorkloadId = command.WorkloadId,
            BuyerId = command.BuyerId,
            LeaseId = command.LeaseId,
            BidId = command.BidId,
            Spec = shown.ToByteArray(),
            Sealed = secrets.SealEnvironment(command.Workload, command.WorkloadId),
            SetTime = now,
        });
        await db.WantAnew(deliveries.Select(delivery => delivery.NodeId), cancel);
        foreach (var id in deliveries.Select(delivery => delivery.DeliveryId).Order())
        {
            if (await db.LockDelivery(id, cancel) is not { EndedTime: null } delivery) continue;
            db.Note(delivery, now, delivery.WorkloadId is null ? "Its buyer said what is to run." : "Its buyer said that something else is to run.");
            delivery.WorkloadId = command.WorkloadId;
        }
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException raced) when (raced.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancel);
            db.ChangeTracker.Clear();
            if (await Earlier(command, cancel) is { } first) return first;
            throw;
        }
        await transaction.CommitAsync(cancel);
        return shown;
    }

    private async Task<Workload?> Earlier(SetWorkload command, CancellationToken cancel)
    {
        var earlier = await db.Workloads.AsNoTracking().SingleOrDefaultAsync(row => row.WorkloadId == command.WorkloadId, cancel);
        if (earlier is null) return null;

        // What was erased cannot be compared: its names can.
        var same = earlier.BuyerId == command.BuyerId && earlier.LeaseId == command.LeaseId && earlier.BidId == command.BidId
            && (earlier.IsErased() ? earlier.Spec().Equals(command.Workload.Shown()) : WorkloadBox.Open(secrets, earlier).Equals(command.Workload));
        return same ? earlier.Spec() : throw Refuse.Exists("WORKLOAD_ID_REUSED", "This workload id was used for another workload: choose a new one.", "workload_id");
    }

    private async Task<DeliveryRow> OfLease(SetWorkload command, CancellationToken cancel)
    {
        var delivery = await OwnDelivery.Find(db, command.LeaseId, command.BuyerId, cancel);
        return delivery.EndedTime is null ? delivery : throw Refuse.Rule("DELIVERY_OVER", $"The delivery of lease {command.LeaseId} is over: nothing runs on it any more.", "lease_id");
    }

    private Task<List<DeliveryRow>> OfBid(SetWorkload command, CancellationToken cancel) => (
        from delivery in db.Deliveries.AsNoTracking()
        where delivery.EndedTime == null && delivery.BuyerId == command.BuyerId
            && db.Leases.Any(lease => lease.DeliveryId == delivery.DeliveryId && lease.BidId == command.BidId && lease.BuyerId == command.BuyerId)
        orderby delivery.NodeId
        select delivery).ToListAsync(cancel);
}
