using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>Something a service did in one transaction, and how many facts it told of it there.</summary>
public sealed class DeedRow
{
    public long Id { get; set; }

    public int Facts { get; set; }
}

/// <summary>The effect of one fact on a service that hears it.</summary>
public sealed class AppliedRow
{
    public long Id { get; set; }

    public required string Producer { get; set; }

    /// <summary>Counted by the service as it applies, from 1.</summary>
    public long Position { get; set; }

    public required string Fact { get; set; }
}

/// <summary>The running hash over all that a service applied of a producer: it differs when the order does.</summary>
public sealed class ChainRow
{
    public required string Producer { get; set; }

    public long Count { get; set; }

    public string Hash { get; set; } = "";
}

/// <summary>The service that tells.</summary>
public sealed class TellerDb(DbContextOptions<TellerDb> options, TimeProvider clock) : ServiceDb(options, clock)
{
    public override string Schema => "teller";

    public DbSet<DeedRow> Deeds => Set<DeedRow>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.WithoutMigrations();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<DeedRow>(deed =>
        {
            deed.ToTable("deeds");
            deed.Property(d => d.Id).ValueGeneratedNever();
        });
    }
}

/// <summary>A service that hears.</summary>
public abstract class HearerDb(DbContextOptions options, TimeProvider clock) : ServiceDb(options, clock)
{
    public DbSet<AppliedRow> Applied => Set<AppliedRow>();

    public DbSet<ChainRow> Chains => Set<ChainRow>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.WithoutMigrations();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<AppliedRow>(applied =>
        {
            // Nothing here keeps a fact from being applied twice: that is for the library to do.
            applied.ToTable("applied");
            applied.HasKey(a => a.Id);
        });
        modelBuilder.Entity<ChainRow>(chain =>
        {
            chain.ToTable("chains");
            chain.HasKey(c => c.Producer);
        });
    }
}

/// <summary>Hears the teller and the relay.</summary>
public sealed class AlphaDb(DbContextOptions<AlphaDb> options, TimeProvider clock) : HearerDb(options, clock)
{
    public override string Schema => "alpha";
}

/// <summary>Hears the teller, and tells a fact of its own for each that it hears.</summary>
public sealed class RelayDb(DbContextOptions<RelayDb> options, TimeProvider clock) : HearerDb(options, clock)
{
    public override string Schema => "relay";
}

internal static class TestTables
{
    /// <summary>The tables are made by the tests themselves, so that there is nothing to bring up to date.</summary>
    public static void WithoutMigrations(this DbContextOptionsBuilder options) =>
        options.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
}
