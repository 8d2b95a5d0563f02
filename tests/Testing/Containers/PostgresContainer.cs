using Testcontainers.PostgreSql;

namespace ComputeExchange.Testing.Containers;

/// <summary>A PostgreSQL for tests in a container of its own.</summary>
internal sealed class PostgresContainer : IAsyncDisposable
{
    private const string Image = "postgres:17";

    private readonly PostgreSqlContainer _container;

    private PostgresContainer(PostgreSqlContainer container) => _container = container;

    /// <summary>Whether there can be one on this machine.</summary>
    public static bool CanBeHad => Engine.Has(Image);

    public string Connection => _container.GetConnectionString();

    public static async Task<PostgresContainer> Start(CancellationToken cancel)
    {
        // What a test writes need not outlive it.
        var container = new PostgreSqlBuilder(Image)
            .WithCommand("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300")
            .Build();
        await container.StartAsync(cancel);
        return new PostgresContainer(container);
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
