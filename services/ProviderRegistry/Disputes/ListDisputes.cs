using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Disputes;

/// <summary>Asks for disputes, newest first.</summary>
/// <param name="ParticipantId">Only those of this participant's leases, bought or sold; null: everyone's.</param>
/// <param name="State">Only those that stand there; unspecified: any.</param>
public sealed record ListDisputes(Guid? ParticipantId, DisputeState State, int Size, int Skip);

/// <summary>Answers it.</summary>
public sealed class ListDisputesHandler(ProviderRegistryDb db)
{
    /// <summary>One page.</summary>
    public async Task<List<Dispute>> Handle(ListDisputes query, CancellationToken cancel)
    {
        var page = await db.Disputes.AsNoTracking()
            .Where(dispute => query.ParticipantId == null || dispute.BuyerId == query.ParticipantId || dispute.ProviderId == query.ParticipantId)
            .Where(dispute => query.State == DisputeState.Unspecified || dispute.State == query.State)
            .OrderByDescending(dispute => dispute.OpenedTime).ThenByDescending(dispute => dispute.DisputeId)
            .Skip(query.Skip).Take(query.Size).ToListAsync(cancel);
        return await db.Tell(page, cancel);
    }
}
