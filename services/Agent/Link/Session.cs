using ComputeExchange.Agent.Deliveries;
using ComputeExchange.Agent.Records;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeExchange.Agent.Link;

/// <summary>One stream, from its first message to its end.</summary>
public sealed class Session(
    AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call, RecordSpool records, DeliveryBoard board, ExchangeTime time, RoundTrips trips, TimeProvider clock)
{
    private const int MissedHeartbeats = 3;

    private static readonly TimeSpan AgainPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan InventoryPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _sentThrough;
    private long _keptThrough;
    private long _goBackAt;
    private long _heard;
    private ByteString _inventory = ByteString.Empty;

    /// <summary>Introduces the node.</summary>
    public Task Hello(AgentHello hello, IEnumerable<DeliveryReport> deliveries)
    {
        hello.Deliveries.AddRange(deliveries);
        _inventory = Steady(hello.Inventory);
        return call.RequestStream.WriteAsync(new ConnectRequest { Hello = hello });
    }

    /// <summary>Takes what the exchange says, until it says no more.</summary>
    public async Task Read(Action<Dismissal> dismissed, Action wake, CancellationToken cancel)
    {
        while (await call.ResponseStream.MoveNext(cancel))
        {
            Interlocked.Exchange(ref _heard, clock.GetTimestamp());
            var message = call.ResponseStream.Current;
            switch (message.MessageCase)
            {
                case ConnectResponse.MessageOneofCase.Desired: board.Want(message.Desired); break;
                case ConnectResponse.MessageOneofCase.RecordsKept: Kept(message.RecordsKept.ThroughNumber); wake(); break;
                case ConnectResponse.MessageOneofCase.LogKept: board.KeepLog(message.LogKept.DeliveryId, message.LogKept.ThroughOffset); wake(); break;
                case ConnectResponse.MessageOneofCase.Heartbeat:
                    trips.Answered(message.Heartbeat.Sequence);
                    if (message.Heartbeat.ClockTime is { } told) time.Tell(told.ToDateTimeOffset());
                    break;
                case ConnectResponse.MessageOneofCase.Dismissal:
                    dismissed(message.Dismissal);
                    return;
            }
        }
    }

    /// <summary>Says what there is to say: heartbeats in time, records in order, logs, and what has changed.</summary>
    public async Task Write(RegistryWelcome welcome, SemaphoreSlim wake, Func<AgentHeartbeat> heartbeat, Func<NodeInventory> inventory, CancellationToken cancel)
    {
        var beat = TimeSpan.FromSeconds(Math.Clamp(welcome.HeartbeatSeconds, 1, 60));
        lock (_lock) _sentThrough = _keptThrough = welcome.LastRecordNumber;
        Interlocked.Exchange(ref _heard, clock.GetTimestamp());
        var (sequence, beaten, looked) = (0L, 0L, clock.GetTimestamp());
        while (!cancel.IsCancellationRequested)
        {
            if (beaten == 0 || clock.GetElapsedTime(beaten) >= beat)
            {
                if (clock.GetElapsedTime(Interlocked.Read(ref _heard)) > beat * MissedHeartbeats) throw new TimeoutException("The exchange does not answer heartbeats.");
                var sign = heartbeat();
                sign.Sequence = ++sequence;
                beaten = clock.GetTimestamp();
                trips.Sent(sequence);
                await call.RequestStream.WriteAsync(new ConnectRequest { Heartbeat = sign }, cancel);
            }
            if (clock.GetElapsedTime(looked) >= InventoryPause)
            {
                looked = clock.GetTimestamp();
                await Changed(inventory(), cancel);
            }
            while (NextRecord() is { } record)
            {
                await call.RequestStream.WriteAsync(new ConnectRequest { Record = record }, cancel);
                lock (_lock) _sentThrough = Math.Max(_sentThrough, record.Number);
            }
            while (board.NextLog() is { } text) await call.RequestStream.WriteAsync(new ConnectRequest { Log = text }, cancel);
            var left = beat - clock.GetElapsedTime(beaten);
            await wake.WaitAsync(board.MayPrint && left > LogPause ? LogPause : left > TimeSpan.Zero ? left : TimeSpan.Zero, cancel);
        }
    }

    private AgentRecord? NextRecord()
    {
        long from;
        lock (_lock) from = _sentThrough;
        return records.After(from);
    }

    private void Kept(long through)
    {
        records.Keep(through);
        lock (_lock)
        {
            // The same number twice says that what followed did not arrive in order: it is sent again.
            if (through == _keptThrough && _sentThrough > through && (_goBackAt == 0 || clock.GetElapsedTime(_goBackAt) > AgainPause))
                (_sentThrough, _goBackAt) = (through, clock.GetTimestamp());
            _keptThrough = through;
        }
    }

    private async Task Changed(NodeInventory inventory, CancellationToken cancel)
    {
        var now = Steady(inventory);
        if (now == _inventory) return;
        _inventory = now;
        await call.RequestStream.WriteAsync(new ConnectRequest { Inventory = inventory }, cancel);
    }

    // The free space of a disk is told with heartbeats and changes nothing of what is there.
    private static ByteString Steady(NodeInventory inventory)
    {
        var steady = inventory.Clone();
        steady.DiskFreeBytes = 0;
        return steady.ToByteString();
    }
}
