using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Bench;
using ComputeExchange.Cli.Bench.Orders;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx bench</c>: how fast the book and the engine are, on the order flow of a file, without an exchange.</summary>
public static class BenchCommands
{
    private const int WarmPasses = 3;

    static readonly Argument<string> Flow = CommandShape.Needed("file", "An order-flow file: MSTRM01, a count, and records of 24 bytes.");
    static readonly Option<int> PassCount = CommandShape.Whole<int>("--passes", "N", "How often the flow is timed, after three passes to get warm. The median counts.", orElse: 7);
    static readonly Option<int> AccountCount = CommandShape.Whole<int>("--accounts", "N", "How many accounts send the orders, an even number.", orElse: 256);

    static readonly Option<int> RequestCount = CommandShape.Whole<int>("--requests", "N", "How many order requests.", orElse: 1_000_000);
    static readonly Option<int> TraderCount = CommandShape.Whole<int>("--traders", "N", "How many traders, a stream each.", orElse: 4);
    static readonly Option<int> BatchSize = CommandShape.Whole<int>("--batch", "N", "Requests in a message.", orElse: 500);
    static readonly Option<int> Ahead = CommandShape.Whole<int>("--ahead", "N", "Messages that a trader sends before the answer to the first has come.", orElse: 4);
    static readonly Option<string?> Database = CommandShape.May("--database", "CONNECTION", "The exchange's PostgreSQL. Default: the private one in the data folder.");

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("bench", "Measure the parts that everything waits for.",
        CommandShape.Make("book", "The order book alone: the same code as in the live engine. Each pass begins with an empty book.", Flow, PassCount).Does(Book),
        CommandShape.Make("engine", "The whole engine in memory, with accounts, limits, margin, positions and events, beside the book alone, pass by pass.", Flow, PassCount, AccountCount).Does(Engine),
        CommandShape.Make("orders", "Durable orders through a running exchange, beside what its PostgreSQL does alone. Needs the operator's key; leaves traders and trades of its own behind.",
            RequestCount, TraderCount, BatchSize, Ahead, Database).Does(Orders));

    static async Task Orders(Session session)
    {
        int Option(Option<int> option, string name, int most) => session.Line.GetValue(option) is var number && number >= 1 && number <= most
            ? number
            : throw new InputException($"{name}: {number} is not a number from 1 to {most}.");
        var (traders, batch) = (Option(TraderCount, "--traders", 64), Option(BatchSize, "--batch", 8_192));
        var (requests, ahead) = (Option(RequestCount, "--requests", 100_000_000), Option(Ahead, "--ahead", 1_000));
        if (requests < traders * batch) throw new InputException($"--requests: {requests} is less than a message of {batch} for each of {traders} traders.");
        var database = session.Line.GetValue(Database) ?? PrivateDatabase(session.Connection.Data);
        void Tell(string line) => session.Error.WriteLine(line);
        var bench = new OrdersBench(session.Connection, session.Exchange, new Calls(Tell, session.Cancel), Tell);
        var figures = await bench.Run(database, requests, traders, batch, ahead);

        static JsonNode? Json(decimal number) => JsonValue.Create(number);
        static string Share(decimal part, decimal whole) => whole == 0 ? "" : decimal.Round(part / whole, 2).ToString(CultureInfo.InvariantCulture);
        var sheet = new Sheet<OrdersFigures>("bench", "")
            .Count("Requests", "requests", found => found.Requests)
            .Count("Refused", "refused", found => found.Refused);
        if (figures.Refusal is { } refusal) sheet.Text("First refusal", "first_refusal", _ => refusal);
        void Figure(string header, string field, Func<OrdersFigures, decimal> figure) =>
            sheet.Add(header, field, found => figure(found).ToString("#,0.##", CultureInfo.InvariantCulture), found => Json(figure(found)), isNumber: true);
        Figure("Durable requests a second", "requests_per_second", found => found.PerSecond);
        Figure("Journal, MB a second", "journal_mb_per_second", found => found.JournalMegabytesPerSecond);
        Figure("COPY of the same rows alone, requests a second", "copy_per_second", found => found.CopyPerSecond);
        sheet.Add("Share of that", "share_of_copy", found => Share(found.PerSecond, found.CopyPerSecond), found => Json(found.CopyPerSecond == 0 ? 0 : decimal.Round(found.PerSecond / found.CopyPerSecond, 3)), isNumber: true);
        Figure("Single-row inserts, 32 clients, a second", "inserts_per_second", found => found.InsertsPerSecond);
        sheet.Add("Times that", "times_inserts", found => Share(found.PerSecond, found.InsertsPerSecond), found => Json(found.InsertsPerSecond == 0 ? 0 : decimal.Round(found.PerSecond / found.InsertsPerSecond, 2)), isNumber: true);
        Figure("At an even pace, requests a second", "paced_per_second", found => found.PacedPerSecond);
        Figure("Latency p50, ms", "p50_ms", found => found.Median);
        Figure("Latency p99, ms", "p99_ms", found => found.Percentile99);
        Figure("Latency p99.9, ms", "p999_ms", found => found.Percentile999);
        Figure("A single-row commit alone, ms", "commit_ms", found => found.CommitMilliseconds);
        session.Print.Card(sheet, figures);
    }

