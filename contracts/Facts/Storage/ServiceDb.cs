using System.Diagnostics;
using System.Text.Json;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Facts.Storage;

/// <summary>A service's database: its own tables, and those by which it tells and hears facts.</summary>
/// <remarks>
/// <see cref="Tell{T}"/> and <see cref="Command"/> only note what is to be said. <see cref="SaveChangesAsync(bool, CancellationToken)"/>
/// numbers and writes it in the transaction of the change, as the last thing before the commit: the row lock on the head
/// makes the order of the numbers the order of the commits, and leaves no gap. What is noted belongs to the unit of work
/// like any changed row: <c>ChangeTracker.Clear()</c> after a save that failed drops it.
/// </remarks>
public abstract class ServiceDb(DbContextOptions options, TimeProvider clock) : DbContext(options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly List<FactRow> _toTell = [];
    private long _noted;
    private bool _commanded;

    /// <summary>The schema of this service's tables; also its name as a producer of facts.</summary>
    public abstract string Schema { get; }

    /// <summary>The facts this service told.</summary>
    public DbSet<FactRow> Facts => Set<FactRow>();

    /// <summary>The row that numbers them.</summary>
    public DbSet<FactHeadRow> FactHead => Set<FactHeadRow>();

    /// <summary>What this service heard.</summary>
    public DbSet<CursorRow> Cursors => Set<CursorRow>();

    /// <summary>What this service asks of the engine.</summary>
    public DbSet<EngineCommandRow> EngineCommands => Set<EngineCommandRow>();

    /// <summary>What the clock made this service do.</summary>
    public DbSet<JobRow> Jobs => Set<JobRow>();

    /// <summary>Whether the transaction that is open told or asked something, so that the senders should wake after it.</summary>
    internal bool SaidSomething { get; set; }

    /// <summary>The time by the exchange's clock.</summary>
    protected TimeProvider Clock => clock;

    /// <summary>Says a fact when the change is saved.</summary>
    /// <typeparam name="T">A record in <c>ComputeExchange.Facts.&lt;Publisher&gt;.V&lt;n&gt;</c>.</typeparam>
    public void Tell<T>(T fact)
        where T : notnull
    {
        // Tracked but not added: it gets its number, and with it its place in the table, last.
        var row = new FactRow
        {
            Number = --_noted,
            Type = FactTypes.NameOf(typeof(T)),
            Body = JsonSerializer.Serialize(fact, Json),
            HappenedTime = clock.GetUtcNow(),
            TraceParent = Activity.Current?.Id ?? "",
        };
        Facts.Attach(row);
        _toTell.Add(row);
    }

    /// <summary>Has the engine do something when the change is saved: once, however often it must be sent.</summary>
    /// <param name="commandId">The same for the same cause, so that a repetition is known.</param>
    public void Command(Guid commandId, EngineCommand command)
    {
        EngineCommands.Add(new EngineCommandRow
        {
            CommandId = commandId,
            Body = command.ToByteArray(),
            TraceParent = Activity.Current?.Id ?? "",
        });
        _commanded = true;
    }

    /// <summary>
    /// Waits until all that is committed here is as safe as a commit is: an answer from what was read, and not written, by
    /// this request needs it where a synchronous standby may be behind.
    /// </summary>
    /// <exception cref="UnconfirmedCommitException">The wait was cut short.</exception>
    public async Task Confirm(CancellationToken cancel)
    {
        // A message in the log is a commit like any other, and touches no table.
        await using var transaction = await Database.BeginTransactionAsync(cancel);
        await Database.ExecuteSqlRawAsync("SELECT pg_logical_emit_message(true, 'confirm', '')", cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        _toTell.RemoveAll(fact => Entry(fact).State == EntityState.Detached);
        if (_toTell.Count == 0 && !_commanded)
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);

        await using var own = Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(cancellationToken) : null;
        var changed = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        if (_toTell.Count > 0) changed += await Number(acceptAllChangesOnSuccess, cancellationToken);

        _commanded = false;
        SaidSomething = true;
        if (own is not null) await own.CommitAsync(cancellationToken);
        return changed;
    }

    /// <inheritdoc />
    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        _toTell.Count == 0 && !_commanded
            ? base.SaveChanges(acceptAllChangesOnSuccess)
            : throw new NotSupportedException("What is told or commanded is saved with SaveChangesAsync.");

    private async Task<int> Number(bool acceptAllChangesOnSuccess, CancellationToken cancel)
    {
        var facts = _toTell.ToList();
        var last = (await Database.SqlQueryRaw<long>(
            $"UPDATE {Schema}.fact_head SET last_number = last_number + {{0}} WHERE id = 1 RETURNING last_number AS \"Value\"",
            facts.Count).ToListAsync(cancel)).Single();
        _toTell.Clear();
        for (var i = 0; i < facts.Count; i++)
        {
            Entry(facts[i]).State = EntityState.Detached;
            facts[i].Number = last - facts.Count + 1 + i;
        }
        Facts.AddRange(facts);
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancel);
    }

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<FactRow>(fact =>
        {
            fact.ToTable("facts");
            fact.HasKey(f => f.Number);
            fact.Property(f => f.Number).HasColumnName("number").ValueGeneratedNever();
            fact.Property(f => f.Type).HasColumnName("type");
            fact.Property(f => f.Body).HasColumnName("body").HasColumnType("jsonb");
            fact.Property(f => f.HappenedTime).HasColumnName("happened_time");
            fact.Property(f => f.TraceParent).HasColumnName("trace_parent");
        });
        modelBuilder.Entity<FactHeadRow>(head =>
        {
            head.ToTable("fact_head");
            head.HasKey(h => h.Id);
            head.Property(h => h.Id).HasColumnName("id").ValueGeneratedNever();
            head.Property(h => h.LastNumber).HasColumnName("last_number");
            head.Property(h => h.PublishedNumber).HasColumnName("published_number");
            head.HasData(new FactHeadRow { Id = 1 });
        });
        modelBuilder.Entity<CursorRow>(cursor =>
        {
            cursor.ToTable("cursors");
            cursor.HasKey(c => c.Producer);
            cursor.Property(c => c.Producer).HasColumnName("producer");
            cursor.Property(c => c.AppliedNumber).HasColumnName("applied_number");
            cursor.Property(c => c.ClockTime).HasColumnName("clock_time");
        });
        modelBuilder.Entity<EngineCommandRow>(command =>
        {
            command.ToTable("engine_commands");
            command.HasKey(c => c.Id);
            command.Property(c => c.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            command.Property(c => c.CommandId).HasColumnName("command_id");
            command.Property(c => c.Body).HasColumnName("body");
            command.Property(c => c.TraceParent).HasColumnName("trace_parent");
            command.Property(c => c.Sequence).HasColumnName("sequence");

            // The same cause asks once.
            command.HasIndex(c => c.CommandId).IsUnique();
            command.HasIndex(c => c.Id).HasFilter("sequence IS NULL").HasDatabaseName("engine_commands_unsent");
        });
        modelBuilder.Entity<JobRow>(job =>
        {
            job.ToTable("jobs");
            job.HasKey(j => j.Name);
            job.Property(j => j.Name).HasColumnName("name");
            job.Property(j => j.DoneUntil).HasColumnName("done_until");
        });
    }
}
