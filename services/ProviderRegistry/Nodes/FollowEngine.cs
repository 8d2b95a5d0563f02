using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Keeps the markets as the engine defines them, and tells it again of a node that it once refused.</summary>
/// <remarks>
/// A provider may register a node before the engine has heard of the provider, or while it is suspended. Its GPUs are
/// then told again as soon as the engine lets the provider sell.
/// </remarks>
public sealed class FollowEngine(ProviderRegistryDb db) : IReadFeed
{
    /// <inheritdoc />
    public bool Heeds(EngineEvent.EventOneofCase kind) =>
        kind is EngineEvent.EventOneofCase.MarketDefined or EngineEvent.EventOneofCase.ParticipantSet;

    /// <inheritdoc />
    public Task Apply(FeedEntry entry, CancellationToken cancel) => entry.Event switch
    {
        { MarketDefined: { } market } => Keep(market, cancel),
        { CommandRefused: { } refused } => NoteRefusal(refused, cancel),
        { ParticipantSet: { MaySell: true, Active: true } provider } => TellAgain(Guid.Parse(provider.ParticipantId), entry.Number, cancel),
        _ => Task.CompletedTask,
    };

    private async Task Keep(DefineMarket market, CancellationToken cancel)
    {
        if (await db.Markets.FindAsync([market.Market], cancel) is null) db.Markets.Add(new MarketRow { Market = market.Market });
    }

    private async Task NoteRefusal(CommandRefused refused, CancellationToken cancel)
    {
        if (!Guid.TryParse(refused.CommandId, out var commandId)) return;
        var node = db.Nodes.Local.FirstOrDefault(node => node.CommandId == commandId)
            ?? await db.Nodes.FromSql($"SELECT * FROM provider_registry.nodes WHERE command_id = {commandId} FOR UPDATE")
                .SingleOrDefaultAsync(cancel);

        // What a later command replaced is of no matter.
        if (node?.CommandId == commandId) node.Refused = true;
    }

    private async Task TellAgain(Guid providerId, long feedNumber, CancellationToken cancel)
    {
        // Rows that an entry before this one changed are not saved yet: the ones in memory count, whatever the table says.
        await db.Nodes.FromSql($"SELECT * FROM provider_registry.nodes WHERE provider_id = {providerId} ORDER BY node_id FOR UPDATE")
            .LoadAsync(cancel);
        foreach (var node in db.Nodes.Local.Where(node => node.ProviderId == providerId && node.Refused).OrderBy(node => node.NodeId))
        {
            node.CommandId = DerivedId.Of($"node again {node.CommandId} {feedNumber}");
            node.Refused = false;
            db.Command(node.CommandId, RegisterNodeHandler.Sellable(node));
        }
    }
}
