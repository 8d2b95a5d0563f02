using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeExchange.Hosting;

/// <summary>How a service's tables are reached and brought up to date.</summary>
public static class Storage
{
    /// <summary>A context over a data source, with its history of migrations in its own schema.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder db, NpgsqlDataSource source, string schema) =>
        db.UseNpgsql(source, npgsql => npgsql.MigrationsHistoryTable(HistoryRepository.DefaultTableName, schema));

    /// <summary>The same for a connection string; for tools that make migrations.</summary>
    public static DbContextOptions<TDb> OptionsFor<TDb>(string connection, string schema)
        where TDb : DbContext
    {
        var options = new DbContextOptionsBuilder<TDb>();
        options.UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable(HistoryRepository.DefaultTableName, schema));
        return options.Options;
    }

    /// <summary>Brings a service's tables up to date; of several processes that try, one does.</summary>
    public static async Task Migrate<TDb>(IServiceProvider services, CancellationToken cancel)
        where TDb : ServiceDb
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TDb>().Database.MigrateAsync(cancel);
    }
}
