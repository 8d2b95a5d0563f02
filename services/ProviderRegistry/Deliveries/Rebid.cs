using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.Webhooks;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Bids again for what a delivery did not deliver, where its buyer asked for that, and follows what becomes of the bid.</summary>
internal static class Rebid
{
    /// <summary>Asks the engine for as many whole slots as are left; the caller holds the delivery and saves.</summary>
    public static void Ask(ProviderRegistryDb db, HeldDelivery held, DateTimeOffset now)
    {
        var delivery = held.Delivery;
        if (delivery.RebidLimitMicrosPerGpuHour <= 0 || RebidRules.Rest([.. held.Leases.SelectMany(lease => lease.Slots).Select(slot => new Stretch(slot.FromTime, slot.ToTime))], now) is not { } rest) return;
        var lease = held.LeaseAt(now);
        db.Command(CommandId(delivery.DeliveryId), new EngineCommand
        {
            PlaceBid = new PlaceBid
            {
                BuyerId = delivery.BuyerId.ToString(),
                Kind = BidKind.Block,
                Markets = { lease.Market },
                GpuCount = lease.GpuCount,
                FromTime = rest.From.ToTimestamp(),
                ToTime = rest.To.ToTimestamp(),
                RunSlotCount = rest.SlotCount,
                LimitMicrosPerGpuHour = delivery.RebidLimitMicrosPerGpuHour,
                NodeGpuCount = lease.GpuCount,
                ReplacesLeaseId = lease.LeaseId,
            },
        });
        db.Note(delivery, now, $"The rest is bid for again: {rest.SlotCount} slots from {rest.From:yyyy-MM-dd HH:mm} UTC.");
    }

    /// <summary>A bid was placed for what a lease failed to deliver, or to go on where one ends: it is remembered until it buys something. The caller saves.</summary>
    public static async Task Placed(ProviderRegistryDb db, BidPlaced placed, DateTimeOffset at, CancellationToken cancel)
    {
        var (replaces, extends) = (placed.Bid.ReplacesLeaseId, placed.Bid.ExtendsLeaseId);
        if ((replaces == 0 && extends == 0) || await db.BidNotes.FindAsync([placed.BidId], cancel) is { ReplacesLeaseId: > 0 } or { ExtendsLeaseId: > 0 }) return;
        var buyer = Guid.Parse(placed.Bid.BuyerId);
        var about = replaces > 0 ? replaces : extends;
        var delivery = await (
            from lease in db.Leases
            join row in db.Deliveries on lease.DeliveryId equals row.DeliveryId
            where lease.LeaseId == about && lease.BuyerId == buyer
            select row).SingleOrDefaultAsync(cancel);
        if (delivery is null) return;

        var note = await db.BidNotes.FindAsync([placed.BidId], cancel) ?? db.BidNotes.Add(new BidNoteRow { BidId = placed.BidId, BuyerId = buyer }).Entity;
        (note.ReplacesLeaseId, note.ExtendsLeaseId) = (replaces, extends);
        if (note.RebidLimitMicrosPerGpuHour == 0) note.RebidLimitMicrosPerGpuHour = delivery.RebidLimitMicrosPerGpuHour;
        if (replaces == 0) return;
        db.Note(delivery, at, $"Bid {placed.BidId} stands for the rest.");
        await db.Announce(buyer, "lease.rebid", new { lease_id = replaces, bid_id = placed.BidId, accepted = true, message = "The rest is bid for again." }, at, cancel);
    }

    /// <summary>The engine would not take a bid for the rest of a delivery: its buyer is told. The caller saves.</summary>
    public static async Task Refused(ProviderRegistryDb db, CommandRefused refused, DateTimeOffset at, CancellationToken cancel)
    {
        if (!Guid.TryParse(refused.CommandId, out var commandId)) return;
        var body = db.EngineCommands.Local.FirstOrDefault(row => row.CommandId == commandId)?.Body
            ?? await db.EngineCommands.AsNoTracking().Where(row => row.CommandId == commandId).Select(row => row.Body).SingleOrDefaultAsync(cancel);
        if (body is null || EngineCommand.Parser.ParseFrom(body).PlaceBid is not { ReplacesLeaseId: > 0 and var lease }) return;
        if (await db.DeliveryOf(lease, cancel) is not { } id || await db.Deliveries.FindAsync([id], cancel) is not { } delivery) return;
        db.Note(delivery, at, $"The rest was not bid for again: {refused.Message}");
        await db.Announce(delivery.BuyerId, "lease.rebid", new { lease_id = lease, bid_id = 0L, accepted = false, message = refused.Message }, at, cancel);
    }

    /// <summary>A delivery fails once, and is bid for again once.</summary>
    internal static Guid CommandId(long deliveryId) => DerivedId.Of($"rebid {deliveryId}");
}
