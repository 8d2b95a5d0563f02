using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payments;

/// <summary>Stops all money from leaving, on one operator's word.</summary>
public sealed class HaltPaymentsHandler(SettlementDb db, TimeProvider clock)
{
    public async Task Handle(Guid operatorId, string reason, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var rules = await db.PaymentRules.FromSql($"SELECT *, xmin FROM settlement.payment_rules WHERE id = 1 FOR UPDATE").SingleAsync(cancel);
        if (rules.HaltedTime is null || !rules.HaltReason.Split('\n').Contains(reason))
        {
            rules.HaltedTime ??= clock.GetUtcNow();
            rules.HaltReason = rules.HaltReason.Length == 0 ? reason : $"{rules.HaltReason}\n{reason}";
        }
        db.Tell(OperatorActed.Of(operatorId, "payments halted", new { reason }));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }
}
