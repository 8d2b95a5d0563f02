using System.Diagnostics;
using System.Globalization;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Benchmarks;

/// <summary>How many transfers a second the ledger takes, beside pgbench's TPC-B-like transactions on the same server in the same run.</summary>
/// <remarks>
/// The server is a private one with the settings that the exchange gives it: every commit is on the disk. pgbench moves one
/// amount a transaction with as many clients as serve it best; the ledger takes batches over 10,000 accounts, one after the
/// other, each with its checks, hashes and triggers. The two take turns.
/// </remarks>
internal static class LedgerBench
{
    private const int People = 10_000;
    private const int Clients = 16;

    private static readonly Guid[] Owners = [.. Enumerable.Range(1, People).Select(i => new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]))];

    /// <summary>Three turns of so many seconds each, with batches of so many transfers.</summary>
    public static async Task Run(int seconds, int batch)
    {
        var folder = Directory.CreateTempSubdirectory("cx-ledger-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var postgres = await PrivatePostgres.Start(Path.Combine(folder, "postgres"), CancellationToken.None);
        try
        {
            var connection = postgres.ConnectionString("postgres");
            await using (var db = Open(connection)) await db.Database.MigrateAsync();
            await Pgbench(postgres, "-i", "-s", "16", "-q");
            var random = new Random(42);
            var cause = 0L;
            await Fund(connection);

            var (baseline, ledger) = (new List<double>(), new List<double>());
            for (var turn = 1; turn <= 3; turn++)
            {
                baseline.Add(Rate(await Pgbench(postgres, "-c", $"{Clients}", "-j", "2", "-T", $"{seconds}", "-M", "prepared")));
                var (took, began) = (0, TimeProvider.System.GetTimestamp());
                while (TimeProvider.System.GetElapsedTime(began).TotalSeconds < seconds) took += await Batch(connection, random, batch, () => ++cause);
                ledger.Add(took / TimeProvider.System.GetElapsedTime(began).TotalSeconds);
                Console.WriteLine($"turn {turn}: pgbench TPC-B-like {baseline[^1]:#,0} transactions/s, ledger {ledger[^1]:#,0} transfers/s, {ledger[^1] / baseline[^1]:0.0} times");
            }
            await Check(connection);
            Console.WriteLine($"batches of {batch}: {ledger.Average():#,0} transfers/s, {ledger.Average() / baseline.Average():0.0} times pgbench's {baseline.Average():#,0}");
        }
        finally
        {
            await postgres.Stop("immediate");
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SettlementDb Open(string connection) =>
        new(Hosting.Storage.OptionsFor<SettlementDb>(connection, ServiceNames.Settlement), TimeProvider.System);

    private static async Task Fund(string connection)
    {
        foreach (var some in Owners.Chunk(1_000))
        {
            await using var db = Open(connection);
            db.Post(some.Select(owner => new Transfer(
                Account.Bank, Account.Transit(owner), new Money(1_000_000_000_000), "deposit", $"deposit {owner}", TimeProvider.System.GetUtcNow())));
            await db.SaveChangesAsync();
        }
    }

    private static async Task<int> Batch(string connection, Random random, int size, Func<long> cause)
    {
        var now = TimeProvider.System.GetUtcNow();
        var groups = new List<IReadOnlyList<Transfer>>(size);
        for (var i = 0; i < size; i++)
        {
            var from = random.Next(People);
            var to = (from + 1 + random.Next(People - 1)) % People;
            groups.Add([new Transfer(
                Account.Transit(Owners[from]), Account.Transit(Owners[to]), new Money(random.Next(1, 1_000_000)), "bench", $"bench {cause()}", now)]);
        }
        await using var db = Open(connection);
        await using var transaction = await db.Database.BeginTransactionAsync();
        var outcomes = await Ledger.Take(db, groups, now, CancellationToken.None);
        await transaction.CommitAsync();
        return outcomes.Count(outcome => outcome is TransferOutcome.Posted);
    }

    /// <summary>The chain holds and all adds up to zero: what was fast was also right.</summary>
    private static async Task Check(string connection)
    {
        await using var db = Open(connection);
        ReadOnlyMemory<byte> hash = LedgerChain.Beginning;
        var count = 0L;
        var began = TimeProvider.System.GetTimestamp();
        await foreach (var row in db.Transfers.AsNoTracking().OrderBy(transfer => transfer.Number).AsAsyncEnumerable())
        {
            if (row.Number != ++count || !LedgerChain.HashOf(hash.Span, row.ToRecord()).AsSpan().SequenceEqual(row.Hash))
                throw new UnreachableException($"Transfer {count} breaks the chain.");
            hash = row.Hash;
        }
        Console.WriteLine($"{count:#,0} transfers read and their chain verified in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        if (await db.Accounts.SumAsync(account => account.BalanceMicros) != 0) throw new UnreachableException("The balances do not add up to zero.");
    }

    private static double Rate(string output) => double.Parse(
        output.Split('\n').First(line => line.StartsWith("tps", StringComparison.Ordinal)).Split('=', ' ').Select(word => word.Trim()).First(word => word.Length > 0 && char.IsDigit(word[0])),
        CultureInfo.InvariantCulture);

    private static async Task<string> Pgbench(PrivatePostgres postgres, params string[] arguments)
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(postgres.ConnectionString("postgres"));
        var start = new ProcessStartInfo("pgbench", ["-h", "127.0.0.1", "-p", $"{postgres.Port}", "-U", connection.Username!, .. arguments, "postgres"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = connection.Password;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"pgbench failed: {await error}");
    }
}
