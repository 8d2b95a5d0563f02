using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ComputeExchange.Pricing.Storage;

/// <summary>Pricing's tables: what runs sold at, and what was published from it.</summary>
public sealed class PricingDb(DbContextOptions<PricingDb> options, TimeProvider clock) : ServiceDb(options, clock)
{
    /// <inheritdoc />
    public override string Schema => ServiceNames.Pricing;

    /// <summary>The markets: each has an index.</summary>
    public DbSet<MarketRow> Markets => Set<MarketRow>();

    /// <summary>The bids that are blocks.</summary>
    public DbSet<BlockBidRow> BlockBids => Set<BlockBidRow>();

    /// <summary>The price of every market and slot in every run that sold something there.</summary>
    public DbSet<SpotPriceRow> SpotPrices => Set<SpotPriceRow>();

    /// <summary>What was sold, slot by slot.</summary>
    public DbSet<TradeRow> Trades => Set<TradeRow>();

    /// <summary>What was published; rows are added, never changed.</summary>
    public DbSet<IndexValueRow> IndexValues => Set<IndexValueRow>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PricingDb).Assembly);
    }
}

/// <summary>For the tool that makes migrations.</summary>
internal sealed class PricingDbFactory : IDesignTimeDbContextFactory<PricingDb>
{
    public PricingDb CreateDbContext(string[] args) =>
        new(Hosting.Storage.OptionsFor<PricingDb>("Host=none", ServiceNames.Pricing), TimeProvider.System);
}
