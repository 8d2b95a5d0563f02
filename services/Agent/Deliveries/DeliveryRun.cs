using ComputeExchange.Agent.Logs;
using ComputeExchange.Agent.Runners;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>One delivery on this host, from when it is heard of until all of it is removed.</summary>
/// <remarks>
/// <see cref="Step"/> compares what is wanted with what is there and goes one way further; it never waits. What takes time is done beside it, one thing at a
/// time, and its outcome taken up in a later step. So the state has one writer, and an agent that was killed at any point goes on from its file.
/// </remarks>
public sealed partial class DeliveryRun : IDisposable
{
    private readonly DeliveryHost _host;
    private readonly DeliveryState _state;
    private readonly string _path;
    private volatile DesiredDelivery _wanted;
    private byte[] _saved = [];
    private bool _isWanted = true;
    private string _line = "";

    /// <summary>A delivery as its file says, or a new one.</summary>
    public DeliveryRun(DeliveryHost host, DeliveryState state)
    {
        (_host, _state) = (host, state);
        _path = Path.Combine(host.State.Deliveries, $"{state.DeliveryId}.json");
        _wanted = DesiredDelivery.Parser.ParseFrom(state.Wanted);
        Log = new LogReader(state, Room.Folder);
        if (state.BootId.Length > 0 && state.BootId != host.Inventory().Host.BootId) _hostWasOff = true;
        state.BootId = host.Inventory().Host.BootId;
    }

    /// <summary>Its number.</summary>
    public long Id => _state.DeliveryId;

    /// <summary>What it printed.</summary>
    public LogReader Log { get; }

    /// <summary>Whether there is nothing left to be done, and it is not wanted any more.</summary>
    public bool CanBeForgotten => _state.IsOver && !_isWanted;

    /// <summary>Whether it needs no more looks for now.</summary>
    public bool IsOver => _state.IsOver;

    /// <summary>Whether its workload runs.</summary>
    public bool IsRunning => _state.RunKey.Length > 0 && !_state.RunOver;

    /// <summary>Whether it has, or had, a workload whose output is still here.</summary>
    public bool MayPrint => _state.Run > 0 && !_state.Removed;

    /// <summary>Whether its GPUs are its buyer's, or something of it may still be on them.</summary>
    public bool HoldsGpus => _state.ActiveTime is not null && !_state.Stopped;

    /// <summary>Its GPUs.</summary>
    public IReadOnlyList<string> GpuUuids => _wanted.GpuUuids;

    /// <summary>The process namespace of its workload; null: it has none.</summary>
    public string? Namespace { get; private set; }

    /// <summary>Takes what is wanted of it now; null: nothing any more.</summary>
    public void Want(DesiredDelivery? wanted)
    {
        _isWanted = wanted is not null;
        if (wanted is null || _state.IsOver) return;
        _wanted = wanted;
        _state.Wanted = wanted.ToByteArray();
        if (wanted.Workload is { } workload)
            foreach (var secret in workload.Environment.Values.Except(_state.Secrets).ToList()) _state.Secrets.Add(secret);
    }

    /// <summary>Goes further, as far as it goes now.</summary>
    public void Step(DateTimeOffset now)
    {
        Harvest();
        Reattach();
        if (HoldsGpus && _state.Closing == DeliveryPhase.Unspecified) Count(now);
        for (var pass = 0; pass < 8; pass++)
        {
            var before = (_state.Phase, _state.Closing, _state.Stopped);
            Next(now);
            if (before == (_state.Phase, _state.Closing, _state.Stopped)) break;
        }
        Tell(now);
        Save();
    }

    /// <summary>Where it stands, as the exchange is told.</summary>
    public DeliveryReport Report()
    {
        var report = new DeliveryReport
        {
            DeliveryId = Id,
            Phase = _state.Phase,
            CloseReason = _state.Phase is DeliveryPhase.Ended or DeliveryPhase.Failed ? _state.Reason : DeliveryCloseReason.Unspecified,
            Message = new Redactor(_state.Secrets).Clean(_state.Message),
            WorkloadRunning = IsRunning,
            SshEndpoint = IsRunning ? _state.SshEndpoint : "",
            Removed = _state.Removed,
            Runner = _state.Runner,
        };
        if (_state.ExitCode is { } code) report.ExitCode = code;
        return report;
    }

    /// <summary>Removes its file; the exchange wants nothing of it any more.</summary>
    public void Forget() => File.Delete(_path);

    /// <summary>Lets go of what is open, and leaves what runs running.</summary>
    public void Dispose()
    {
        CloseDoor();
        _workCancel?.Dispose();
    }

    private DateTimeOffset From => _wanted.FromTime.ToDateTimeOffset();

    private DateTimeOffset To => _wanted.ToTime.ToDateTimeOffset();

    private DateTimeOffset? Interrupt => _wanted.InterruptTime?.ToDateTimeOffset() is { } time && time <= To ? time : null;

    private DateTimeOffset End => Interrupt ?? To;

    private void Next(DateTimeOffset now)
    {
        if (_state.Closing != DeliveryPhase.Unspecified) Close();
        else if (_state.Phase is DeliveryPhase.Scheduled or DeliveryPhase.Provisioning) Begin(now);
        else if (_state.Phase is DeliveryPhase.Active or DeliveryPhase.Interrupting) GoOn(now);
    }

    private void Tell(DateTimeOffset now)
    {
        var report = Report();
        var bytes = report.ToByteArray();
        if (bytes.AsSpan().SequenceEqual(_state.Told)) return;
        _host.Records.Append(new AgentRecord { AtTime = now.ToTimestamp(), Delivery = report });
        _state.Told = bytes;
        var why = report.CloseReason == DeliveryCloseReason.Unspecified ? "" : $" ({report.CloseReason})";
        var line = $"Delivery {Id}: {report.Phase}{why}{(report.Removed ? ", removed" : "")}{(report.Message.Length > 0 ? $": {report.Message}" : "")}";
        if (line != _line) _host.Log.Line(line);
        _line = line;
    }

    private void Save()
    {
        var bytes = _state.Written();
        if (bytes.AsSpan().SequenceEqual(_saved)) return;
        StateFolder.Write(_path, bytes);
        _saved = bytes;
    }
}
