using ComputeExchange.Agent.Runners;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>While the GPUs are the buyer's.</summary>
public sealed partial class DeliveryRun
{
    private Meter? _meter;
    private bool _hostWasOff;

    private TimeSpan Grace => TimeSpan.FromSeconds(Math.Clamp(_wanted.GraceSeconds, 0, 600));

    private void GoOn(DateTimeOffset now)
    {
        if (_wanted.GpuUuids.Select(_host.Gpus.Of).FirstOrDefault(gpu => gpu.IsFailed) is { } failed)
            GiveUp(DeliveryPhase.Failed, DeliveryCloseReason.GpuFailed, $"{failed.Sample.Uuid}: {failed.Sample.Trouble}");
        else if (now >= End)
            GiveUp(DeliveryPhase.Ended, Interrupt is null ? DeliveryCloseReason.Completed : _wanted.InterruptReason, "");
        else if (!_isWanted)
            GiveUp(DeliveryPhase.Ended, _wanted.InterruptReason, "It is not wanted any more.");
        else
        {
            Notice();
            Work(now);
        }
    }

    private void Notice()
    {
        if (Interrupt is not null && _state.Phase == DeliveryPhase.Active)
        {
            _state.Phase = DeliveryPhase.Interrupting;
            if (IsRunning && _wanted.Workload?.Environment.TryGetValue(WorkloadEnvironment.NoticeSignal, out var signal) == true && RunnerOf(_state.Runner) is { } runner)
                _ = runner.Signal(Room, signal, CancellationToken.None);
        }
        else if (Interrupt is null && _state.Phase == DeliveryPhase.Interrupting)
        {
            _state.Phase = DeliveryPhase.Active;
        }
    }

    private void Count(DateTimeOffset now)
    {
        if (_state.MeteredTime is not { } metered) return;
        if (_hostWasOff)
        {
            // The host was off in between: nobody had the use of its GPUs.
            _hostWasOff = false;
            metered = Meter.Floor(now) > metered ? Meter.Floor(now) : metered;
            _state.MeteredTime = metered;
        }
        _meter ??= new Meter(Id, metered);
        var gpus = _wanted.GpuUuids.Select(_host.Gpus.Of).ToList();
        var utilisation = gpus.Count == 0 ? 0 : gpus.Sum(gpu => gpu.Sample.UtilisationPercent) / gpus.Count;
        foreach (var reading in _meter.Count(now < End ? now : End, gpus.Count(gpu => gpu.IsGood), utilisation, _host.MeterSeconds)) Write(reading, now);
    }

    private void CountRest(DateTimeOffset now)
    {
        if (_state.ActiveTime is null) return;
        Count(now);
        if (_meter?.Rest() is { } rest) Write(rest, now);
    }

    private void Write(MeterReading reading, DateTimeOffset now)
    {
        // The record first: should the agent end between the two, it finds the reading in the spool and does not write it twice.
        _host.Records.Append(new AgentRecord { AtTime = now.ToTimestamp(), Meter = reading });
        _state.MeteredTime = reading.ToTime.ToDateTimeOffset();
        Save();
    }

    /// <summary>A reading that an agent before this one wrote, and may not have noted in the delivery's file.</summary>
    public void WasMetered(DateTimeOffset through)
    {
        if (_state.MeteredTime < through) _state.MeteredTime = through;
    }
}
