using ComputeExchange.Facts.Pricing.V1;
using ComputeExchange.Facts.ProviderRegistry.V1;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>How a transaction of the teller ends.</summary>
public enum Fate
{
    /// <summary>It commits.</summary>
    Commits,

    /// <summary>It saves twice, then commits.</summary>
    SavesTwice,

    /// <summary>It saves, then is rolled back.</summary>
    IsUndone,

    /// <summary>It saves, then its connection is cut.</summary>
    IsCut,

    /// <summary>Its first save clashes with another's row; it forgets everything and does something else in the same context.</summary>
    Clashes,
}

/// <summary>Everything that is random about one run.</summary>
public sealed record Storm(int Seed, int Writers, int Transactions, Mood Mood, int MishapPermille, int AwayPercent)
{
    public static Arbitrary<Storm> Any => (
        from seed in Gen.Choose(0, int.MaxValue)
        from writers in Gen.Choose(1, 4)
        from transactions in Gen.Choose(5, 20)
        from lost in Gen.Choose(0, 60)
        from repeated in Gen.Choose(0, 50)
        from refused in Gen.Choose(0, 2)
        from delay in Gen.Choose(0, 40)
        from mishaps in Gen.Choose(0, 50)
        from away in Gen.Choose(0, 30)
        select new Storm(seed, writers, transactions, new Mood(lost, repeated, refused, delay), mishaps, away)).ToArbitrary();
}

/// <summary>The teller at work: several writers at once, each with its own transactions and their fates.</summary>
public sealed class Writers(World world, Storm storm)
{
    private long _deeds;

    /// <summary>Returns when all of them are done.</summary>
    public Task Work() => Task.WhenAll(Enumerable.Range(0, storm.Writers).Select(writer => Task.Run(() => Work(new Random(storm.Seed + writer)))));

    private async Task Work(Random dice)
    {
        for (var i = 0; i < storm.Transactions; i++)
        {
            try
            {
                await Transact((Fate)dice.Next(5), dice.Next(1, 7), dice.Next(4));
            }
            catch (Exception failed) when (failed is NpgsqlException or DbUpdateException or InvalidOperationException)
            {
                // Whether the deed was done, the tables say.
            }
            if (dice.Next(3) == 0) await Task.Delay(dice.Next(10));
        }
    }

    private async Task Transact(Fate fate, int facts, int pause)
    {
        await using var db = world.Teller();
        if (fate == Fate.Clashes)
        {
            var clashing = await db.Deeds.AsNoTracking().OrderBy(deed => deed.Id).FirstOrDefaultAsync();
            if (clashing is not null)
            {
                Do(db, clashing.Id, facts);
                try
                {
                    await db.SaveChangesAsync();
                }
                catch (DbUpdateException)
                {
                    db.ChangeTracker.Clear();
                }
            }
        }
        if (fate is Fate.Commits or Fate.Clashes)
        {
            Do(db, Interlocked.Increment(ref _deeds), facts);
            await db.SaveChangesAsync();
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync();
        Do(db, Interlocked.Increment(ref _deeds), facts);
        await db.SaveChangesAsync();
        await Task.Delay(pause);
        switch (fate)
        {
            case Fate.SavesTwice:
                Do(db, Interlocked.Increment(ref _deeds), facts);
                await db.SaveChangesAsync();
                await transaction.CommitAsync();
                break;
            case Fate.IsCut:
                await db.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid())");
                break;
            default:
                await transaction.RollbackAsync();
                break;
        }
    }

    private static void Do(TellerDb db, long deed, int facts)
    {
        db.Deeds.Add(new DeedRow { Id = deed, Facts = facts });
        for (var i = 1; i < facts; i++)
            db.Tell(new LeaseMetered { LeaseId = deed, SlotIndex = i, SoldGpuSeconds = 28_800, DeliveredGpuSeconds = 28_800 - i });

        // One that nobody here hears has its number like the others.
        if (deed % 3 == 0) db.Tell(new IndexPublished { Index = "CX", Day = new DateOnly(2026, 1, 1), ValueMicros = deed, Grade = "A", Final = true });
        db.Tell(new LeaseEnded { LeaseId = deed, Whole = true });
    }
}
