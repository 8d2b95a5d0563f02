using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payouts;

/// <summary>Sends what providers earned before the day began to their banks: each provider once a day.</summary>
/// <remarks>
/// What is earned between midnight and the job waits for tomorrow, so that a day's payout does not depend on how early
/// or late the job or the last meter of the hour comes. What a provider owes is kept back first. Where the rail must know
/// where to, a provider without a destination that can be used is not paid; its earnings wait. Only an operators' correction
/// takes from earnings besides: if one comes between, the ledger refuses, and the job runs again.
/// </remarks>
public sealed class PayOut(SettlementDb db, PaymentDesk payments) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var day = DateOnly.FromDateTime(due.UtcDateTime);
        var midnight = new DateTimeOffset(due.UtcDateTime.Date, TimeSpan.Zero);
        var accounts = await db.Accounts.AsNoTracking()
            .Where(account => account.Kind == AccountKinds.Earnings && account.BalanceMicros > 0)
            .OrderBy(account => account.Name).ToListAsync(cancel);

        // Read after the balances: what comes in between is at worst paid tomorrow.
        var sinceMidnight = await db.Transfers
            .Where(transfer => transfer.HappenedTime >= midnight && transfer.Kind == TransferKinds.Earned)
            .GroupBy(transfer => transfer.CreditAccount)
            .Select(earned => new { Account = earned.Key, Micros = earned.Sum(transfer => transfer.AmountMicros) })
            .ToDictionaryAsync(earned => earned.Account, earned => earned.Micros, cancel);
        var paid = await db.Payouts.Where(payout => payout.Day == day).Select(payout => payout.ProviderId).ToHashSetAsync(cancel);

        var owed = accounts
            .Select(account => (
                Provider: account.OwnerId!.Value,
                Amount: new Money(account.BalanceMicros - account.PendingOutMicros - sinceMidnight.GetValueOrDefault(account.Name))))
            .Where(one => one.Amount > Money.Zero && !paid.Contains(one.Provider)).ToList();
        var debts = await db.Debts([.. owed.Select(one => one.Provider)], cancel);
        var destinations = payments.Rail.NeedsDestination ? await db.UsableDestinations((await payments.Rules(cancel)).Limits(), due, cancel) : null;

        var sales = await db.TracesOfSales([.. owed.Select(one => one.Provider)], day, cancel);
        foreach (var (provider, earned) in owed)
        {
            var id = Asks.IdFor($"payout {provider} {day:yyyy-MM-dd}");
            var kept = Money.Min(debts.GetValueOrDefault(provider), earned);
            if (kept > Money.Zero) db.Post([DebtPostings.FromEarnings(provider, kept, id, due)]);

            // A bank moves whole cents: the rest waits for tomorrow.
            var amount = new Money((earned - kept).Micros / payments.Rail.UnitMicros * payments.Rail.UnitMicros);
            Guid? destination = destinations is not null && destinations.TryGetValue(provider, out var usable) ? usable : null;
            if (amount == Money.Zero || (payments.Rail.NeedsDestination && destination is null)) continue;

            using var span = PayoutTraces.Begin(sales[provider]);
            span?.SetTag("cx.payout.day", day.ToString("O"));
            var payout = new PayoutRow { Id = id, ProviderId = provider, Day = day, AmountMicros = amount.Micros, PaidTime = due };
            await payments.Pay(payout, destination, due, cancel);
        }
    }
}
