using BenchmarkDotNet.Attributes;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Benchmarks;

/// <summary>A durable group of commands in a real PostgreSQL, beside single-row insert transactions of the same bytes on the same disk.</summary>
public class JournalBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cx-bench-").FullName;
    private PrivatePostgres _postgres = null!;
    private Journal _journal = null!;
    private NpgsqlDataSource _source = null!;
    private byte[] _hash = new byte[32];
    private long _sequence;
    private long _plain;

    /// <summary>Commands that share one commit.</summary>
    [Params(1, 64, 512)]
    public int Group { get; set; }

    [GlobalSetup]
    public void Start() => StartServer().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Stop() => StopServer().GetAwaiter().GetResult();

    [Benchmark]
    public async Task Append()
    {
        var entries = new List<JournalEntry>(Group);
        for (var i = 0; i < Group; i++)
        {
            var sequence = ++_sequence;
            var (body, happened) = Command(sequence);
            _hash = JournalEntry.HashOf(_hash, sequence, DerivedId.From(sequence), "1", DateTimeOffset.UnixEpoch, body, [happened]);
            entries.Add(new JournalEntry(sequence, DerivedId.From(sequence), "1", DateTimeOffset.UnixEpoch, "", body, [happened], _hash));
        }
        await _journal.Append(entries);
    }

    [Benchmark(Baseline = true)]
    public async Task Single_rows()
    {
        for (var i = 0; i < Group; i++)
        {
            await using var insert = _source.CreateCommand("INSERT INTO plain VALUES ($1, $2)");
            insert.Parameters.Add(new NpgsqlParameter { Value = ++_plain });
            insert.Parameters.Add(new NpgsqlParameter { Value = Command(_plain).Body });
            await insert.ExecuteNonQueryAsync();
        }
    }

    private static (byte[] Body, FeedEntry Happened) Command(long number)
    {
        var command = new EngineCommand
        {
            CreditCollateral = new CreditCollateral { ParticipantId = DerivedId.From("someone").ToString(), AmountMicros = number, Reference = "a deposit of a usual length" },
        };
        return (command.ToByteArray(), new FeedEntry
        {
            Number = number,
            Sequence = number,
            Event = new EngineEvent { CollateralCredited = new CollateralMoved { ParticipantId = command.CreditCollateral.ParticipantId, AmountMicros = number } },
        });
    }

    private async Task StartServer()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _postgres = await PrivatePostgres.Start(Path.Combine(_folder, "postgres"), CancellationToken.None);
        var database = _postgres.ConnectionString("postgres");
        await using (var db = new EngineDb(Hosting.Storage.OptionsFor<EngineDb>(database, ServiceNames.MatchingEngine)))
            await db.Database.MigrateAsync();
        _source = NpgsqlDataSource.Create(database);
        await using var create = _source.CreateCommand("CREATE TABLE plain (number bigint PRIMARY KEY, body bytea)");
        await create.ExecuteNonQueryAsync();
        _journal = await Journal.Open(database, "benchmark", CancellationToken.None);
        await _journal.TryOwn();
    }

    private async Task StopServer()
    {
        await _journal.DisposeAsync();
        await _source.DisposeAsync();
        await _postgres.Stop("immediate");
        Directory.Delete(_folder, recursive: true);
    }
}
