using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payments;

/// <summary>What the rules of money going out are, and what they ask about a participant.</summary>
internal static class ReadRules
{
    /// <summary>The limits in force.</summary>
    public static PaymentLimitRules Limits(this PaymentRulesRow row) => new(
        new Money(row.SingleMicros), new Money(row.DailyMicros), new Money(row.ApprovalMicros), TimeSpan.FromMinutes(row.CoolingMinutes));

    /// <summary>What a participant owes the exchange.</summary>
    public static async Task<Money> Owed(this SettlementDb db, Guid participant, CancellationToken cancel)
    {
        var name = Account.Receivable(participant).Name;
        var micros = await db.Accounts.AsNoTracking().Where(account => account.Name == name)
            .Select(account => account.BalanceMicros + account.PendingInMicros).SingleOrDefaultAsync(cancel);
        return new Money(micros < 0 ? -micros : 0);
    }

    /// <summary>Whether there is a participant with accounts.</summary>
    public static Task<bool> KnowsParticipant(this SettlementDb db, Guid participant, CancellationToken cancel)
    {
        var name = Account.Transit(participant).Name;
        return db.Accounts.AnyAsync(account => account.Name == name, cancel);
    }
}
