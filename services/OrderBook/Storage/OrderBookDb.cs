using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>The edge's picture of the market, drawn from the engine's feed alone: deleted, it is drawn again.</summary>
public sealed class OrderBookDb(DbContextOptions<OrderBookDb> options, TimeProvider clock) : ServiceDb(options, clock)
{
    /// <inheritdoc />
    public override string Schema => ServiceNames.OrderBook;

    /// <summary>The parameters of the market rules, in one row.</summary>
    public DbSet<SettingsRow> Settings => Set<SettingsRow>();

    /// <summary>The markets.</summary>
    public DbSet<MarketRow> Markets => Set<MarketRow>();

    /// <summary>Every bid ever accepted.</summary>
    public DbSet<BidRow> Bids => Set<BidRow>();

    /// <summary>Every offer ever accepted.</summary>
    public DbSet<OfferRow> Offers => Set<OfferRow>();

    /// <summary>Everything ever sold.</summary>
    public DbSet<LeaseRow> Leases => Set<LeaseRow>();

    /// <summary>Every run.</summary>
    public DbSet<RunRow> Runs => Set<RunRow>();

    /// <summary>The runs' public records, apart from the runs because they are big.</summary>
    public DbSet<RunRecordRow> RunRecords => Set<RunRecordRow>();

    /// <summary>The settings in force, as far as the feed was read.</summary>
    public async Task<MarketSettings> SettingsInForce(CancellationToken cancel) =>
        await Settings.FindAsync([SettingsRow.OnlyId], cancel) is { } row ? SettingsRow.ToDomain(row.ToMessage()) : SettingsRow.ToDomain(SettingsRow.Untold);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(OrderBookDb).Assembly);
    }
}

/// <summary>For the tool that makes migrations.</summary>
internal sealed class OrderBookDbFactory : IDesignTimeDbContextFactory<OrderBookDb>
{
    public OrderBookDb CreateDbContext(string[] args) =>
        new(Hosting.Storage.OptionsFor<OrderBookDb>("Host=none", ServiceNames.OrderBook), TimeProvider.System);
}
