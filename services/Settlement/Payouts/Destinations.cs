using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payouts;

/// <summary>What a day's payouts look up for all providers at once.</summary>
public static class Destinations
{
    /// <summary>By participant the destination that payouts go to: the oldest that is in use and has waited long enough.</summary>
    public static async Task<Dictionary<Guid, Guid>> UsableDestinations(this SettlementDb db, PaymentLimitRules limits, DateTimeOffset now, CancellationToken cancel)
    {
        var addedBy = now - limits.Cooling;
        var usable = await db.Destinations.AsNoTracking()
            .Where(destination => destination.RemovedTime == null && destination.AddedTime <= addedBy)
            .OrderBy(destination => destination.AddedTime).ThenBy(destination => destination.Id)
            .Select(destination => new { destination.ParticipantId, destination.Id }).ToListAsync(cancel);
        return usable.GroupBy(one => one.ParticipantId).ToDictionary(own => own.Key, own => own.First().Id);
    }

    /// <summary>When a provider's earnings are paid out, or what it must do first, in words.</summary>
    public static async Task<string> NextPayout(this SettlementDb db, IPaymentRail rail, Guid provider, DateTimeOffset now, CancellationToken cancel)
    {
        const string next = "paid out with the next payout";
        if (!rail.NeedsDestination) return next;
        var added = await db.Destinations.AsNoTracking().Where(destination => destination.ParticipantId == provider && destination.RemovedTime == null)
            .OrderBy(destination => destination.AddedTime).Select(destination => (DateTimeOffset?)destination.AddedTime).FirstOrDefaultAsync(cancel);
        if (added is null) return "not paid out until you add a payment destination";
        var usable = added.Value + (await db.PaymentRules.AsNoTracking().SingleAsync(cancel)).Limits().Cooling;
        return usable <= now ? next : $"not paid out before {usable:yyyy-MM-dd HH:mm} UTC, when your destination has waited long enough";
    }

    /// <summary>By participant what is owed to the exchange, where something is.</summary>
    public static async Task<Dictionary<Guid, Money>> Debts(this SettlementDb db, IReadOnlyList<Guid> participants, CancellationToken cancel)
    {
        var names = participants.Select(participant => Account.Receivable(participant).Name).ToList();
        return await db.Accounts.AsNoTracking().Where(account => names.Contains(account.Name) && account.BalanceMicros + account.PendingInMicros < 0)
            .ToDictionaryAsync(account => account.OwnerId!.Value, account => new Money(-(account.BalanceMicros + account.PendingInMicros)), cancel);
    }
}
