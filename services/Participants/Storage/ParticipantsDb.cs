using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeExchange.Participants.Storage;

/// <summary>Participants' tables: who may come in, with which key, who they are, and who did what.</summary>
public sealed class ParticipantsDb(DbContextOptions<ParticipantsDb> options, TimeProvider clock) : ServiceDb(options, clock)
{
    /// <inheritdoc />
    public override string Schema => ServiceNames.Participants;

    public DbSet<ParticipantRow> Participants => Set<ParticipantRow>();

    public DbSet<StateRequestRow> StateRequests => Set<StateRequestRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<IdentityRow> Identities => Set<IdentityRow>();

    public DbSet<DestinationRow> Destinations => Set<DestinationRow>();

    public DbSet<BankDetailsRow> BankDetails => Set<BankDetailsRow>();

    public DbSet<ErasureRow> Erasures => Set<ErasureRow>();

    public DbSet<AuditRow> AuditRows => Set<AuditRow>();

    public DbSet<AuditHeadRow> AuditHead => Set<AuditHeadRow>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ParticipantsDb).Assembly);
    }
}

/// <summary>For the tool that makes migrations.</summary>
internal sealed class ParticipantsDbFactory : IDesignTimeDbContextFactory<ParticipantsDb>
{
    public ParticipantsDb CreateDbContext(string[] args) =>
        new(Hosting.Storage.OptionsFor<ParticipantsDb>("Host=none", ServiceNames.Participants), TimeProvider.System);
}
