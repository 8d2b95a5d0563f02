using System.Data.Common;
using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeExchange.Facts.Hearing;

/// <summary>Applies numbered things of one producer exactly once: the effect and the cursor in one transaction.</summary>
public static class Inbox
{
    /// <summary>
    /// Applies those of <paramref name="items"/> that follow on what was applied already: earlier ones are dropped, and
    /// at a gap it stops.
    /// </summary>
    /// <returns>The last number applied now.</returns>
    public static async Task<long> Apply<T>(
        IServiceScopeFactory scopes,
        string producer,
        IReadOnlyList<T> items,
        Func<T, long> numberOf,
        Func<IServiceProvider, CursorRow, T, CancellationToken, Task> apply,
        CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var cursor = await Lock(db, producer, cancel);

        var before = cursor.AppliedNumber;
        foreach (var item in items)
        {
            var number = numberOf(item);
            if (number <= cursor.AppliedNumber) continue;
            if (number > cursor.AppliedNumber + 1) break;
            await apply(scope.ServiceProvider, cursor, item, cancel);
            cursor.AppliedNumber = number;
        }
        if (cursor.AppliedNumber == before) return before;

        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        FactMeasures.Applied(db.Schema, producer, cursor.AppliedNumber, cursor.AppliedNumber - before);
        return cursor.AppliedNumber;
    }

    /// <summary>The last number applied of a producer.</summary>
    public static async Task<CursorRow?> Where(IServiceScopeFactory scopes, string producer, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        var cursor = await db.Cursors.AsNoTracking().SingleOrDefaultAsync(c => c.Producer == producer, cancel);
        FactMeasures.Applied(db.Schema, producer, cursor?.AppliedNumber ?? 0, 0);
        return cursor;
    }

    private static async Task<CursorRow> Lock(ServiceDb db, string producer, CancellationToken cancel)
    {
        // The row's lock makes this the one active consumer of the producer, however many processes run.
        await db.Database.ExecuteSqlRawAsync(
            $"INSERT INTO {db.Schema}.cursors (producer, applied_number) VALUES ({{0}}, 0) ON CONFLICT DO NOTHING", [producer], cancel);
        return await db.Cursors.FromSqlRaw($"SELECT * FROM {db.Schema}.cursors WHERE producer = {{0}} FOR UPDATE", producer)
            .SingleAsync(cancel);
    }
}

/// <summary>Wakes the senders when a transaction of a service commits, however it was begun.</summary>
public sealed class WakeOnCommit(Signals signals) : DbTransactionInterceptor
{
    /// <inheritdoc />
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is ServiceDb { SaidSomething: true } db)
        {
            db.SaidSomething = false;
            signals.Told.Set();
            signals.Asked.Set();
        }
        return Task.CompletedTask;
    }
}
