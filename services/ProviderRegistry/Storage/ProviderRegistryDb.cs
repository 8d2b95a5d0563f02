using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeExchange.ProviderRegistry.Storage;

/// <summary>ProviderRegistry's tables: nodes, leases, and what was delivered.</summary>
/// <remarks>Rows are locked in this order, so that no two wait for each other: leases by id, then nodes by id.</remarks>
public sealed class ProviderRegistryDb(DbContextOptions<ProviderRegistryDb> options, TimeProvider clock) : ServiceDb(options, clock)
{
    /// <inheritdoc />
    public override string Schema => ServiceNames.ProviderRegistry;

    public DbSet<MarketRow> Markets => Set<MarketRow>();

    public DbSet<NodeRow> Nodes => Set<NodeRow>();

    public DbSet<NodeRequestRow> NodeRequests => Set<NodeRequestRow>();

    public DbSet<LeaseRow> Leases => Set<LeaseRow>();

    public DbSet<LeaseSlotRow> LeaseSlots => Set<LeaseSlotRow>();

    public DbSet<AgentRow> Agents => Set<AgentRow>();

    public DbSet<GpuRow> Gpus => Set<GpuRow>();

    public DbSet<EnrolmentTokenRow> EnrolmentTokens => Set<EnrolmentTokenRow>();

    public DbSet<NodeEventRow> NodeEvents => Set<NodeEventRow>();

    public DbSet<OutageRow> Outages => Set<OutageRow>();

    public DbSet<SelfTestRow> SelfTests => Set<SelfTestRow>();

    public DbSet<PolicyRow> Policies => Set<PolicyRow>();

    public DbSet<MaintenanceRow> Maintenance => Set<MaintenanceRow>();

    public DbSet<NodeOfferRow> NodeOffers => Set<NodeOfferRow>();

    public DbSet<SlotPriceRow> SlotPrices => Set<SlotPriceRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<DeliveryEventRow> DeliveryEvents => Set<DeliveryEventRow>();

    public DbSet<WorkloadRow> Workloads => Set<WorkloadRow>();

    public DbSet<DeliveryLogRow> DeliveryLogs => Set<DeliveryLogRow>();

    public DbSet<MeterReadingRow> MeterReadings => Set<MeterReadingRow>();

    public DbSet<BidNoteRow> BidNotes => Set<BidNoteRow>();

    public DbSet<SoldLeaseRow> SoldLeases => Set<SoldLeaseRow>();

    public DbSet<FeedStateRow> FeedStates => Set<FeedStateRow>();

    public DbSet<DisputeRow> Disputes => Set<DisputeRow>();

    public DbSet<WebhookRow> Webhooks => Set<WebhookRow>();

    public DbSet<WebhookCallRow> WebhookCalls => Set<WebhookCallRow>();

    /// <summary>A node, its row locked until the transaction ends.</summary>
    public async Task<NodeRow?> LockNode(Guid nodeId, CancellationToken cancel) =>
        (await LockNodes([nodeId], cancel)).SingleOrDefault();

    /// <summary>Nodes in the order of their ids, their rows locked until the transaction ends.</summary>
    public Task<List<NodeRow>> LockNodes(Guid[] nodeIds, CancellationToken cancel) =>
        Nodes.FromSql($"SELECT * FROM provider_registry.nodes WHERE node_id = ANY ({nodeIds}) ORDER BY node_id FOR UPDATE").ToListAsync(cancel);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // What numbers the changes of what is wanted of nodes.
        modelBuilder.HasSequence<long>("desired_revisions");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ProviderRegistryDb).Assembly);
    }
}

/// <summary>For the tool that makes migrations.</summary>
internal sealed class ProviderRegistryDbFactory : IDesignTimeDbContextFactory<ProviderRegistryDb>
{
    public ProviderRegistryDb CreateDbContext(string[] args) =>
        new(Hosting.Storage.OptionsFor<ProviderRegistryDb>("Host=none", ServiceNames.ProviderRegistry), TimeProvider.System);
}
