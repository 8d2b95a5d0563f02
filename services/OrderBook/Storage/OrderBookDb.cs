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

    /// <summary>Who pays another buyer's fee than the market's.</summary>
    public DbSet<FeeRow> Fees => Set<FeeRow>();

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

    /// <summary>The futures contracts.</summary>
    public DbSet<InstrumentRow> Instruments => Set<InstrumentRow>();

    /// <summary>The accounts of the futures market.</summary>
    public DbSet<FuturesAccountRow> Accounts => Set<FuturesAccountRow>();

    /// <summary>Every futures order ever accepted.</summary>
    public DbSet<FuturesOrderRow> Orders => Set<FuturesOrderRow>();

    /// <summary>Every futures trade.</summary>
    public DbSet<FuturesTradeRow> Trades => Set<FuturesTradeRow>();

    /// <summary>Positions that are or were held.</summary>
    public DbSet<PositionRow> Positions => Set<PositionRow>();

    /// <summary>What became of order requests that placed no order.</summary>
    public DbSet<OrderOutcomeRow> OrderOutcomes => Set<OrderOutcomeRow>();

    /// <summary>How far the futures market was read, in one row.</summary>
    public DbSet<OrdersReadRow> OrdersRead => Set<OrdersReadRow>();

    /// <summary>What of the feed is written in bulk when the change is saved; null for nothing.</summary>
    internal Func<CancellationToken, Task>? BeforeSave { get; set; }

    /// <summary>The settings in force, as far as the feed was read.</summary>
    public async Task<MarketSettings> SettingsInForce(CancellationToken cancel) =>
        await Settings.FindAsync([SettingsRow.OnlyId], cancel) is { } row ? SettingsRow.ToDomain(row.ToMessage()) : SettingsRow.ToDomain(SettingsRow.Untold);

    /// <summary>The same, with the fee that a buyer pays; nobody's is the market's.</summary>
    public async Task<MarketSettings> SettingsInForce(Guid? buyer, CancellationToken cancel)
    {
        var settings = await SettingsInForce(cancel);
        var own = buyer is { } id ? (await Fees.FindAsync([id], cancel))?.BuyerFeePpm : null;
        return settings with { BuyerFeePpm = own ?? settings.BuyerFeePpm };
    }

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (BeforeSave is { } first)
        {
            BeforeSave = null;
            await first(cancellationToken);
        }
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

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
