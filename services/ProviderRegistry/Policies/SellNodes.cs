using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.Scores;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>Follows policies once: reads what is idle, sold and offered, and asks the engine for what is missing.</summary>
/// <remarks>
/// The picture is the engine's own, by its feed. While a command of a node is under way, or the feed has not come to it, the node
/// is left alone: what was asked is never asked twice. Should the picture be wrong all the same, the engine refuses what is more than the node has.
/// </remarks>
public sealed class SellNodes(ProviderRegistryDb db, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <summary>Follows the policies of the nodes after one, in the order of their ids; returns the last of them, or null at the end.</summary>
    /// <param name="after">The last node of the page before; empty for the first page.</param>
    /// <param name="asked">What was asked of each node last, and when it may be asked again.</param>
    public async Task<Guid?> Page(Guid after, PastAsks asked, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var policies = await db.Policies.FromSql($"""
            SELECT * FROM provider_registry.policies AS policy
            WHERE node_id > {after} AND (enabled OR EXISTS (
                SELECT FROM provider_registry.node_offers AS offer WHERE offer.node_id = policy.node_id AND offer.open AND offer.by_policy))
            ORDER BY node_id LIMIT {PageSize} FOR UPDATE SKIP LOCKED
            """).ToListAsync(cancel);
        if (policies.Count == 0) return null;
        var now = clock.GetUtcNow();
        var picture = await Picture.Of(db, [.. policies.Select(policy => policy.NodeId)], now, cancel);
        foreach (var policy in policies.Where(policy => picture.IsSettled(policy))) Follow(policy, picture, asked, now);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return policies.Count < PageSize ? null : policies[^1].NodeId;
    }

    private void Follow(PolicyRow row, Picture picture, PastAsks asked, DateTimeOffset now)
    {
        var policy = NodePolicy.Parser.ParseFrom(row.Policy);
        var (gpus, sells) = picture.Gpus(row.NodeId, policy, now);
        var (sold, offers) = (picture.Sold[row.NodeId].ToList(), picture.Offers[row.NodeId].ToList());
        var reserve = Reprice(row, policy, picture, gpus, sold, now);
        var terms = row.Enabled && sells ? policy.Terms(picture.Grid, reserve, picture.Maintenance[row.NodeId]) : null;

        var plan = SellingPlanner.Plan(picture.Grid, now, gpus, terms, sold, offers);
        if (plan.IsEmpty || !asked.MayAsk(row.NodeId, plan.ToString())) return;
        Ask(row, picture.Providers[row.NodeId], plan);
        db.Note(row.NodeId, now, "offer", Notes.Exchange, Told(plan));
    }

    private static long Reprice(PolicyRow row, NodePolicy policy, Picture picture, int gpus, List<SoldPart> sold, DateTimeOffset now)
    {
        if (policy.Repricing() is not { } repricing) return policy.FirmFloorMicrosPerGpuHour;
        var terms = policy.Terms(picture.Grid, policy.FirmFloorMicrosPerGpuHour, picture.Maintenance[row.NodeId]);
        var percent = Repricing.SoldPercent(picture.Grid, now, gpus, terms, sold);
        var next = Repricing.Next(repricing, picture.Grid, row.ReserveMicrosPerGpuHour, row.RepricedTime, percent, now);
        (row.ReserveMicrosPerGpuHour, row.RepricedTime, row.Explanation) = (next.ReserveMicros, next.MovedTime, next.Explanation);
        return next.ReserveMicros;
    }

    private void Ask(PolicyRow row, Guid providerId, SellingPlan plan)
    {
        var commands = plan.Cancels
            .Select(id => new EngineCommand { CancelOffer = new CancelOffer { ProviderId = providerId.ToString(), OfferId = id } })
            .Concat(plan.Offers.Select(offer => new EngineCommand
            {
                PlaceOffer = new PlaceOffer
                {
                    ProviderId = providerId.ToString(),
                    NodeId = row.NodeId.ToString(),
                    GpuCount = offer.GpuCount,
                    FromTime = offer.From.ToTimestamp(),
                    ToTime = offer.To.ToTimestamp(),
                    ReserveMicrosPerGpuHour = offer.ReserveMicros,
                    PromptReserveMicrosPerGpuHour = offer.PromptMicros,
                    RunSlotCountMin = offer.RunSlotCountMin,
                    ByPolicy = true,
                },
            }));
        foreach (var command in commands)
        {
            row.LastCommandId = DerivedId.Of($"policy {row.NodeId} {++row.AskCount}");
            db.Command(row.LastCommandId.Value, command);
        }
    }

    private static string Told(SellingPlan plan)
    {
        var offered = string.Join("; ", plan.Offers.Take(4).Select(offer =>
            $"{offer.GpuCount} GPUs from {offer.From:MM-dd HH:mm} to {offer.To:MM-dd HH:mm} UTC at ${offer.ReserveMicros / 1_000_000m:0.00####}"));
        var more = plan.Offers.Count > 4 ? $" and {plan.Offers.Count - 4} more" : "";
        var cancelled = plan.Cancels.Count == 0 ? "" : $" {plan.Cancels.Count} earlier {(plan.Cancels.Count == 1 ? "offer is" : "offers are")} taken back.";
        return plan.Offers.Count == 0 ? $"The policy offers nothing more.{cancelled}" : $"The policy offers {offered}{more}.{cancelled}";
    }
}
