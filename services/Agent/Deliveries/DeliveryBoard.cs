using ComputeExchange.Agent.Runners;
using ComputeExchange.Agent.SelfTests;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>All deliveries on this host: what is wanted against what is there.</summary>
public sealed class DeliveryBoard : IDisposable
{
    private static readonly TimeSpan BusyLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly DeliveryHost _host;
    private readonly SelfTesting _tests;
    private readonly SortedDictionary<long, DeliveryRun> _runs = [];
    private DesiredState? _desired;
    private SelfTestAsk? _ask;
    private long? _lookedAt;
    private DateTimeOffset _steppedTo;
    private DateTimeOffset? _upSince;

    /// <summary>The deliveries that the state folder knows of.</summary>
    public DeliveryBoard(DeliveryHost host, SelfTesting tests)
    {
        (_host, _tests) = (host, tests);
        host.HeldBy = HeldBy;
        foreach (var state in DeliveryState.All(host.State)) _runs.Add(state.DeliveryId, new DeliveryRun(host, state));
        foreach (var meter in host.Records.Waiting().Where(record => record.Meter is not null).Select(record => record.Meter))
            if (_runs.TryGetValue(meter.DeliveryId, out var run)) run.WasMetered(meter.ToTime.ToDateTimeOffset());
    }

    /// <summary>Takes what the exchange wants; the newest revision counts.</summary>
    public void Want(DesiredState desired)
    {
        lock (_lock) _desired = desired;
        _host.Wake();
    }

    /// <summary>Goes one step further with everything.</summary>
    public void Step()
    {
        lock (_lock)
        {
            var now = _host.Time.Now;
            if (_desired is { } desired) Take(desired, now);
            Look(now);
            _steppedTo = now;
            // Those that end make room for those that begin.
            foreach (var run in _runs.Values.OrderByDescending(run => run.HoldsGpus).ToList())
            {
                run.Step(now);
                if (!run.CanBeForgotten) continue;
                run.Forget();
                run.Dispose();
                _runs.Remove(run.Id);
            }
            _tests.Step(_ask, uuid => !_runs.Values.Any(run => !run.IsOver && (_ask?.OfDeliveryId != run.Id || run.IsRunning) && run.GpuUuids.Contains(uuid)));
        }
    }

    /// <summary>Removes rooms of which no delivery is known: their files were lost or cannot be read.</summary>
    public async Task RemoveStrangers(CancellationToken cancel)
    {
        foreach (var folder in Directory.EnumerateDirectories(_host.State.Rooms).Where(folder => !long.TryParse(Path.GetFileName(folder), out var id) || !_runs.ContainsKey(id)))
        {
            _host.Log.Line($"{folder} is no delivery's that is known: it is removed.");
            _ = long.TryParse(Path.GetFileName(folder), out var id);
            try
            {
                foreach (var runner in _host.Runners) await runner.Remove(new Room { DeliveryId = id, Folder = folder }, cancel);
            }
            catch (RunnerException left)
            {
                _host.Log.Line(left.Message);
            }
        }
    }

    /// <summary>Where all deliveries stand.</summary>
    public IReadOnlyList<DeliveryReport> Reports()
    {
        lock (_lock) return [.. _runs.Values.Select(run => run.Report())];
    }

    /// <summary>The deliveries whose workload runs.</summary>
    public IReadOnlyList<long> Running()
    {
        lock (_lock) return [.. _runs.Values.Where(run => run.IsRunning).Select(run => run.Id)];
    }

    /// <summary>Whether something may have been printed that was not told.</summary>
    public bool MayPrint
    {
        get { lock (_lock) return _runs.Values.Any(run => run.MayPrint); }
    }

    /// <summary>Whether something goes on that must be looked at often.</summary>
    public bool IsBusy
    {
        get { lock (_lock) return _desired is not null || _runs.Values.Any(run => !run.IsOver); }
    }

    /// <summary>The next piece of a log to be sent; null: nothing now.</summary>
    public AgentLog? NextLog()
    {
        lock (_lock)
        {
            var now = _host.Clock.GetUtcNow();
            return _runs.Values.Where(run => !run.IsOver).Select(run => run.Log.Next(now, LogPatience)).FirstOrDefault(log => log is not null);
        }
    }

    /// <summary>The exchange has a log up to an offset.</summary>
    public void KeepLog(long deliveryId, long through)
    {
        lock (_lock)
            if (_runs.TryGetValue(deliveryId, out var run)) _ = run.Log.Keep(through);
    }

    /// <summary>The stream broke: what was on its way may not have arrived.</summary>
    public void RestartLogs()
    {
        lock (_lock)
            foreach (var run in _runs.Values) run.Log.Restart();
    }

    public void Dispose()
    {
        lock (_lock)
            foreach (var run in _runs.Values) run.Dispose();
    }

    private void Take(DesiredState desired, DateTimeOffset now)
    {
        _desired = null;
        _ask = desired.SelfTest;
        _upSince ??= now;
        var wanted = desired.Deliveries.ToDictionary(delivery => delivery.DeliveryId);
        foreach (var run in _runs.Values) run.Want(wanted.GetValueOrDefault(run.Id));
        foreach (var delivery in desired.Deliveries.Where(delivery => !_runs.ContainsKey(delivery.DeliveryId)))
        {
            // A simulated clock jumps over the time in which the exchange would have told: an agent that was there before the begin heard of it in time.
            var begin = delivery.FromTime.ToDateTimeOffset();
            var known = _host.Time.IsSimulated && _upSince <= begin && begin < now ? begin : now;
            var run = new DeliveryRun(_host, new DeliveryState { DeliveryId = delivery.DeliveryId, Wanted = delivery.ToByteArray(), KnownTime = known });
            run.Want(delivery);
            _runs.Add(run.Id, run);
        }
    }

    private void Look(DateTimeOffset now)
    {
        var isBusy = _runs.Values.Any(run => !run.IsOver);
        var jumped = _host.Time.IsSimulated && now != _steppedTo;
        if (_lookedAt is { } at && !jumped && _host.Clock.GetElapsedTime(at) < (isBusy ? BusyLook : IdleLook)) return;
        _lookedAt = _host.Clock.GetTimestamp();
        _host.Gpus.Look(_runs.Values.Select(run => run.Namespace).OfType<string>().ToHashSet());
    }

    private string? HeldBy(string uuid, long deliveryId)
    {
        if (_runs.Values.FirstOrDefault(run => run.Id != deliveryId && run.HoldsGpus && run.GpuUuids.Contains(uuid)) is { } other)
            return $"Waits until delivery {other.Id} has left {uuid}.";
        if (!_tests.Holds(uuid)) return null;
        _tests.GiveWay();
        return $"Waits until the test of {uuid} has ended.";
    }
}
