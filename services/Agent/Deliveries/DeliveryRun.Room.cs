using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ComputeExchange.Agent.Metadata;
using ComputeExchange.Agent.Runners;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Deliveries;

/// <summary>The room and its metadata door.</summary>
public sealed partial class DeliveryRun
{
    private volatile MetadataDoor? _door;
    private string _doorAddress = "127.0.0.1";

    private Room Room
    {
        get
        {
            var inventory = _host.Inventory();
            var workload = _wanted.Workload ?? new Workload();
            var (mine, all) = (Math.Max(1, _wanted.GpuUuids.Count), Math.Max(1, inventory.Gpus.Count));
            return new Room
            {
                DeliveryId = Id,
                Folder = Path.Combine(_host.State.Rooms, Id.ToString(CultureInfo.InvariantCulture)),
                Run = _state.Run,
                Workload = workload,
                GpuUuids = [.. _wanted.GpuUuids],
                CpuCount = Math.Max(1, workload.CpuCount > 0 ? Math.Min(workload.CpuCount, inventory.Host.CpuCount) : inventory.Host.CpuCount * mine / all),
                MemoryBytes = workload.MemoryBytes > 0 ? workload.MemoryBytes : inventory.Host.MemoryBytes / all * mine,
                DiskBytes = workload.DiskBytes > 0 ? workload.DiskBytes : inventory.Host.DiskBytes / all * mine,
                MetadataPort = _state.MetadataPort,
                MetadataAddress = _doorAddress,
                HiddenDevices = GpuDevices.NotOf(inventory, _wanted.GpuUuids, "/"),
            };
        }
    }

    private async Task OpenDoor(IRunner runner, Room room, CancellationToken cancel)
    {
        var address = runner is DockerRunner engine && await engine.GatewayOf(room, cancel) is { } gateway ? gateway : "127.0.0.1";
        _doorAddress = address;
        if (_door is not null) return;
        try
        {
            _door = MetadataDoor.Open(IPAddress.Parse(address), _state.MetadataPort, room.MetadataSocket, Answer);
        }
        catch (SocketException)
        {
            // Another program took the port meanwhile, or the network's address is not up: the socket and any other port remain.
            _door = MetadataDoor.Open(IPAddress.Loopback, 0, room.MetadataSocket, Answer);
        }
        _state.MetadataPort = _door.Port;
    }

    private void CloseDoor()
    {
        _door?.Dispose();
        _door = null;
    }

    /// <summary>An agent that was started while the workload runs opens the same door again and finds its processes.</summary>
    private void Reattach()
    {
        if (_state.RunKey.Length == 0 || _state.RunOver || _state.Stopped || RunnerOf(_state.Runner) is not { } runner) return;
        if (_door is null && !_runnerWasAsked && _work is null)
        {
            _runnerWasAsked = true;
            _prepared = true;
            _preparedKey = _state.RunKey;
            var room = Room;
            Do(async cancel =>
            {
                await OpenDoor(runner, room, cancel);
                return () => { };
            });
        }
        Namespace ??= runner.Namespace(Room);
    }

    private MetadataAnswer Answer()
    {
        var wanted = _wanted;
        var to = wanted.ToTime.ToDateTimeOffset();
        var interrupt = wanted.InterruptTime?.ToDateTimeOffset() is { } time && time <= to ? time : (DateTimeOffset?)null;
        return new MetadataAnswer(Id, [.. wanted.GpuUuids], wanted.FromTime.ToDateTimeOffset(), to, interrupt, Named(wanted.InterruptReason));
    }

    // As the protocol writes it: GPU_FAILED.
    private static string Named(DeliveryCloseReason reason) =>
        string.Concat(reason.ToString().Select((letter, index) => index > 0 && char.IsAsciiLetterUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
}
