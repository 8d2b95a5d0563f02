using ComputeExchange.Facts;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Rails;

/// <summary>Hands payments that are ready to their rails, as long as money may leave.</summary>
/// <remarks>
/// A payment is marked first, in the transaction that finds that money may leave, and given to the rail then. If the
/// process dies in between, it is given again: the rail knows it by its id. A simulated clock waits for what is due here.
/// </remarks>
public sealed class RailWorker(IServiceScopeFactory scopes, RailBook rails, TimeProvider clock, ILogger<RailWorker> log) : BackgroundService, IDueWork
{
    private const int BatchSize = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public async Task<int> CountDue(ServiceDb db, CancellationToken cancel)
    {
        var money = (SettlementDb)db;
        if ((await money.PaymentRules.AsNoTracking().SingleAsync(cancel)).HaltedTime is not null) return 0;
        var (byFile, oneByOne) = (rails.NamesOf(Handover.ByFile), rails.NamesOf(Handover.OneByOne));
        return await money.Payments.CountAsync(
            payment => (payment.State == PaymentRow.Ready && !byFile.Contains(payment.Rail))
                || (payment.State == PaymentRow.Sent && payment.RailReference == "" && oneByOne.Contains(payment.Rail)), cancel);
    }

    /// <summary>Hands over what is ready now.</summary>
    /// <returns>How many payments it touched.</returns>
    public async Task<int> HandOver(CancellationToken cancel)
    {
        var touched = 0;
        while (await LetGo(cancel) is > 0 and var some) touched += some;
        return touched + await Send(cancel);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                await HandOver(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning(failure, "Payments could not be handed over; trying again.");
                pause = AfterTrouble;
            }
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Marks payments as sent, in one transaction with finding that money may leave.</summary>
    private async Task<int> LetGo(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SettlementDb>();
        var byFile = rails.NamesOf(Handover.ByFile);
        if (!await db.Payments.AnyAsync(payment => payment.State == PaymentRow.Ready && !byFile.Contains(payment.Rail), cancel)) return 0;

        var payments = scope.ServiceProvider.GetRequiredService<PaymentDesk>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if ((await payments.Rules(cancel)).HaltedTime is not null) return 0;
        var ready = await db.Payments
            .FromSql(
                $"""
                SELECT *, xmin FROM settlement.payments WHERE state = 'READY' AND rail <> ALL ({byFile})
                ORDER BY payment_id LIMIT {BatchSize} FOR UPDATE SKIP LOCKED
                """).ToListAsync(cancel);
        foreach (var payment in ready) await payments.LetGo(payment, clock.GetUtcNow(), cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return ready.Count;
    }

    /// <summary>Gives the rails what is marked as sent and what they have not said that they have.</summary>
    private async Task<int> Send(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SettlementDb>();
        var oneByOne = rails.NamesOf(Handover.OneByOne);
        var sent = await db.Payments
            .Where(payment => payment.State == PaymentRow.Sent && payment.RailReference == "" && oneByOne.Contains(payment.Rail))
            .OrderBy(payment => payment.Id).Take(BatchSize).ToListAsync(cancel);
        if (sent.Count == 0 || (await db.PaymentRules.AsNoTracking().SingleAsync(cancel)).HaltedTime is not null) return 0;
        foreach (var payment in sent)
        {
            payment.RailReference = await rails.Find(payment.Rail)!.Send(payment, cancel);
            await db.SaveChangesAsync(cancel);
        }
        return sent.Count;
    }
}
