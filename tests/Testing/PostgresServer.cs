using ComputeExchange.Hosting.Postgres;
using Npgsql;
using Xunit;
#if CONTAINERS
using ComputeExchange.Testing.Containers;
#endif

namespace ComputeExchange.Testing;

/// <summary>
/// A real PostgreSQL for a test assembly: the one named by TEST_POSTGRES if it is set, a container where that can be had,
/// otherwise a private one made from the machine's binaries in a temporary folder and removed at the end.
/// </summary>
/// <remarks>Use it as an assembly fixture: <c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c>.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private static int _databases;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"cx-postgres-{Environment.ProcessId}");
    private Func<Task> _stop = () => Task.CompletedTask;
    private string _connection = "";

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("TEST_POSTGRES") is { Length: > 0 } given)
        {
            _connection = given;
            return;
        }
#if CONTAINERS
        if (PostgresContainer.CanBeHad)
        {
            var container = await PostgresContainer.Start(TestContext.Current.CancellationToken);
            _connection = container.Connection;
            _stop = () => container.DisposeAsync().AsTask();
            return;
        }
#endif
        var server = await PrivatePostgres.Start(_folder, TestContext.Current.CancellationToken, "fsync=off", "synchronous_commit=off", "full_page_writes=off");
        _connection = server.ConnectionString("postgres");
        _stop = async () =>
        {
            await server.Stop("immediate");
            Directory.Delete(_folder, recursive: true);
        };
    }

    /// <summary>Makes an empty database of its own for a test class; returns its connection string.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_connection) { Database = name }.ConnectionString;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _stop();
    }
}
