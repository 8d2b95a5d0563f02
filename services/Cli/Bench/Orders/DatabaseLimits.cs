using System.Diagnostics;
using System.Globalization;
using ComputeExchange.Cli.Words;
using Npgsql;
using NpgsqlTypes;

namespace ComputeExchange.Cli.Bench.Orders;

/// <summary>What the exchange's own PostgreSQL can do on the same disk in the same run, with nothing of the exchange in between.</summary>
internal sealed class DatabaseLimits(string database)
{
    private const int GroupRows = 16;

    /// <summary>Rows a second when each is a transaction of its own, by pgbench.</summary>
    /// <returns>Transactions a second, and the mean time of one in milliseconds.</returns>
    public async Task<(decimal PerSecond, decimal Milliseconds)> SingleRows(int clients, TimeSpan length, CancellationToken cancel)
    {
        await Execute("DROP TABLE IF EXISTS public.cx_bench_rows; CREATE TABLE public.cx_bench_rows (id bigserial PRIMARY KEY, body bytea NOT NULL)", cancel);
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, "INSERT INTO public.cx_bench_rows (body) VALUES (decode(repeat('5a', 200), 'hex'));\n", cancel);
            var parts = new NpgsqlConnectionStringBuilder(database);
            var start = new ProcessStartInfo(Pgbench())
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList =
                {
                    "-n", "-h", parts.Host!, "-p", parts.Port.ToString(CultureInfo.InvariantCulture), "-U", parts.Username!, "-d", parts.Database!, "-f", script,
                    "-c", clients.ToString(CultureInfo.InvariantCulture), "-j", "2", "-M", "prepared", "-T", length.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
                },
            };
            start.Environment["PGPASSWORD"] = parts.Password;
            using var process = Process.Start(start) ?? throw new InputException("pgbench does not start.");
            var failure = process.StandardError.ReadToEndAsync(cancel);
            var said = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            if (process.ExitCode != 0) throw new InputException($"pgbench failed: {(await failure).Trim()}");
            return (Figure(said, "tps = "), Figure(said, "latency average = "));
        }
        finally
        {
            File.Delete(script);
            await Execute("DROP TABLE IF EXISTS public.cx_bench_rows", CancellationToken.None);
        }
    }

    /// <summary>How long the journal's rows of some commands take to be copied again, in transactions of so many rows, into tables made like the journal's.</summary>
    /// <returns>Seconds, and the bytes of the bodies.</returns>
    public async Task<(double Seconds, long Bytes)> CopyAgain(long first, long last, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancel);
        var (commands, events) = (new List<object?[]>(), new List<object?[]>());
        await Read(connection, $"SELECT shard, sequence, epoch, command_id, engine_version, at_time, trace_parent, body, hash FROM matching_engine.commands WHERE shard = 0 AND sequence BETWEEN {first} AND {last} ORDER BY sequence", commands, cancel);
        await Read(connection, $"SELECT shard, number, sequence, body FROM matching_engine.events WHERE shard = 0 AND sequence BETWEEN {first} AND {last} ORDER BY number", events, cancel);
        try
        {
            await Execute("""
                DROP TABLE IF EXISTS public.cx_bench_commands, public.cx_bench_events;
                CREATE TABLE public.cx_bench_commands (LIKE matching_engine.commands INCLUDING ALL);
                CREATE TABLE public.cx_bench_events (LIKE matching_engine.events INCLUDING ALL);
                CHECKPOINT
                """, cancel);
            var began = TimeProvider.System.GetTimestamp();
            var nextEvent = 0;
            for (var next = 0; next < commands.Count; next += GroupRows)
            {
                var rows = commands.GetRange(next, Math.Min(GroupRows, commands.Count - next));
                var until = (long)rows[^1][1]!;
                var firstEvent = nextEvent;
                while (nextEvent < events.Count && (long)events[nextEvent][2]! <= until) nextEvent++;
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                await Copy(connection, "COPY public.cx_bench_commands (shard, sequence, epoch, command_id, engine_version, at_time, trace_parent, body, hash) FROM STDIN (FORMAT BINARY)", rows, cancel);
                await Copy(connection, "COPY public.cx_bench_events (shard, number, sequence, body) FROM STDIN (FORMAT BINARY)", events.GetRange(firstEvent, nextEvent - firstEvent), cancel);
                await transaction.CommitAsync(cancel);
            }
            var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            return (seconds, commands.Sum(row => ((byte[])row[7]!).LongLength) + events.Sum(row => ((byte[])row[3]!).LongLength));
        }
        finally
        {
            await Execute("DROP TABLE IF EXISTS public.cx_bench_commands, public.cx_bench_events", CancellationToken.None);
        }
    }

    private static async Task Read(NpgsqlConnection connection, string sql, List<object?[]> rows, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var row = new object?[reader.FieldCount];
            reader.GetValues(row!);
            rows.Add(row);
        }
    }

    private static async Task Copy(NpgsqlConnection connection, string sql, List<object?[]> rows, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync(sql, cancel);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancel);
            foreach (var value in row)
            {
                switch (value)
                {
                    case int number: await copy.WriteAsync(number, NpgsqlDbType.Integer, cancel); break;
                    case long number: await copy.WriteAsync(number, NpgsqlDbType.Bigint, cancel); break;
                    case Guid id: await copy.WriteAsync(id, NpgsqlDbType.Uuid, cancel); break;
                    case DateTime time: await copy.WriteAsync(time, NpgsqlDbType.TimestampTz, cancel); break;
                    case byte[] bytes: await copy.WriteAsync(bytes, NpgsqlDbType.Bytea, cancel); break;
                    default: await copy.WriteAsync((string?)value, NpgsqlDbType.Text, cancel); break;
                }
            }
        }
        await copy.CompleteAsync(cancel);
    }

    private async Task Execute(string sql, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancel);
        foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private static string Pgbench()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : []);
        return folders.Select(folder => Path.Combine(folder, "pgbench")).FirstOrDefault(File.Exists)
            ?? throw new InputException("pgbench is not here: it comes with PostgreSQL (Debian: postgresql-contrib or postgresql).");
    }

    private static decimal Figure(string said, string before)
    {
        var from = said.IndexOf(before, StringComparison.Ordinal);
        var figure = from < 0 ? "" : said[(from + before.Length)..].Split(' ', '\n')[0];
        return decimal.TryParse(figure, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InputException($"pgbench did not say \"{before}\": {said}");
    }
}
