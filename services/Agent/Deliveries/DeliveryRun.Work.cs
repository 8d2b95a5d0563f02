using ComputeExchange.Agent.Runners;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>The workload: its room, its runs, its end.</summary>
public sealed partial class DeliveryRun
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private Task<Action>? _work;
    private CancellationTokenSource? _workCancel;
    private bool _prepared;
    private string _preparedKey = "";
    private string _buyersFault = "";
    private string _hostsFault = "";
    private long _pauseFrom;
    private TimeSpan _pause;
    private bool _runnerWasAsked;

    // A workload that is given anew, or the same on other GPUs, is another run.
    private string WantedKey => _wanted.Workload is { } workload ? $"{workload.WorkloadId}|{string.Join(',', _wanted.GpuUuids)}" : "";

    private bool IsPausing => _pause > TimeSpan.Zero && _host.Clock.GetElapsedTime(_pauseFrom) < _pause;

    private void Prepare()
    {
        if (_preparedKey != WantedKey)
        {
            (_preparedKey, _prepared, _buyersFault, _hostsFault, _pause) = (WantedKey, false, "", "", TimeSpan.Zero);
            if (_state.Phase is DeliveryPhase.Active or DeliveryPhase.Interrupting) _state.Message = "";
        }
        if (_wanted.Workload is not { } workload || _work is not null || _prepared || _buyersFault.Length > 0 || IsPausing) return;
        var (runner, refusal) = _host.RunnerFor(workload);
        if (runner is null)
        {
            _buyersFault = _state.Message = refusal;
            return;
        }
        _state.Runner = runner.Name;
        var (room, key) = (Room, WantedKey);
        Do(async cancel =>
        {
            var prepared = await runner.Prepare(room, cancel);
            if (prepared is Prepared.Done) await OpenDoor(runner, room, cancel);
            return () =>
            {
                if (key != WantedKey) return;
                _prepared = prepared is Prepared.Done;
                _buyersFault = prepared is Prepared.BuyersFault buyers ? buyers.Message : "";
                _hostsFault = prepared is Prepared.HostsFault hosts ? hosts.Message : "";
                _state.Message = _buyersFault + _hostsFault;
                if (!_prepared) PauseLonger();
            };
        });
    }

    private void Work(DateTimeOffset now)
    {
        if (_work is not null) return;
        if (_state.RunKey.Length > 0 && _state.RunKey != WantedKey)
        {
            Replace();
            return;
        }
        if (_wanted.Workload is null) return;
        if (_state.RunKey.Length == 0)
        {
            if (!_prepared || _preparedKey != WantedKey) Prepare();
            else if (!IsPausing) Start(_state.Run + 1);
            return;
        }
        // On a clock that jumps the end is not seen coming.
        var endIsNear = Interrupt is null && !_host.Time.IsSimulated && now >= To - Grace;
        Watch(endIsNear);
        if (endIsNear && IsRunning && !_state.EndSignalled && _work is null) SignalEnd(now);
    }

    private void Watch(bool endIsNear)
    {
        if (_state.RunOver)
        {
            var again = !endIsNear && (_state.EndSignalled || _wanted.Workload.RestartOnFailure && _state.ExitCode != 0);
            if (again && !IsPausing) Start(_state.Run + 1);
            return;
        }
        if (RunnerOf(_state.Runner) is not { } runner) return;
        var look = runner.Look(Room);
        if (look.State == RunState.Running) return;
        if (look.State == RunState.Gone && !_state.RunStarted)
        {
            // The agent ended between its note and the start.
            Start(_state.Run);
            return;
        }
        _state.RunOver = true;
        _state.ExitCode = look.ExitCode;
        _state.Message = look.State == RunState.Gone ? "How the workload ended is not known: the host was started anew, or its processes were ended from outside." : look.Message;
        Namespace = null;
        PauseLonger();
    }

    private void Start(int run)
    {
        if (RunnerOf(_state.Runner) is not { } runner) return;
        (_state.Run, _state.RunKey, _state.RunStarted, _state.RunOver, _state.ExitCode, _state.EndSignalled, _state.SshEndpoint) = (run, WantedKey, false, false, null, false, "");
        // Noted before it happens, so that a run is never lost sight of.
        Save();
        var room = Room;
        Do(async cancel =>
        {
            var started = await runner.Start(room, cancel);
            return () =>
            {
                _state.RunStarted = true;
                _state.Message = started.Remark;
                if (started.SshPort > 0) _state.SshEndpoint = $"{_host.PublicAddress()}:{started.SshPort}";
            };
        });
    }

    private void Replace()
    {
        if (RunnerOf(_state.Runner) is not { } runner) return;
        var (room, grace) = (Room, _state.RunOver ? TimeSpan.Zero : Grace);
        Do(async cancel =>
        {
            await runner.Stop(room, grace, cancel);
            return () =>
            {
                (_state.RunKey, _state.RunOver, _state.ExitCode, _state.SshEndpoint, _pause) = ("", true, null, "", TimeSpan.Zero);
                Namespace = null;
            };
        });
    }

    private void SignalEnd(DateTimeOffset now)
    {
        if (RunnerOf(_state.Runner) is not { } runner) return;
        _state.EndSignalled = true;
        var (room, left) = (Room, To - now);
        Do(async cancel =>
        {
            await runner.Stop(room, left, cancel);
            return () => { };
        });
    }

    private void PauseLonger()
    {
        _pauseFrom = _host.Clock.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    private void Do(Func<CancellationToken, Task<Action>> work)
    {
        _workCancel?.Dispose();
        _workCancel = new CancellationTokenSource();
        var cancel = _workCancel.Token;
        _work = Task.Run(async () =>
        {
            try
            {
                return await work(cancel);
            }
            catch (OperationCanceledException)
            {
                return () => { };
            }
            catch (Exception failed) when (failed is RunnerException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception or System.Net.Sockets.SocketException)
            {
                return () =>
                {
                    _state.Message = failed.Message;
                    PauseLonger();
                };
            }
        }, CancellationToken.None);
        _ = _work.ContinueWith(_ => _host.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Harvest()
    {
        if (_work is not { IsCompleted: true } done) return;
        _work = null;
        done.GetAwaiter().GetResult()();
    }

    private IRunner? RunnerOf(string name) => _host.Runners.FirstOrDefault(runner => runner.Name == name);
}
