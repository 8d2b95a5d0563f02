using ComputeExchange.Agent.Deliveries;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.Records;
using ComputeExchange.Agent.Runners;
using ComputeExchange.Agent.SelfTests;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent;

/// <summary>The agent at work: one stream to the exchange, and one look after another at what is wanted and what is there.</summary>
public static class NodeDaemon
{
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdlePause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstTidy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NextTidy = TimeSpan.FromMinutes(3);

    /// <summary>Runs until it is cancelled. What it has started runs on.</summary>
    /// <exception cref="AgentTroubleException">It cannot begin.</exception>
    public static async Task Run(StateFolder state, HardwareSettings settings, HostLog log, TimeProvider clock, CancellationToken cancel)
    {
        using var _ = state.Take();
        var node = NodeFile.Find(state) ?? throw new AgentTroubleException($"This host is no node yet: {state.NodeFile} is missing. Enrol it with `cx-agent enrol`.");
        using var key = NodeKey.Open(state);
        using var hardware = HostHardware.Open(settings with { InventoryFile = InventoryOf(node, settings), WorkFolder = state.Location });
        var inventory = new InventoryCache(hardware, clock);
        Shim.Unpack(state.Scripts);
        var runners = await HostRunners.Find(state, hardware.IsSimulated, log, cancel);

        using var records = RecordSpool.Open(state.RecordsFile, key);
        using var wake = new SemaphoreSlim(0, 1);
        var time = new ExchangeTime(clock, state);
        using var door = new ExchangeDoor(node.Exchange, node.Pin);
        void Wake()
        {
            lock (inventory)
                if (wake.CurrentCount == 0) wake.Release();
        }
        time.Moved += Wake;
        var host = new DeliveryHost
        {
            State = state,
            Records = records,
            Time = time,
            Clock = clock,
            Log = log,
            Gpus = new GpuWatch(hardware),
            Runners = runners,
            Inventory = () => inventory.Now,
            PublicAddress = () => node.PublicAddress.Length > 0 ? node.PublicAddress : door.LocalAddress,
            Wake = Wake,
        };
        using var tests = new SelfTesting(hardware, records, time, state, log, Wake);
        using var board = new DeliveryBoard(host, tests);
        await board.RemoveStrangers(cancel);

        var names = runners.Select(runner => runner.Name).ToList();
        using var connection = new Connection(
            door, node, key, state, time, records, board, () => InventoryWords.Written(inventory.Now, names), () => Heartbeat(host, board),
            welcome => host.MeterSeconds = Math.Clamp(welcome.MeterSeconds, 1, 3_600), inventory.Now.Host.BootId, inventory.Now.Host.AgentVersion, log, clock);
        records.Added += connection.Wake;
        tests.RoundTrip = () => connection.RoundTrip;

        log.Line($"Agent of node {node.NodeId} ({node.Market}{(hardware.IsSimulated ? ", simulated" : "")}): {inventory.Now.Gpus.Count} GPUs, runners: {(names.Count > 0 ? string.Join(", ", names) : "none")}.");
        var link = connection.Run(cancel);
        using var tidy = clock.CreateTimer(_ => Memory.GiveBack(), null, FirstTidy, NextTidy);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                board.Step();
                await wake.WaitAsync(board.IsBusy ? BusyPause : IdlePause, cancel);
            }
            catch (IOException full)
            {
                // A disk that is full may have room again; until then nothing is told that is not kept.
                log.Once($"The state folder cannot be written: {full.Message}");
                await Task.Delay(BusyPause, clock, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        await link;
        log.Line("The agent ends; what it runs goes on.");
    }

    private static string? InventoryOf(NodeFile node, HardwareSettings settings)
    {
        if (node.InventoryFile is null && settings.InventoryFile is not null)
            throw new AgentTroubleException("This node was enrolled with its real hardware: it cannot run from an inventory file. Enrol a simulated node with a --state folder of its own.");
        return settings.InventoryFile ?? node.InventoryFile;
    }

    private static AgentHeartbeat Heartbeat(DeliveryHost host, DeliveryBoard board)
    {
        var sign = new AgentHeartbeat { LoadHundredths = HostLoad.Hundredths(), DiskFreeBytes = host.Inventory().Host.DiskFreeBytes };
        sign.Gpus.AddRange(host.Gpus.Now.Values.OrderBy(gpu => gpu.Sample.Index).Select(InventoryWords.Written));
        sign.RunningDeliveryIds.AddRange(board.Running());
        return sign;
    }
}
