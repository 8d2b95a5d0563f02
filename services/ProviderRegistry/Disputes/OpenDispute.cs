using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.ProviderRegistry.Disputes;

/// <summary>The buyer of a lease disputes what counted as delivered in one of its slots.</summary>
public sealed record OpenDispute(Guid BuyerId, Guid DisputeId, long LeaseId, int SlotIndex, DisputeKind Kind, string Statement, long ClaimedGpuSeconds)
{
    /// <summary>What is asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">Fields are wrong; all of them are named.</exception>
    public static OpenDispute Parse(OpenDisputeRequest request, Guid buyerId)
    {
        var wrong = new List<(string Field, string Description)>();
        if (!Guid.TryParse(request.DisputeId, out var id) || id == Guid.Empty)
            wrong.Add(("dispute_id", request.DisputeId.Length == 0 ? "is missing: give a UUID." : $"'{request.DisputeId}' is not a UUID."));
        if (request.Kind == DisputeKind.Unspecified || !System.Enum.IsDefined(request.Kind)) wrong.Add(("kind", "is missing: say what it is about."));
        if (DisputeRules.WrongText(request.Statement) is { } text) wrong.Add(("statement", text));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new OpenDispute(buyerId, id, request.LeaseId, request.SlotIndex, request.Kind, request.Statement, request.ClaimedGpuSeconds);
    }
}

/// <summary>Keeps it, asks for a re-test of the node, and tells its provider.</summary>
public sealed class OpenDisputeHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>The dispute; a repetition returns the first.</summary>
    /// <exception cref="Grpc.Core.RpcException">The slot cannot be disputed, or not any more.</exception>
    public async Task<Dispute> Handle(OpenDispute command, CancellationToken cancel)
    {
        if (await Earlier(command, cancel) is { } known) return known;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var lease = await db.Leases.AsNoTracking().Include(row => row.Slots).SingleOrDefaultAsync(row => row.LeaseId == command.LeaseId && row.BuyerId == command.BuyerId, cancel)
            ?? throw Refuse.NotFound($"You have bought no lease {command.LeaseId}.");
        var slot = lease.Slots.SingleOrDefault(one => one.SlotIndex == command.SlotIndex)
            ?? throw Refuse.Field("slot_index", $"is {command.SlotIndex}; this lease's slots are 0 to {lease.Slots.Count - 1}.");
        var now = clock.GetUtcNow();
        if (DisputeRules.Judge(slot.ToTime, slot.DeliveredGpuSeconds, command.ClaimedGpuSeconds, now) is { } refusal) throw Refusal(refusal, slot);

        var node = await db.Nodes.AsNoTracking().SingleOrDefaultAsync(row => row.NodeId == lease.NodeId, cancel);
        var agent = await db.LockAgent(lease.NodeId, cancel);
        var dispute = new DisputeRow
        {
            DisputeId = command.DisputeId,
            LeaseId = lease.LeaseId,
            SlotIndex = slot.SlotIndex,
            BuyerId = command.BuyerId,
            ProviderId = node?.ProviderId ?? lease.ProviderId,
            Kind = command.Kind,
            Statement = command.Statement,
            ClaimedGpuSeconds = command.ClaimedGpuSeconds,
            OpenedTime = now,
            State = DisputeState.Open,
        };
        if (agent is { Standing: not NodeStanding.Retired })
        {
            dispute.TestId = db.Ask(agent.NodeId, "dispute", now).TestId;
            await db.WantAnew([agent.NodeId], cancel);
        }
        db.Disputes.Add(dispute);
        if (agent is not null) db.Note(agent.NodeId, now, "dispute", command.BuyerId.ToString(), $"Slot {slot.SlotIndex} of lease {lease.LeaseId} is disputed.");
        await db.Announce(dispute.ProviderId, "dispute.opened", DisputeWords.Told(dispute), now, cancel);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException raced) when (raced.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancel);
            db.ChangeTracker.Clear();
            if (await Earlier(command, cancel) is { } first) return first;
            throw Refuse.Exists("ALREADY_DISPUTED", "This slot is disputed already: a slot is disputed once.", "slot_index");
        }
        await transaction.CommitAsync(cancel);
        return (await db.Tell([dispute], cancel))[0];
    }

    private async Task<Dispute?> Earlier(OpenDispute command, CancellationToken cancel)
    {
        var earlier = await db.Disputes.AsNoTracking().SingleOrDefaultAsync(row => row.DisputeId == command.DisputeId, cancel);
        if (earlier is null) return null;
        var same = command == new OpenDispute(
            earlier.BuyerId, earlier.DisputeId, earlier.LeaseId, earlier.SlotIndex, earlier.Kind, earlier.Statement, earlier.ClaimedGpuSeconds);
        return same ? (await db.Tell([earlier], cancel))[0]
            : throw Refuse.Exists("DISPUTE_ID_REUSED", "This dispute id was used for another dispute: choose a new one.", "dispute_id");
    }

    private static Grpc.Core.RpcException Refusal(DisputeRefusal reason, LeaseSlotRow slot) => reason switch
    {
        DisputeRefusal.NotMetered => Refuse.Rule("SLOT_NOT_METERED", $"What was delivered from {slot.FromTime:yyyy-MM-dd HH:mm} UTC is not known yet: wait until it is metered.", "slot_index"),
        DisputeRefusal.TooLate => Refuse.Rule("DISPUTE_TOO_LATE", $"The slot ended at {slot.ToTime:yyyy-MM-dd HH:mm} UTC: it could be disputed for {DisputeRules.Window.TotalHours:0} hours.", "slot_index"),
        DisputeRefusal.NothingDelivered => Refuse.Rule("NOTHING_DELIVERED", "Nothing of this slot counted as delivered, and nothing was paid for it.", "slot_index"),
        _ => Refuse.Field("claimed_gpu_seconds", $"can be 0 to {slot.DeliveredGpuSeconds - 1}: less than what counted."),
    };
}
