using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payouts;

/// <summary>Sends what providers earned before the day began to their banks: each provider once a day.</summary>
/// <remarks>
/// What is earned between midnight and the job waits for tomorrow, so that a day's payout does not depend on how early
/// or late the job or the last meter of the hour comes. Nobody else takes from earnings, so nothing needs to be locked.
/// </remarks>
public sealed class PayOut(SettlementDb db) : IClockJob
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
            .Select(account => (Provider: account.OwnerId!.Value, Amount: new Money(account.BalanceMicros - sinceMidnight.GetValueOrDefault(account.Name))))
            .Where(one => one.Amount > Money.Zero && !paid.Contains(one.Provider)).ToList();

        var sales = await db.TracesOfSales([.. owed.Select(one => one.Provider)], day, cancel);
        foreach (var (provider, amount) in owed)
        {
            using var span = PayoutTraces.Begin(sales[provider]);
            span?.SetTag("cx.payout.day", day.ToString("O"));
            Pay(provider, day, amount, due);
        }
    }

    private void Pay(Guid provider, DateOnly day, Money amount, DateTimeOffset due)
    {
        var payout = new PayoutRow
        {
            Id = Asks.IdFor($"payout {provider} {day:yyyy-MM-dd}"),
            ProviderId = provider,
            Day = day,
            AmountMicros = amount.Micros,
            PaidTime = due,
        };
        Measures.Paid(amount);
        db.Payouts.Add(payout);
        db.Post(Postings.PaidOut(provider, day, amount, due));
        db.Tell(new PayoutMade { PayoutId = payout.Id, ProviderId = provider, AmountMicros = amount.Micros });
    }
}
