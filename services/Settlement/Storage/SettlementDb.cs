using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeExchange.Settlement.Storage;

/// <summary>Settlement's tables: the ledger, and what its movements are made for.</summary>
/// <remarks>
/// <see cref="Post"/> only notes what is to be moved. The save moves it, all in one statement and before it writes rows
/// that others may write too, so that every transaction takes its locks in one order: accounts by name, then rows, then
/// the facts' head.
/// </remarks>
public sealed class SettlementDb(DbContextOptions<SettlementDb> options, TimeProvider clock) : ServiceDb(options, clock)
{
    private readonly List<Func<CancellationToken, Task>> _beforeSaving = [];
    private readonly List<Account> _toOpen = [];
    private readonly List<Transfer> _toPost = [];

    /// <inheritdoc />
    public override string Schema => ServiceNames.Settlement;

    public DbSet<AccountRow> Accounts => Set<AccountRow>();

    public DbSet<TransferRow> Transfers => Set<TransferRow>();

    /// <summary>The one row that numbers and chains the transfers.</summary>
    public DbSet<LedgerHeadRow> LedgerHead => Set<LedgerHeadRow>();

    public DbSet<DepositRow> Deposits => Set<DepositRow>();

    public DbSet<WithdrawalRow> Withdrawals => Set<WithdrawalRow>();

    public DbSet<LeaseRow> Leases => Set<LeaseRow>();

    public DbSet<LeaseSlotRow> LeaseSlots => Set<LeaseSlotRow>();

    public DbSet<DeliveryCorrectionRow> DeliveryCorrections => Set<DeliveryCorrectionRow>();

    public DbSet<ReferencePriceRow> ReferencePrices => Set<ReferencePriceRow>();

    public DbSet<PayoutRow> Payouts => Set<PayoutRow>();

    /// <summary>Payments on their way to a bank: withdrawals and payouts.</summary>
    public DbSet<PaymentRow> Payments => Set<PaymentRow>();

    public DbSet<RailEventRow> RailEvents => Set<RailEventRow>();

    public DbSet<DestinationRow> Destinations => Set<DestinationRow>();

    public DbSet<ApprovalRow> Approvals => Set<ApprovalRow>();

    public DbSet<ProposalRow> Proposals => Set<ProposalRow>();

    /// <summary>The one row that says whether money may leave, and the limits.</summary>
    public DbSet<PaymentRulesRow> PaymentRules => Set<PaymentRulesRow>();

    public DbSet<BreakRow> Breaks => Set<BreakRow>();

    /// <summary>The one row that says how far the ledger was compared.</summary>
    public DbSet<WatchRow> Watch => Set<WatchRow>();

    public DbSet<FeeScheduleRow> FeeSchedules => Set<FeeScheduleRow>();

    public DbSet<ParticipantFeesRow> ParticipantFees => Set<ParticipantFeesRow>();

    public DbSet<TaxRateRow> TaxRates => Set<TaxRateRow>();

    public DbSet<TaxCodeRow> TaxCodes => Set<TaxCodeRow>();

    public DbSet<DocumentRow> Documents => Set<DocumentRow>();

    /// <summary>Moves money when the change is saved: each cause and kind once, however often it is posted.</summary>
    public void Post(IEnumerable<Transfer> transfers) => _toPost.AddRange(transfers);

    /// <summary>Opens accounts when the change is saved, where they are not open already. A posting opens those it needs itself.</summary>
    public void Open(params IEnumerable<Account> accounts) => _toOpen.AddRange(accounts);

    /// <summary>Has the engine do something when the change is saved.</summary>
    public void Command(Ask ask) => Command(ask.CommandId, ask.Command);

    /// <summary>Has something done once, first of all, when the change is saved: for what many facts of a batch want done together.</summary>
    public void BeforeSaving(Func<CancellationToken, Task> work) => _beforeSaving.Add(work);

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var work in _beforeSaving) await work(cancellationToken);
        _beforeSaving.Clear();
        if (_toPost.Count == 0 && _toOpen.Count == 0) return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);

        await using var own = Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(cancellationToken) : null;
        await Ledger.Post(this, _toPost, Clock.GetUtcNow, cancellationToken);
        if (_toOpen.Count > 0) await Ledger.Open(this, _toOpen, cancellationToken);
        Measures.Posted(_toPost);
        _toOpen.Clear();
        _toPost.Clear();

        var changed = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        if (own is not null) await own.CommitAsync(cancellationToken);
        return changed;
    }

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(SettlementDb).Assembly);
    }
}

/// <summary>For the tool that makes migrations.</summary>
internal sealed class SettlementDbFactory : IDesignTimeDbContextFactory<SettlementDb>
{
    public SettlementDb CreateDbContext(string[] args) =>
        new(Hosting.Storage.OptionsFor<SettlementDb>("Host=none", ServiceNames.Settlement), TimeProvider.System);
}
