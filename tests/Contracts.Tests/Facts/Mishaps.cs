using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>Crashes at random: while a fact is applied, just before a commit, and just after it.</summary>
public sealed class Mishaps(int seed, int permille) : DbTransactionInterceptor
{
    private readonly Random _dice = new(seed);
    private readonly Lock _gate = new();
    private bool _over;

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    public static Mishaps None => new(0, 0);

    /// <summary>From now on nothing happens any more.</summary>
    public void End() => _over = true;

    public void Perhaps(string where)
    {
        lock (_gate)
        {
            if (_over || _dice.Next(1000) >= permille) return;
            Count++;
        }
        throw new MishapException(where);
    }

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Perhaps("before a commit");
        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Perhaps("after a commit");
        return Task.CompletedTask;
    }
}

public sealed class MishapException(string where) : Exception($"A mishap {where}.");
