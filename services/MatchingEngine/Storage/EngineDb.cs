using ComputeExchange.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeExchange.MatchingEngine.Storage;

/// <summary>The journal's tables. The engine writes them itself, in bulk; this is their shape and their migrations.</summary>
public sealed class EngineDb(DbContextOptions<EngineDb> options) : DbContext(options)
{
    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(ServiceNames.MatchingEngine);
        modelBuilder.Entity<ShardOwnerRow>(owner =>
        {
            owner.ToTable("shard_owner");
            owner.HasKey(o => o.Shard);
            owner.Property(o => o.Shard).HasColumnName("shard").ValueGeneratedNever();
            owner.Property(o => o.Epoch).HasColumnName("epoch");
            owner.Property(o => o.Owner).HasColumnName("owner");
            owner.Property(o => o.LeaseUntil).HasColumnName("lease_until");
        });
        modelBuilder.Entity<CommandRow>(command =>
        {
            command.ToTable("commands");

            // The second line behind the fence: two writers never both append the same number.
            command.HasKey(c => new { c.Shard, c.Sequence });
            command.Property(c => c.Shard).HasColumnName("shard");
            command.Property(c => c.Sequence).HasColumnName("sequence");
            command.Property(c => c.Epoch).HasColumnName("epoch");
            command.Property(c => c.CommandId).HasColumnName("command_id");
            command.Property(c => c.EngineVersion).HasColumnName("engine_version");
            command.Property(c => c.AtTime).HasColumnName("at_time");
            command.Property(c => c.TraceParent).HasColumnName("trace_parent");
            command.Property(c => c.Body).HasColumnName("body");
            command.Property(c => c.Hash).HasColumnName("hash");
            command.Property(c => c.StateHash).HasColumnName("state_hash");

            // The third: a command is in the history once.
            command.HasIndex(c => new { c.Shard, c.CommandId }).IsUnique();
        });
        modelBuilder.Entity<EventRow>(happened =>
        {
            happened.ToTable("events");
            happened.HasKey(e => new { e.Shard, e.Number });
            happened.Property(e => e.Shard).HasColumnName("shard");
            happened.Property(e => e.Number).HasColumnName("number");
            happened.Property(e => e.Sequence).HasColumnName("sequence");
            happened.Property(e => e.Body).HasColumnName("body");
            happened.HasIndex(e => new { e.Shard, e.Sequence });
        });
        modelBuilder.Entity<SnapshotRow>(snapshot =>
        {
            snapshot.ToTable("snapshots");
            snapshot.HasKey(s => new { s.Shard, s.Sequence });
            snapshot.Property(s => s.Shard).HasColumnName("shard");
            snapshot.Property(s => s.Sequence).HasColumnName("sequence");
            snapshot.Property(s => s.FeedNumber).HasColumnName("feed_number");
            snapshot.Property(s => s.EngineVersion).HasColumnName("engine_version");
            snapshot.Property(s => s.ChainHash).HasColumnName("chain_hash");
            snapshot.Property(s => s.State).HasColumnName("state");
            snapshot.Property(s => s.Checksum).HasColumnName("checksum");
        });
    }
}

/// <summary>Who may append to a shard's journal, and until when it is taken to be alive. By the database's clock.</summary>
public sealed class ShardOwnerRow
{
    public int Shard { get; set; }

    public long Epoch { get; set; }

    public required string Owner { get; set; }

    public DateTimeOffset LeaseUntil { get; set; }
}

/// <summary>One command of the journal.</summary>
public sealed class CommandRow
{
    public int Shard { get; set; }

    public long Sequence { get; set; }

    public long Epoch { get; set; }

    public Guid CommandId { get; set; }

    public required string EngineVersion { get; set; }

    public DateTimeOffset AtTime { get; set; }

    public required string TraceParent { get; set; }

    public required byte[] Body { get; set; }

    public required byte[] Hash { get; set; }

    /// <summary>The hash of the state after the command; null where none was taken.</summary>
    public byte[]? StateHash { get; set; }
}

/// <summary>One event of the feed.</summary>
public sealed class EventRow
{
    public int Shard { get; set; }

    public long Number { get; set; }

    public long Sequence { get; set; }

    public required byte[] Body { get; set; }
}

/// <summary>The state after a command; see <see cref="Snapshot"/>.</summary>
public sealed class SnapshotRow
{
    public int Shard { get; set; }

    public long Sequence { get; set; }

    public long FeedNumber { get; set; }

    public required string EngineVersion { get; set; }

    public required byte[] ChainHash { get; set; }

    public required byte[] State { get; set; }

    public required byte[] Checksum { get; set; }
}

/// <summary>For the tool that makes migrations.</summary>
internal sealed class EngineDbFactory : IDesignTimeDbContextFactory<EngineDb>
{
    public EngineDb CreateDbContext(string[] args) =>
        new(Hosting.Storage.OptionsFor<EngineDb>("Host=none", ServiceNames.MatchingEngine));
}
