using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Facts.V1;
using ComputeExchange.Testing;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>The teller's, alpha's and the relay's tables, in one database of a test class.</summary>
public sealed class World(PostgresServer postgres) : IAsyncLifetime
{
    private NpgsqlDataSource _source = null!;

    public string Connection { get; private set; } = "";

    /// <summary>The connections of the processes, apart from those of the tests.</summary>
    public NpgsqlDataSource Processes { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Connection = await postgres.CreateDatabase();
        _source = NpgsqlDataSource.Create(Connection);
        Processes = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Connection) { ApplicationName = "process", MaxPoolSize = 50 });
        foreach (var db in (ServiceDb[])[Teller(), Alpha(), Relay()])
        {
            await using (db) await db.Database.ExecuteSqlRawAsync(db.Database.GenerateCreateScript().Replace("{", "{{").Replace("}", "}}"));
        }
    }

    public TellerDb Teller() => new(Options<TellerDb>(), TimeProvider.System);

    public AlphaDb Alpha() => new(Options<AlphaDb>(), TimeProvider.System);

    public RelayDb Relay() => new(Options<RelayDb>(), TimeProvider.System);

    /// <summary>Begins from nothing.</summary>
    public async Task Clear()
    {
        foreach (var schema in (string[])["teller", "alpha", "relay"])
        {
            await Execute($"TRUNCATE {schema}.facts, {schema}.cursors, {schema}.engine_commands");
            await Execute($"UPDATE {schema}.fact_head SET last_number = 0, published_number = 0");
        }
        await Execute("TRUNCATE teller.deeds, alpha.applied, alpha.chains, relay.applied, relay.chains");
    }

    public async Task Execute(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> Ask<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Cuts about half of the connections of the processes, as a crash of theirs or of the network would.</summary>
    public Task CutConnections() => Execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'process' AND random() < 0.5");

    /// <summary>The producers' doors, without the network between; a request fails now and then if it is wished.</summary>
    public IFactSource Doors(Func<bool>? fails = null) => new DoorsOf(this, fails ?? (() => false));

    public async ValueTask DisposeAsync()
    {
        await Processes.DisposeAsync();
        await _source.DisposeAsync();
    }

    private DbContextOptions<TDb> Options<TDb>()
        where TDb : DbContext => new DbContextOptionsBuilder<TDb>().UseNpgsql(_source).Options;

    private sealed class DoorsOf(World world, Func<bool> fails) : IFactSource
    {
        public async Task<IReadOnlyList<FactMessage>> Read(string producer, long from, int atMost, CancellationToken cancel)
        {
            if (fails()) throw new RpcException(new Status(StatusCode.Unavailable, "The producer is away."));
            await using ServiceDb db = producer == "teller" ? world.Teller() : world.Relay();
            var door = new FactsGrpc(new ServiceName(producer), db, new Hearers(), new ExchangeClock(false), []);
            var answer = await door.ReadFacts(
                new ReadFactsRequest { FromNumber = from, PageSize = atMost }, new DoorCall("ReadFacts", null, cancel));
            return [.. answer.Facts.Select(fact => new FactMessage
            {
                Producer = producer,
                Number = fact.Number,
                Type = fact.Type,
                Body = fact.Body.ToStringUtf8(),
                HappenedTime = fact.HappenedTime.ToDateTimeOffset(),
                TraceParent = fact.TraceParent,
            })];
        }
    }
}
