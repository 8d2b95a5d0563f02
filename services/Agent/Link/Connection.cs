using ComputeExchange.Agent.Deliveries;
using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.Records;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.Agent.Link;

/// <summary>The node's stream to the exchange: made again whenever it breaks, for as long as the agent runs.</summary>
public sealed class Connection(
    ExchangeDoor door, NodeFile node, NodeKey key, StateFolder state, ExchangeTime time, RecordSpool records, DeliveryBoard board,
    Func<NodeInventory> inventory, Func<AgentHeartbeat> heartbeat, Action<RegistryWelcome> welcomed, string bootId, string version, HostLog log, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterDismissal = TimeSpan.FromMinutes(5);

    private readonly BackOff _backOff = new(First, Most);
    private readonly RoundTrips _trips = new(clock);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private string _linked = "";
    private Dismissal? _dismissal;
    private string? _serverDate;

    /// <summary>The median round trip of the last heartbeats, microseconds.</summary>
    public long RoundTrip => _trips.Median();

    /// <summary>There is something to be sent.</summary>
    public void Wake()
    {
        lock (_wake)
            if (_wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>Holds the stream until it is cancelled.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                _dismissal = null;
                await Once(cancel);
            }
            catch (Exception ended) when (ended is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && cancel.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException broken)
            {
                Note(_dismissal?.Message ?? LinkSentences.Of(broken, door, clock.GetUtcNow(), broken.Trailers.GetValue("date") ?? _serverDate));
            }
            catch (Exception broken) when (broken is InvalidOperationException or IOException or OperationCanceledException or TimeoutException)
            {
                Note(_dismissal?.Message ?? $"The stream broke: {broken.Message}");
            }
            board.RestartLogs();
            var wait = _dismissal is null ? _backOff.Next() : _dismissal.Reason == "ANOTHER_STREAM" ? Most : AfterDismissal;
            try
            {
                await Task.Delay(wait, clock, cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose() => _wake.Dispose();

    private async Task Once(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var headers = new Grpc.Core.Metadata { { "authorization", $"Bearer {NodeToken.Make(key, node.NodeId, clock.GetUtcNow())}" } };
        using var call = door.Agents.Connect(headers, cancellationToken: stop.Token);
        var session = new Session(call, records, board, time, _trips, clock);
        await session.Hello(new AgentHello { AgentVersion = version, Inventory = inventory(), BootId = bootId, NextRecordNumber = records.NextNumber }, board.Reports());

        _serverDate = null;
        var welcome = await Welcome(call, stop);
        time.Begin(welcome.ClockTime.ToDateTimeOffset(), welcome.ClockSimulated);
        if (!welcome.ClockSimulated && (clock.GetUtcNow() - welcome.ClockTime.ToDateTimeOffset()).Duration() > TimeSpan.FromSeconds(5))
            log.Line($"This host's clock and the exchange's differ by {(clock.GetUtcNow() - welcome.ClockTime.ToDateTimeOffset()).TotalSeconds:N0} s: readings will be late or early by that.");
        if (!records.Agree(welcome.LastRecordNumber))
            log.Line($"The exchange has records up to {welcome.LastRecordNumber}, which is not what this node remembers; it goes on from there.");
        welcomed(welcome);
        _backOff.Reset();
        Note("");

        var reading = session.Read(dismissal => _dismissal = dismissal, Wake, stop.Token);
        var writing = session.Write(welcome, _wake, heartbeat, inventory, stop.Token);
        try
        {
            await await Task.WhenAny(reading, writing);
            if (_dismissal is null) Note("The exchange ended the stream.");
            else Note(_dismissal.Message);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(reading, writing).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<RegistryWelcome> Welcome(AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call, CancellationTokenSource stop)
    {
        stop.CancelAfter(Most);
        _serverDate = (await call.ResponseHeadersAsync).GetValue("date");
        if (!await call.ResponseStream.MoveNext(stop.Token)) throw new IOException("The exchange ended the stream before its welcome.");
        stop.CancelAfter(Timeout.InfiniteTimeSpan);
        if (call.ResponseStream.Current.Dismissal is { } dismissal)
        {
            _dismissal = dismissal;
            throw new IOException(dismissal.Message);
        }
        return call.ResponseStream.Current.Welcome ?? throw new IOException("The exchange's first message was no welcome.");
    }

    private void Note(string trouble)
    {
        var said = trouble.Length == 0 ? "connected" : trouble;
        if (said == _linked) return;
        _linked = said;
        log.Line(trouble.Length == 0 ? $"Connected to {door.Exchange} as node {node.NodeId}." : trouble);
        StateFolder.Write(state.LinkFile, System.Text.Encoding.UTF8.GetBytes(said));
    }
}
