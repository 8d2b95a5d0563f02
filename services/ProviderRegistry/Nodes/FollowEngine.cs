using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Feed;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;
using Kind = ComputeExchange.MatchingEngine.V1.EngineEvent.EventOneofCase;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>Keeps what the engine decided as far as it concerns nodes: markets, offers, prices, sales; and tells it again of a node that it once refused.</summary>
/// <remarks>
/// A provider may register a node before the engine has heard of the provider, or while it is suspended. Its GPUs are
/// then told again as soon as the engine lets the provider sell.
/// </remarks>
public sealed class FollowEngine : IReadFeed
{
    private readonly ProviderRegistryDb _db;
    private readonly NodeKinds _kinds;
    private readonly KeepOffers _offers;
    private readonly KeepSales _sales;
    private readonly KeepState _state;
    private bool? _anyAgent;

    public FollowEngine(ProviderRegistryDb db, NodeKinds? kinds = null)
    {
        _db = db;
        _kinds = kinds ?? new NodeKinds();
        _offers = new KeepOffers(db);
        _sales = new KeepSales(db, _kinds);
        _state = new KeepState(db);
    }

    /// <inheritdoc />
    public bool Heeds(Kind kind) => kind is Kind.MarketDefined or Kind.ParticipantSet or Kind.SettingsChanged or Kind.OfferPlaced or Kind.OfferClosed
        or Kind.RunCleared or Kind.LeaseSold or Kind.LeaseMoved or Kind.StandingInterrupted;

    /// <inheritdoc />
    public async Task Apply(FeedEntry entry, CancellationToken cancel)
    {
        var at = entry.HappenedTime.ToDateTimeOffset();
        var happened = entry.Event;
        switch (happened.EventCase)
        {
            case Kind.MarketDefined: await Keep(happened.MarketDefined, cancel); break;
            case Kind.SettingsChanged: _state.Settings(happened.SettingsChanged); break;
            case Kind.CommandRefused: await NoteRefusal(happened.CommandRefused, at, cancel); break;
            case Kind.ParticipantSet when happened.ParticipantSet is { MaySell: true, Active: true } provider:
                await TellAgain(Guid.Parse(provider.ParticipantId), entry.Number, cancel);
                break;
            case Kind.OfferPlaced: _offers.Placed(happened.OfferPlaced); break;
            case Kind.OfferClosed: _offers.Closed(happened.OfferClosed); break;
            case Kind.RunCleared: await _offers.Priced(happened.RunCleared, cancel); break;
            case Kind.BidPlaced when happened.BidPlaced.Bid is { ExtendsLeaseId: > 0 } or { ReplacesLeaseId: > 0 }:
                await Rebid.Placed(_db, happened.BidPlaced, at, cancel);
                break;
            case Kind.LeaseSold: await _sales.Sold(happened.LeaseSold, at, cancel); break;
            case Kind.LeaseMoved: await _sales.Moved(happened.LeaseMoved, at, cancel); break;
            case Kind.StandingInterrupted when await AnyAgent(cancel):
                await _sales.Lock(cancel);
                await _db.SaveChangesAsync(cancel);
                await Interrupt.Standing(_db, happened.StandingInterrupted, at, cancel);
                break;
        }
        if (await AnyAgent(cancel)) _state.Reached(entry.Sequence);
    }

    private async Task<bool> AnyAgent(CancellationToken cancel) => _anyAgent ??= await _kinds.Any(_db, cancel);

    private async Task Keep(DefineMarket market, CancellationToken cancel)
    {
        if (await _db.Markets.FindAsync([market.Market], cancel) is null) _db.Markets.Add(new MarketRow { Market = market.Market });
    }

    private async Task NoteRefusal(CommandRefused refused, DateTimeOffset at, CancellationToken cancel)
    {
        if (!Guid.TryParse(refused.CommandId, out var commandId)) return;
        var node = _db.Nodes.Local.FirstOrDefault(node => node.CommandId == commandId)
            ?? await _db.Nodes.FromSql($"SELECT * FROM provider_registry.nodes WHERE command_id = {commandId} FOR UPDATE")
                .SingleOrDefaultAsync(cancel);

        // What a later command replaced is of no matter.
        if (node?.CommandId == commandId) node.Refused = true;
        if (!await AnyAgent(cancel)) return;
        await _sales.Lock(cancel);
        await Rebid.Refused(_db, refused, at, cancel);
        await RefusedOffers.Note(_db, commandId, refused, at, cancel);
    }

    private async Task TellAgain(Guid providerId, long feedNumber, CancellationToken cancel)
    {
        // Rows that an entry before this one changed are not saved yet: the ones in memory count, whatever the table says.
        await _db.Nodes.FromSql($"SELECT * FROM provider_registry.nodes WHERE provider_id = {providerId} ORDER BY node_id FOR UPDATE")
            .LoadAsync(cancel);
        var refused = _db.Nodes.Local.Where(node => node.ProviderId == providerId && node.Refused).OrderBy(node => node.NodeId).ToList();
        if (refused.Count == 0) return;
        var ids = refused.Select(node => node.NodeId).ToArray();
        var traits = await _db.Agents.AsNoTracking().Where(agent => ids.Contains(agent.NodeId)).ToDictionaryAsync(agent => agent.NodeId, agent => agent.ToldTraits, cancel);
        foreach (var node in refused)
        {
            node.CommandId = DerivedId.Of($"node again {node.CommandId} {feedNumber}");
            node.Refused = false;
            _db.Command(node.CommandId, RegisterNodeHandler.Sellable(node, traits.GetValueOrDefault(node.NodeId, "")));
        }
    }
}
