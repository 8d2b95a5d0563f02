using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Deposits;

/// <summary>Frees what was set aside for deposits that were announced and did not come in time.</summary>
public sealed class ExpireDeposits(SettlementDb db) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var announcedBy = due - IncomingMoney.Patience;
        var late = await db.Deposits
            .FromSql(
                $"""
                SELECT *, xmin FROM settlement.deposits
                WHERE state = 'ANNOUNCED' AND booked_time <= {announcedBy} ORDER BY deposit_id FOR UPDATE
                """).ToListAsync(cancel);
        foreach (var deposit in late)
        {
            deposit.State = DepositRow.Failed;
            db.Post([new IncomingMoney(deposit.Id, new Money(deposit.AmountMicros)).Expired(deposit.ParticipantId!.Value, due)]);
        }
    }
}
