using System.Diagnostics;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Has the engine journal a command, and answers after it is committed.</summary>
public delegate Task<SubmitResponse> Submit(SubmitRequest request, CancellationToken cancel);

/// <summary>Bids for the hours after a lease on the same node.</summary>
public sealed record ExtendLease(Guid BuyerId, Guid RequestId, long LeaseId, int SlotCount, long LimitMicrosPerGpuHour)
{
    /// <summary>How many slots a lease can be extended by at once.</summary>
    public const int SlotCountMax = 72;

    /// <summary>What is asked for.</summary>
    /// <exception cref="RpcException">Fields are wrong; all of them are named.</exception>
    public static ExtendLease Parse(ExtendLeaseRequest request, Guid buyerId)
    {
        var wrong = new List<(string Field, string Description)>();
        if (!Guid.TryParse(request.RequestId, out var id) || id == Guid.Empty)
            wrong.Add(("request_id", request.RequestId.Length == 0 ? "is missing: give a UUID." : $"'{request.RequestId}' is not a UUID."));
        if (request.SlotCount is < 1 or > SlotCountMax) wrong.Add(("slot_count", $"is {request.SlotCount}; it can be 1 to {SlotCountMax}."));
        if (request.LimitMicrosPerGpuHour < 1) wrong.Add(("limit_micros_per_gpu_hour", $"is {request.LimitMicrosPerGpuHour}; it can be 1 or more."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new ExtendLease(buyerId, id, request.LeaseId, request.SlotCount, request.LimitMicrosPerGpuHour);
    }
}

/// <summary>Asks the engine for a block of just that node, from the lease's end on.</summary>
public sealed class ExtendLeaseHandler(ProviderRegistryDb db, Submit submit, TimeProvider clock)
{
    private static readonly TimeSpan StandardSlot = TimeSpan.FromHours(1);

    /// <summary>The bid, or why the engine would not take it.</summary>
    /// <exception cref="RpcException">There is no such delivery, it is over or will be interrupted, or the lease is not its last; or the engine is away.</exception>
    public async Task<ExtendLeaseResponse> Handle(ExtendLease command, CancellationToken cancel)
    {
        var delivery = await OwnDelivery.Find(db, command.LeaseId, command.BuyerId, cancel);
        var lease = await db.Leases.AsNoTracking().Include(row => row.Slots).SingleAsync(row => row.LeaseId == command.LeaseId, cancel);
        if (lease.ResoldFromLeaseId > 0)
            throw Refuse.Rule("PART_OF_ANOTHER", "It is a part of another's lease, on whose GPUs nothing can be bought after it: bid in the market.", "lease_id");
        if (lease.ToTime != delivery.ToTime)
            throw Refuse.Rule("NOT_THE_LAST", $"The delivery goes on until {delivery.ToTime:yyyy-MM-dd HH:mm:ss} UTC with another lease: extend that.", "lease_id");
        if (delivery.EndedTime is not null || delivery.Phase == DeliveryPhase.Failed || lease.ToTime <= clock.GetUtcNow())
            throw Refuse.Rule("DELIVERY_OVER", $"The delivery of lease {command.LeaseId} is over.", "lease_id");
        if (delivery.InterruptTime is { } interrupted && delivery.InterruptReason != DeliveryCloseReason.Outbid)
            throw Refuse.Rule("INTERRUPTED", $"The delivery is interrupted at {interrupted:yyyy-MM-dd HH:mm:ss} UTC: {DeliveryRules.Sentence(delivery.InterruptReason)}", "lease_id");

        var slot = lease.Slots.Count > 1 ? new TimeSpan(lease.Slots.Max(one => (one.ToTime - one.FromTime).Ticks)) : StandardSlot;
        var answer = await Ask(command, new PlaceBid
        {
            BuyerId = command.BuyerId.ToString(),
            Kind = BidKind.Block,
            Markets = { lease.Market },
            GpuCount = lease.GpuCount,
            FromTime = lease.ToTime.ToTimestamp(),
            ToTime = (lease.ToTime + (command.SlotCount * slot)).ToTimestamp(),
            RunSlotCount = command.SlotCount,
            LimitMicrosPerGpuHour = command.LimitMicrosPerGpuHour,
            NodeGpuCount = lease.GpuCount,
            Needs = new NodeNeeds { NodeIds = { lease.NodeId.ToString() } },
            ExtendsLeaseId = lease.LeaseId,
        }, cancel);
        return answer.Events.Select(happened => happened.CommandRefused).FirstOrDefault(refused => refused is not null) is { } refusal
            ? new ExtendLeaseResponse { Refusal = refusal.Field.Length > 0 ? $"{refusal.Field}: {refusal.Message}" : refusal.Message }
            : new ExtendLeaseResponse
            {
                Accepted = true,
                BidId = answer.Events.Select(happened => happened.BidPlaced).First(placed => placed is not null).BidId,
            };
    }

    private async Task<SubmitResponse> Ask(ExtendLease command, PlaceBid bid, CancellationToken cancel)
    {
        var id = DerivedId.Of($"extend {command.BuyerId} {command.RequestId}");
        try
        {
            return await submit(new SubmitRequest { CommandId = id.ToString(), Command = new EngineCommand { PlaceBid = bid } }, cancel);
        }
        catch (RpcException failed) when (failed.StatusCode == StatusCode.AlreadyExists)
        {
            throw Refuse.Exists("REQUEST_ID_REUSED", "This request id was used for another request; choose a new UUID for each request.", "request_id");
        }
        catch (RpcException failed) when (Patience.IsPassing(failed) || failed.StatusCode == StatusCode.ResourceExhausted)
        {
            throw new RpcException(new Status(
                StatusCode.Unavailable, "The matching engine did not answer; ask again with the same request id to learn what became of it."));
        }
        catch (RpcException failed)
        {
            // Between the services, and not the caller's doing.
            throw new UnreachableException($"The engine did not take a bid: {failed.Status}", failed);
        }
    }
}
