using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Disputes;

/// <summary>The provider's answer to a dispute.</summary>
public sealed record AnswerDispute(Guid ProviderId, Guid DisputeId, string Answer);

/// <summary>What an operator proposes was delivered, and why.</summary>
public sealed record ProposeDecision(Guid OperatorId, Guid DisputeId, long DeliveredGpuSeconds, string Reason);

/// <summary>Another operator says the same figure.</summary>
public sealed record ApproveDecision(Guid OperatorId, Guid DisputeId, long DeliveredGpuSeconds);

/// <summary>Takes a dispute from its answer to its decision, which two operators make; the meter is corrected by it, and the money follows.</summary>
public sealed class DecideDisputeHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>Keeps what the provider says, once.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such dispute of the provider's, it was answered otherwise, or it is decided.</exception>
    public Task<Dispute> Handle(AnswerDispute command, CancellationToken cancel) => InTransaction(command.DisputeId, dispute =>
    {
        if (dispute.ProviderId != command.ProviderId) throw None(command.DisputeId);
        if (dispute.Answer == command.Answer) return Task.CompletedTask;
        if (dispute.Answer.Length > 0) throw Refuse.Exists("ALREADY_ANSWERED", "You have answered this dispute, and that stands.", "answer");
        if (dispute.State == DisputeState.Decided) throw Decided(dispute);
        dispute.Answer = command.Answer;
        return Task.CompletedTask;
    }, cancel);

    /// <summary>Proposes a figure; a later proposal takes the place of an earlier one until one is approved.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such dispute, the figure is out of range, or it is decided.</exception>
    public Task<Dispute> Handle(ProposeDecision command, CancellationToken cancel) => InTransaction(command.DisputeId, async dispute =>
    {
        if (dispute.State == DisputeState.Decided) throw Decided(dispute);
        var slot = await db.LeaseSlots.AsNoTracking().SingleAsync(row => row.LeaseId == dispute.LeaseId && row.SlotIndex == dispute.SlotIndex, cancel);
        if (command.DeliveredGpuSeconds < 0 || command.DeliveredGpuSeconds > slot.SoldGpuSeconds)
            throw Refuse.Field("delivered_gpu_seconds", $"is {command.DeliveredGpuSeconds}; it can be 0 to {slot.SoldGpuSeconds}, what was sold.");
        (dispute.DeliveredGpuSeconds, dispute.Reason, dispute.ProposedBy, dispute.State) =
            (command.DeliveredGpuSeconds, command.Reason, command.OperatorId, DisputeState.Proposed);
        db.Tell(OperatorActed.Of(command.OperatorId, "dispute decision proposed", new
        {
            dispute_id = dispute.DisputeId,
            lease_id = dispute.LeaseId,
            slot_index = dispute.SlotIndex,
            delivered_gpu_seconds = command.DeliveredGpuSeconds,
        }));
    }, cancel);

    /// <summary>Decides it as proposed, if the figure is the one that was read and the operator is another one.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such dispute, nothing or something else is proposed, or it is the operator's own proposal.</exception>
    public Task<Dispute> Handle(ApproveDecision command, CancellationToken cancel) => InTransaction(command.DisputeId, async dispute =>
    {
        if (dispute.State == DisputeState.Decided)
        {
            if (dispute.DecidedBy == command.OperatorId && dispute.DeliveredGpuSeconds == command.DeliveredGpuSeconds) return;
            throw Decided(dispute);
        }
        if (dispute.State != DisputeState.Proposed) throw Refuse.Rule("NOTHING_PROPOSED", "No decision is proposed yet.", "dispute_id");
        if (dispute.DeliveredGpuSeconds != command.DeliveredGpuSeconds)
            throw Refuse.Rule("DECISION_DIFFERS", $"{dispute.DeliveredGpuSeconds} GPU-seconds are proposed now: read the dispute again.", "delivered_gpu_seconds");
        if (dispute.ProposedBy == command.OperatorId) throw Refuse.Rule("OWN_PROPOSAL", "You proposed it: another operator must approve it.", "dispute_id");

        var now = clock.GetUtcNow();
        (dispute.State, dispute.DecidedBy, dispute.DecidedTime) = (DisputeState.Decided, command.OperatorId, now);
        await CorrectMeter.Apply(db, dispute, now, cancel);
        db.Tell(OperatorActed.Of(command.OperatorId, "dispute decided", new
        {
            dispute_id = dispute.DisputeId,
            lease_id = dispute.LeaseId,
            slot_index = dispute.SlotIndex,
            delivered_gpu_seconds = dispute.DeliveredGpuSeconds,
            proposed_by = dispute.ProposedBy,
        }));
        foreach (var side in (Guid[])[dispute.BuyerId, dispute.ProviderId])
            await db.Announce(side, "dispute.decided", DisputeWords.Told(dispute), now, cancel);
    }, cancel);

    private async Task<Dispute> InTransaction(Guid disputeId, Func<DisputeRow, Task> decide, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var dispute = await db.Disputes.FromSql($"SELECT * FROM provider_registry.disputes WHERE dispute_id = {disputeId} FOR UPDATE").SingleOrDefaultAsync(cancel)
            ?? throw None(disputeId);
        await decide(dispute);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return (await db.Tell([dispute], cancel))[0];
    }

    private static Grpc.Core.RpcException None(Guid disputeId) => Refuse.NotFound($"There is no dispute {disputeId} of your leases.");

    private static Grpc.Core.RpcException Decided(DisputeRow dispute) =>
        Refuse.Rule("DISPUTE_DECIDED", $"It was decided: {dispute.DeliveredGpuSeconds} GPU-seconds count, and that stands.", "dispute_id");
}
