using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Feed;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.ProviderRegistry.Webhooks;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Maintenance;

/// <summary>Announces a time in which a node is away.</summary>
public sealed record ScheduleMaintenance(
    Guid NodeId, Guid WindowId, DateTimeOffset FromTime, DateTimeOffset ToTime, string Category, string Note, bool Reclaim)
{
    private const int NoteLengthMax = 200;
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(14);
    private static readonly string[] Categories = ["power", "network", "disk", "gpu", "software", "other"];

    /// <summary>What is asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">Fields are wrong; all of them are named.</exception>
    public static ScheduleMaintenance Of(ScheduleMaintenanceRequest request)
    {
        var (nodeId, windowId) = (Refuse.ParseId("node_id", request.NodeId), Refuse.ParseId("window_id", request.WindowId));
        var (from, to) = (Refuse.ParseTime("from_time", request.FromTime), Refuse.ParseTime("to_time", request.ToTime));
        var wrong = new List<(string, string)>();
        if (to <= from) wrong.Add(("to_time", "is not after from_time."));
        else if (to - from > LongestWindow) wrong.Add(("to_time", $"is {(to - from).TotalDays:0.#} days after from_time; it can be {LongestWindow.TotalDays:0}: retire a node that is away for longer."));
        if (!Categories.Contains(request.Category)) wrong.Add(("category", $"is '{request.Category}'; it can be {string.Join(", ", Categories)}."));
        if (request.Note.Length > NoteLengthMax) wrong.Add(("note", $"has {request.Note.Length} characters; it can have {NoteLengthMax}."));
        else if (request.Note.Any(char.IsControl)) wrong.Add(("note", "has control characters: leave them out."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new ScheduleMaintenance(nodeId, windowId, from, to, request.Category, request.Note, request.Reclaim);
    }
}

/// <summary>Does it: nothing is offered in the window from now on, who leases the node is told, and what is sold in it is taken back or stands in its way.</summary>
public sealed class ScheduleMaintenanceHandler(ProviderRegistryDb db, TimeProvider clock)
{
    /// <summary>The window, and the leases that are taken back for it.</summary>
    /// <exception cref="Grpc.Core.RpcException">The node is not the provider's, the window is wrong, or something is sold in it.</exception>
    public async Task<(MaintenanceRow Window, IReadOnlyList<long> Reclaimed)> Handle(Guid providerId, ScheduleMaintenance command, CancellationToken cancel)
    {
        await db.RequireAgentNode(providerId, command.NodeId, cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Maintenance.FindAsync([command.WindowId], cancel) is { } earlier)
            return IsSame(earlier, command) ? (earlier, []) : throw Refuse.Exists("REQUEST_ID_REUSED", "This window id was used for another window: choose a new one.", "window_id");
        var now = clock.GetUtcNow();
        if (command.FromTime <= now) throw Refuse.Field("from_time", $"is {command.FromTime:yyyy-MM-dd HH:mm:ss} UTC; maintenance is announced before it begins.");

        // What is sold while this is decided is seen, or sees the window.
        await db.LockSales(cancel);
        var reclaimed = await ClearSold(command, now, cancel);
        var window = new MaintenanceRow
        {
            WindowId = command.WindowId,
            NodeId = command.NodeId,
            FromTime = command.FromTime,
            ToTime = command.ToTime,
            Category = command.Category,
            Note = command.Note,
            AnnouncedTime = now,
        };
        db.Maintenance.Add(window);
        db.Note(command.NodeId, now, "maintenance", providerId.ToString(),
            $"Maintenance ({command.Category}) from {command.FromTime:yyyy-MM-dd HH:mm} to {command.ToTime:yyyy-MM-dd HH:mm} UTC. {command.Note}".TrimEnd());
        await WithdrawOffers.From(db, command.NodeId, (command.FromTime, command.ToTime), cancel);
        await Tell(command, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return (window, reclaimed);
    }

    private async Task<IReadOnlyList<long>> ClearSold(ScheduleMaintenance command, DateTimeOffset now, CancellationToken cancel)
    {
        var sold = await (
            from lease in db.SoldLeases.AsNoTracking()
            where lease.NodeId == command.NodeId && lease.FromTime < command.ToTime && lease.ToTime > command.FromTime
            join paid in db.Leases.AsNoTracking() on lease.LeaseId equals paid.LeaseId into known
            from paid in known.DefaultIfEmpty()
            join delivery in db.Deliveries.AsNoTracking() on paid.DeliveryId equals delivery.DeliveryId into run
            from delivery in run.DefaultIfEmpty()
            where delivery == null || delivery.EndedTime == null
            orderby lease.LeaseId
            select new { lease.LeaseId, Delivery = (long?)delivery.DeliveryId, Begin = (DateTimeOffset?)delivery.FromTime, Interrupt = delivery.InterruptTime }).ToListAsync(cancel);

        // What is to end before the window anyway stands in nobody's way.
        sold = [.. sold.Where(lease => lease.Interrupt is not { } end || end > command.FromTime)];
        if (sold.Count == 0) return [];
        var names = string.Join(", ", sold.Select(lease => lease.LeaseId));
        if (!command.Reclaim)
            throw Refuse.Rule("SOLD_IN_WINDOW", $"Sold in the window already: {(sold.Count == 1 ? "lease" : "leases")} {names}. Choose another time, or take them back by saying reclaim.", "from_time");
        if (sold.Exists(lease => lease.Delivery is null))
            throw Refuse.Rule("SOLD_IN_WINDOW", $"Leases {names} are sold in the window, and one of them was sold just now: say it again in a moment.", "from_time");
        var earliest = now + await Reclaim.NoticeOf(db, command.NodeId, cancel);
        if (command.FromTime < earliest)
            throw Refuse.Rule("NOTICE_TOO_SHORT", $"Leases {names} can be taken back from {earliest:yyyy-MM-dd HH:mm:ss} UTC on, by the notice that the policy says: begin then or later.", "from_time");

        foreach (var delivery in sold.DistinctBy(lease => lease.Delivery).OrderBy(lease => lease.Delivery))
        {
            var end = delivery.Begin > command.FromTime ? delivery.Begin.Value : command.FromTime;
            await Reclaim.Take(db, delivery.Delivery!.Value, end, $"Maintenance ({command.Category}). {command.Note}".TrimEnd(), now, cancel);
        }
        return [.. sold.Select(lease => lease.LeaseId)];
    }

    /// <summary>Those who have something on the node now or to come are told: what they have, or would buy after it, ends before the window.</summary>
    private async Task Tell(ScheduleMaintenance command, DateTimeOffset now, CancellationToken cancel)
    {
        var running = await db.Deliveries.AsNoTracking().Where(delivery => delivery.NodeId == command.NodeId && delivery.EndedTime == null)
            .Select(delivery => new { delivery.BuyerId, delivery.DeliveryId }).ToListAsync(cancel);
        foreach (var buyer in running.GroupBy(delivery => delivery.BuyerId).OrderBy(group => group.Key))
        {
            var told = new
            {
                node_id = command.NodeId,
                from_time = command.FromTime.UtcDateTime,
                to_time = command.ToTime.UtcDateTime,
                category = command.Category,
                note = command.Note,
                delivery_ids = buyer.Select(delivery => delivery.DeliveryId).Order().ToArray(),
            };
            await db.Announce(buyer.Key, "maintenance.announced", told, now, cancel);
        }
    }

    private static bool IsSame(MaintenanceRow window, ScheduleMaintenance command) =>
        !window.Cancelled && window.NodeId == command.NodeId && window.FromTime == command.FromTime && window.ToTime == command.ToTime
        && window.Category == command.Category && window.Note == command.Note;
}

/// <summary>Windows as they are said.</summary>
internal static class MaintenanceWords
{
    public static MaintenanceWindow ToProto(this MaintenanceRow window) => new()
    {
        WindowId = window.WindowId.ToString(),
        FromTime = window.FromTime.ToTimestamp(),
        ToTime = window.ToTime.ToTimestamp(),
        Category = window.Category,
        Note = window.Note,
    };
}
