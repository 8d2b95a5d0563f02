using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Maintenance;

/// <summary>Takes back what is offered in maintenance windows, by hand or by a policy.</summary>
internal static class WithdrawOffers
{
    /// <summary>Asks the engine to cancel a node's open offers that meet a window; once each. The caller saves.</summary>
    public static async Task From(ProviderRegistryDb db, Guid nodeId, (DateTimeOffset From, DateTimeOffset To) window, CancellationToken cancel)
    {
        var offers = await db.NodeOffers.AsNoTracking()
            .Where(offer => offer.NodeId == nodeId && offer.Open && offer.FromTime < window.To && offer.ToTime > window.From)
            .OrderBy(offer => offer.OfferId).ToListAsync(cancel);
        await Cancel(db, offers, cancel);
    }

    /// <summary>The same for whatever was offered by hand since its window was announced.</summary>
    public static async Task ByHand(ProviderRegistryDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var offers = await (
            from window in db.Maintenance.AsNoTracking()
            where !window.Cancelled && window.ToTime > now
            join offer in db.NodeOffers.AsNoTracking() on window.NodeId equals offer.NodeId
            where offer.Open && !offer.ByPolicy && offer.FromTime < window.ToTime && offer.ToTime > window.FromTime
            orderby offer.OfferId
            select offer).Distinct().ToListAsync(cancel);
        await Cancel(db, offers, cancel);
    }

    private static async Task Cancel(ProviderRegistryDb db, List<NodeOfferRow> offers, CancellationToken cancel)
    {
        if (offers.Count == 0) return;
        var nodes = offers.Select(offer => offer.NodeId).ToHashSet();
        var providers = await db.Nodes.Where(node => nodes.Contains(node.NodeId)).ToDictionaryAsync(node => node.NodeId, node => node.ProviderId, cancel);
        var asks = offers.ToDictionary(offer => DerivedId.Of($"maintenance offer {offer.OfferId}"));
        var ids = asks.Keys.ToArray();
        var asked = (await db.EngineCommands.Where(row => ids.Contains(row.CommandId)).Select(row => row.CommandId).ToListAsync(cancel)).ToHashSet();
        foreach (var (id, offer) in asks.Where(ask => !asked.Contains(ask.Key)))
            db.Command(id, new EngineCommand { CancelOffer = new CancelOffer { ProviderId = providers[offer.NodeId].ToString(), OfferId = offer.OfferId } });
    }
}
