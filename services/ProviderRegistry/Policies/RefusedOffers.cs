using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>Tells a provider what the engine refused of what its policy asked.</summary>
internal static class RefusedOffers
{
    private const string Begin = "The market refused the policy's offer: ";

    /// <summary>What stands in the way of a node's offers, if the last that is known of them is a refusal and nothing is offered; empty: nothing.</summary>
    public static async Task<string> InTheWay(ProviderRegistryDb db, Guid nodeId, CancellationToken cancel)
    {
        if (await db.NodeOffers.AnyAsync(offer => offer.NodeId == nodeId && offer.Open, cancel)) return "";
        var last = await db.NodeEvents.AsNoTracking().Where(happened => happened.NodeId == nodeId && happened.Kind == "offer")
            .OrderByDescending(happened => happened.EventId).Select(happened => happened.Message).FirstOrDefaultAsync(cancel);
        return last?.StartsWith(Begin, StringComparison.Ordinal) == true ? last : "";
    }

    /// <summary>Notes the refusal with the node, once for the same reason in a row; the caller saves.</summary>
    public static async Task Note(ProviderRegistryDb db, Guid commandId, CommandRefused refused, DateTimeOffset at, CancellationToken cancel)
    {
        // Offers that were closed meanwhile, and room that is not there yet, mend themselves.
        if (refused.Reason is "OFFER_UNKNOWN" or "NODE_CAPACITY") return;
        var nodeId = await db.Policies.Where(policy => policy.LastCommandId == commandId).Select(policy => (Guid?)policy.NodeId).SingleOrDefaultAsync(cancel);
        if (nodeId is not { } node) return;
        var message = refused.Reason == "INSUFFICIENT_FUNDS" ? $"{Begin}{refused.Message}" : $"{Begin}{refused.Field} {refused.Message}";
        var last = await db.NodeEvents.AsNoTracking().Where(happened => happened.NodeId == node && happened.Kind == "offer")
            .OrderByDescending(happened => happened.EventId).Select(happened => happened.Message).FirstOrDefaultAsync(cancel);
        if (last != message) db.Note(node, at, "offer", Notes.Exchange, message);
    }
}
