using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.Cli;

/// <summary>One command being run: its line, its exchange, its output.</summary>
public sealed class Session(ParseResult line, CancellationToken cancel) : IDisposable
{
    /// <summary>How long a command waits for an exchange that is away, so that a restart is not seen.</summary>
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(3);

    /// <summary>Prints JSON instead of tables.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document instead of tables.", Recursive = true };

    Connection? _connection;
    ExchangeClient? _exchange;
    GetClockResponse? _clock;
    ListMarketsResponse? _markets;

    /// <summary>The command line.</summary>
    public ParseResult Line { get; } = line;

    /// <summary>Set when the person at the keyboard has had enough.</summary>
    public CancellationToken Cancel { get; } = cancel;

    /// <summary>Where results go.</summary>
    public Printer Print { get; } = new(line.InvocationConfiguration.Output, line.GetValue(Json));

    /// <summary>Where everything else goes.</summary>
    public TextWriter Error { get; } = line.InvocationConfiguration.Error;

    /// <summary>Which exchange, and as whom.</summary>
    public Connection Connection => _connection ??= Connection.Of(Line);

    /// <summary>The exchange.</summary>
    public ExchangeClient Exchange => _exchange ??= new ExchangeClient(Connection.Addresses, Connection.Key);

    /// <summary>A question, or a change that carries a request id: repeated while the exchange is away for a moment.</summary>
    /// <param name="onFailure">Told of each time that it has to be repeated.</param>
    public Task<T> Ask<T>(Func<CancellationToken, AsyncUnaryCall<T>> call, Action<RpcException>? onFailure = null) =>
        Patience.Ask(() => call(Cancel).ResponseAsync, Patient, Cancel, onFailure);

    /// <summary>The exchange's time.</summary>
    public async Task<DateTimeOffset> Now() =>
        (_clock ??= await Ask(cancel => Exchange.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel))).ClockTime.ToDateTimeOffset();

    /// <summary>The markets and the settings.</summary>
    public async Task<ListMarketsResponse> Markets() =>
        _markets ??= await Ask(cancel => Exchange.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: cancel));

    /// <summary>A time as it was written; the exchange's clock is asked only where it matters.</summary>
    public async Task<DateTimeOffset> Time(string field, string text) =>
        TimeWords.TryParseIso(text, out var time) ? time : TimeWords.Parse(field, text, await Now());

    /// <summary>A time as the start of a slot.</summary>
    public async Task<DateTimeOffset> Slot(string field, string text)
    {
        var time = await Time(field, text);
        return TimeWords.TryParseIso(text, out _) ? time : TimeWords.ToSlot(text, time, TimeSpan.FromMinutes(Math.Max(1, (await Markets()).Settings.SlotMinutes)));
    }

    /// <summary>Every page of a list, up to a number of rows; 0: all.</summary>
    public static async Task<List<TRow>> Pages<TRow>(Func<string, Task<(IEnumerable<TRow> Rows, string Next)>> page, int most = 0)
    {
        var rows = new List<TRow>();
        var token = "";
        do
        {
            var (found, next) = await page(token);
            rows.AddRange(found);
            token = next;
        }
        while (token.Length > 0 && (most == 0 || rows.Count < most));
        return most > 0 && rows.Count > most ? rows[..most] : rows;
    }

    /// <inheritdoc />
    public void Dispose() => _exchange?.Dispose();
}
