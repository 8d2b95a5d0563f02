using ComputeExchange.Agent.Runners;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>The way to the end: nothing runs, the log is told, everything is removed, and each of these was checked.</summary>
public sealed partial class DeliveryRun
{
    // For as long the exchange may be away and still gets the last of the log.
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(60);

    private long? _stoppedAt;

    private void GiveUp(DeliveryPhase phase, DeliveryCloseReason reason, string message)
    {
        CountRest(_host.Time.Now);
        (_state.Closing, _state.Reason, _state.Message) = (phase, reason, message);
        // A failure is told at once; an end when nothing runs any more.
        if (phase == DeliveryPhase.Failed) _state.Phase = phase;
        _pause = TimeSpan.Zero;
        if (!_state.EndSignalled) _workCancel?.Cancel();
    }

    private void Close()
    {
        if (_work is not null || IsPausing && _state.Message.Length > 0) return;
        if (_state.Removed) return;
        var runner = _state.Runner.Length > 0 ? RunnerOf(_state.Runner) : null;
        if (_state.Runner.Length > 0 && runner is null)
        {
            _state.Message = $"It cannot be removed: {_state.Runner} does not answer on this host.";
            return;
        }
        if (!_state.Stopped) Stop(runner);
        else if (_stoppedAt is null || Log.IsDone() || _host.Clock.GetElapsedTime(_stoppedAt.Value) > LogPatience) Remove(runner);
    }

    private void Stop(IRunner? runner)
    {
        if (runner is null || _state.Run == 0)
        {
            Stopped(runner);
            return;
        }
        var (room, grace) = (Room, _state.EndSignalled || _state.RunOver ? TimeSpan.Zero : Grace);
        Do(async cancel =>
        {
            await runner.Stop(room, grace, cancel);
            return () => Stopped(runner);
        });
    }

    private void Stopped(IRunner? runner)
    {
        if (runner is not null && _state.Run > 0 && !_state.RunOver)
        {
            _state.ExitCode = runner.Look(Room).ExitCode;
            _state.RunOver = true;
        }
        _state.Stopped = true;
        _state.Phase = _state.Closing;
        _stoppedAt = _host.Clock.GetTimestamp();
        Namespace = null;
    }

    private void Remove(IRunner? runner)
    {
        if (runner is null)
        {
            Removed();
            return;
        }
        CloseDoor();
        var room = Room;
        Do(async cancel =>
        {
            await runner.Remove(room, cancel);
            return Removed;
        });
    }

    private void Removed()
    {
        _state.Removed = true;
        // Nothing of the buyer's stays, not even here.
        var bare = _wanted.Clone();
        bare.Workload = null;
        _wanted = bare;
        _state.Wanted = bare.ToByteArray();
        _state.Secrets = [];
    }
}