    /// <summary>How to reach the private PostgreSQL of an exchange's data folder.</summary>
    static string PrivateDatabase(string data)
    {
        try
        {
            var folder = Path.Combine(data, "postgres");
            var port = File.ReadLines(Path.Combine(folder, "data", "postmaster.pid")).ElementAt(3).Trim();
            var password = File.ReadAllText(Path.Combine(folder, "password")).Trim();
            return $"Host=127.0.0.1;Port={port};Username=exchange;Password={password};Database=exchange";
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new InputException($"--database: the private PostgreSQL of {data} cannot be read ({missing.Message}); say how to connect.");
        }
    }

    static Task Book(Session session)
    {
        var (records, passes) = Inputs(session);
        var check = new CheckingTape();
        var checkedRun = new BookRun();
        checkedRun.Apply(records, ref check);

        var figures = new Passes(records.Length);
        for (var pass = 0; pass < WarmPasses + passes; pass++)
        {
            session.Cancel.ThrowIfCancellationRequested();
            var timed = TimeBook(records, check.Trades);
            if (pass >= WarmPasses) figures.Add(timed);
        }
        session.Print.Card(Checks(check, checkedRun.Resting).Into(sheet => Speed(sheet, "", figures)), figures);
        return Task.CompletedTask;
    }

    static Task Engine(Session session)
    {
        var (records, passes) = Inputs(session);
        var accounts = session.Line.GetValue(AccountCount);
        if (accounts is < 2 or > 65_536 || accounts % 2 != 0) throw new InputException($"--accounts: {accounts} is not an even number from 2 to 65536.");
        var prices = records.Where(record => record.Op != FlowOp.Cancel).Select(record => record.Price).ToList();
        if (prices.Count == 0 || prices.Min() < 1 || prices.Max() > FuturesMarket.HighestReference)
            throw new InputException($"file: has prices outside 1 to {FuturesMarket.HighestReference} ticks, which is what the engine's instruments can have.", exitCode: 2);
        var reference = (prices.Max() + 1) / 2;
        var requests = EngineRun.Requests(records, accounts);

        var check = new CheckingTape();
        var checkedRun = new EngineRun(requests, accounts, reference);
        for (var from = 0; from < requests.Length; from += 512)
        {
            checkedRun.Apply(from, Math.Min(requests.Length, from + 512));
            foreach (ref readonly var happened in checkedRun.Events)
                if (happened.Kind == OrderEventKind.Traded) check.Note(happened.Order, happened.Other, happened.Price, happened.Quantity);
        }

        var (engine, book) = (new Passes(records.Length), new Passes(records.Length));
        for (var pass = 0; pass < WarmPasses + passes; pass++)
        {
            session.Cancel.ThrowIfCancellationRequested();
            var bare = TimeBook(records, check.Trades);
            var run = new EngineRun(requests, accounts, reference);
            var whole = Pass.Of(records.Length, run.Apply);
            if (pass < WarmPasses) continue;
            book.Add(bare);
            engine.Add(whole);
        }
        session.Print.Card(
            Checks(check, checkedRun.Resting)
                .Into(sheet => Speed(sheet, "", engine))
                .Into(sheet => Speed(sheet, "book_", book))
                .Add("Rate, as a share of the book's", "share_of_book", _ => Number(decimal.Round(book.NanosecondsEach / engine.NanosecondsEach, 2)),
                    _ => JsonValue.Create(decimal.Round(book.NanosecondsEach / engine.NanosecondsEach, 2)), isNumber: true),
            engine);
        return Task.CompletedTask;
    }

    static Pass TimeBook(FlowRecord[] records, long trades)
    {
        var run = new BookRun();
        var tape = new CountingTape();
        var pass = Pass.Of(records.Length, (from, to) => run.Apply(records.AsSpan(from, to - from), ref tape));
        return tape.Trades == trades ? pass : throw new InvalidOperationException("Two passes over the same flow did not trade the same.");
    }

    static (FlowRecord[] Records, int Passes) Inputs(Session session)
    {
        var passes = session.Line.GetValue(PassCount);
        if (passes is < 1 or > 10_000) throw new InputException($"--passes: {passes} is not a number from 1 to 10000.");
        return (OrderFlow.Read(session.Line.GetRequiredValue(Flow)), passes);
    }

    static Sheet<Passes> Checks(CheckingTape check, int resting) => new Sheet<Passes>("bench", "")
        .Count("Trades", "trades", _ => check.Trades)
        .Count("Volume", "volume", _ => check.Volume)
        .Count("Notional", "notional", _ => check.Notional)
        .Text("Hash", "hash", _ => check.Hash.ToString("x16", CultureInfo.InvariantCulture))
        .Count("Resting", "resting", _ => resting);

    static void Speed(Sheet<Passes> sheet, string prefix, Passes figures)
    {
        var whose = prefix.Length == 0 ? "" : "Book: ";
        sheet
            .Count($"{whose}Operations a second", prefix + "ops_per_second", _ => figures.OperationsPerSecond)
            .Add($"{whose}Processor time each, ns", prefix + "cpu_ns_per_op", _ => Number(figures.NanosecondsEach), _ => JsonValue.Create(figures.NanosecondsEach), isNumber: true)
            .Count($"{whose}Bytes allocated in a pass", prefix + "allocated_bytes", _ => figures.Allocated)
            .Count($"{whose}Pauses over 1 ms", prefix + "pauses_over_1ms", _ => figures.Pauses)
            .Add($"{whose}Longest pause, ms", prefix + "longest_pause_ms", _ => Number(figures.LongestPause), _ => JsonValue.Create(figures.LongestPause), isNumber: true);
    }

    static Sheet<Passes> Into(this Sheet<Passes> sheet, Action<Sheet<Passes>> more)
    {
        more(sheet);
        return sheet;
    }

    static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
