using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>How long the orders of a participant whose last order stream ended stand.</summary>
/// <param name="Grace">Time to come back; 0 for none.</param>
internal sealed record ConnectionOptions(TimeSpan Grace);

/// <summary>
/// Knows who has an order stream, and cancels the orders that asked for it some time after a participant's last one ended. After the engine took
/// the shard over, nobody is connected and everybody has that time to come back.
/// </summary>
internal sealed class Connections(Engine engine, ConnectionOptions options, TimeProvider time, ILogger<Connections> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Line> _lines = [];
    private CancellationTokenSource _served = new();
    private long _epoch;

    /// <summary>A stream of a participant, from now until it is disposed of.</summary>
    /// <exception cref="EngineUnavailableException">This engine does not own the shard: who is connected is known where the orders are.</exception>
    public Connection Open(Guid participant)
    {
        lock (_gate)
        {
            if (!engine.IsServing) throw NotServing();
            if (!_lines.TryGetValue(participant, out var line)) _lines.Add(participant, line = new Line());
            line.Streams++;
            return new Connection(this, participant, line, _served.Token);
        }
    }

    /// <summary>Says that another engine may answer.</summary>
    public static EngineUnavailableException NotServing() => new("This engine does not own the shard now; open the stream again.");

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(LookEvery, time, stoppingToken);
                if (!engine.IsServing)
                {
                    await EndStreams();
                    continue;
                }
                if (engine.Epoch != _epoch) await FindDisconnected(stoppingToken);
                foreach (var participant in TakeOverdue()) await Cancel(participant, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (EngineUnavailableException)
            {
                // Whoever serves next finds these orders again.
            }
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _served.Dispose();
        base.Dispose();
    }

    /// <summary>Another engine owns the shard now, or will: everybody must go there to be connected.</summary>
    private async Task EndStreams()
    {
        CancellationTokenSource ended;
        lock (_gate)
        {
            if (_lines.Count == 0) return;
            _lines.Clear();
            (ended, _served) = (_served, new CancellationTokenSource());
        }
        await ended.CancelAsync();
        ended.Dispose();
    }

    /// <summary>This engine has just begun to serve: of the owners of such orders, those without a stream are disconnected.</summary>
    private async Task FindDisconnected(CancellationToken cancel)
    {
        var (epoch, owners) = await engine.Ask(
            (exchange, _) => (engine.Epoch, exchange.Futures.AccountsWithDisconnectOrders().Select(account => exchange.Accounts[account]).ToList()), cancel);
        lock (_gate)
        {
            foreach (var owner in owners)
            {
                if (!_lines.TryGetValue(owner, out var line)) _lines.Add(owner, line = new Line());
                line.HasAsked = true;
                if (line.Streams == 0) line.EndedAt = time.GetTimestamp();
            }
        }
        _epoch = epoch;
    }

    private List<Guid> TakeOverdue()
    {
        lock (_gate)
        {
            var overdue = _lines.Where(line => line.Value.Streams == 0 && time.GetElapsedTime(line.Value.EndedAt) >= options.Grace).Select(line => line.Key).ToList();
            foreach (var participant in overdue) _lines.Remove(participant);
            return overdue;
        }
    }

    private async Task Cancel(Guid participant, CancellationToken cancel)
    {
        var answer = await engine.Submit(Guid.CreateVersion7(time.GetUtcNow()), new EngineCommand
        {
            CancelOrders = new CancelOrders { ParticipantId = participant.ToString(), Reason = OrderCancelReason.Disconnected },
        }, cancel);
        log.LogInformation("{Participant} is disconnected: its orders that asked for it are cancelled by command {Sequence}.", participant, answer.Sequence);
    }

    private void Close(Guid participant, Line line)
    {
        lock (_gate)
        {
            if (--line.Streams > 0 || _lines.GetValueOrDefault(participant) != line) return;
            if (line.HasAsked) line.EndedAt = time.GetTimestamp();
            else _lines.Remove(participant);
        }
    }

    /// <summary>What is known of a participant.</summary>
    internal sealed class Line
    {
        public int Streams { get; set; }

        /// <summary>Whether it ever entered an order that is to be cancelled when it is gone.</summary>
        public bool HasAsked { get; set; }

        /// <summary>When the last stream ended.</summary>
        public long EndedAt { get; set; }
    }

    /// <summary>One stream.</summary>
    internal sealed class Connection(Connections owner, Guid participant, Line line, CancellationToken lost) : IDisposable
    {
        /// <summary>Cancelled when this engine no longer owns the shard.</summary>
        public CancellationToken Lost => lost;

        /// <summary>Notes whether any of these requests asks for cancel on disconnect.</summary>
        public void Note(ReadOnlySpan<byte> requests)
        {
            if (line.HasAsked || requests.Length % OrderRequest.Size != 0) return;
            foreach (ref readonly var request in MemoryMarshal.Cast<byte, OrderRequest>(requests))
                if ((request.Flags & OrderFlags.CancelOnDisconnect) != 0) line.HasAsked = true;
        }

        /// <inheritdoc />
        public void Dispose() => owner.Close(participant, line);
    }
}
