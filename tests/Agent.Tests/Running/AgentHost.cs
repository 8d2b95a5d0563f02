using System.Diagnostics;
using System.Reflection;
using System.Text;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Shouldly;

namespace ComputeExchange.Agent.Tests.Running;

/// <summary>A simulated host of four GPUs with the real agent on it as a process of its own, and the registry that it is enrolled at.</summary>
public sealed class AgentHost : IAsyncDisposable
{
    private static readonly string Program = typeof(AgentHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(said => said.Key == "AgentProgram").Value!;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-agent-test-");
    private readonly StringBuilder _said = new();
    private Process? _agent;

    private AgentHost() => Play();

    public TestRegistry Registry { get; } = new();

    public RegistryBook Book => Registry.Book;

    public string State => Path.Combine(_folder.FullName, "state");

    public string Inventory => Path.Combine(_folder.FullName, "inventory.json");

    public static DateTimeOffset Ten { get; } = new(2031, 3, 1, 10, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<string> Gpus { get; } = [.. Enumerable.Range(0, 4).Select(index => $"GPU-0000000{index}-1111-4222-8333-444444444444")];

    /// <summary>All that the agent has told its owner.</summary>
    public string Said
    {
        get { lock (_said) return _said.ToString(); }
    }

    /// <summary>The host, enrolled, its agent connected.</summary>
    public static async Task<AgentHost> Begin()
    {
        var host = new AgentHost();
        await host.Registry.Start();
        var (code, _, error) = await host.Tell("enrol", "--exchange", host.Registry.Address.ToString(), "--token", host.Book.Token, "--inventory", host.Inventory);
        code.ShouldBe(0, error);
        host.StartAgent();
        await host.Until(() => !host.Book.Heartbeats.IsEmpty, "the agent is connected");
        return host;
    }

    /// <summary>Changes what the inventory file says of the GPUs.</summary>
    public void Play(string lost = "", string busy = "")
    {
        var gpus = string.Join(',', Enumerable.Range(0, 4).Select(index => $$"""{"name":"NVIDIA H100 80GB HBM3","count":1,"uuid":"{{Gpus[index]}}","memory_mib":81559,"pci_device_id":"233010DE","nvlink":true}"""));
        File.WriteAllText(Inventory + ".part", $$"""{"id":"test-1","gpus":[{{gpus}}],"lost":[{{lost}}],"busy_by_owner":[{{busy}}],"utilisation_percent":50}""");
        File.Move(Inventory + ".part", Inventory, overwrite: true);
    }

    /// <summary>A delivery of the first GPUs from ten to eleven.</summary>
    public DesiredDelivery Delivery(long id, int gpus = 2, Workload? workload = null)
    {
        var delivery = new DesiredDelivery { DeliveryId = id, BuyerId = "buyer", FromTime = Ten.ToTimestamp(), ToTime = Ten.AddHours(1).ToTimestamp(), GraceSeconds = 5, Workload = workload };
        delivery.GpuUuids.AddRange(Gpus.Take(gpus));
        return delivery;
    }

    /// <summary>A workload that a shell runs.</summary>
    public static Workload Shell(string script, string id = "w1", params (string Name, string Value)[] environment)
    {
        var workload = new Workload { WorkloadId = id, Command = { "sh", "-c", script } };
        foreach (var (name, value) in environment) workload.Environment[name] = value;
        return workload;
    }

    public void StartAgent()
    {
        var start = new ProcessStartInfo(Program, ["run", "--state", State]) { RedirectStandardError = true, RedirectStandardOutput = true };
        _agent = Process.Start(start)!;
        _agent.ErrorDataReceived += (_, line) => Hear(line.Data);
        _agent.OutputDataReceived += (_, line) => Hear(line.Data);
        _agent.BeginErrorReadLine();
        _agent.BeginOutputReadLine();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAgent()
    {
        _agent!.Kill();
        await _agent.WaitForExitAsync();
    }

    public async Task<(int Code, string Output, string Error)> Tell(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(Program, [.. words, .. words.Contains("--state") ? Array.Empty<string>() : ["--state", State]]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    public Task UntilPhase(long delivery, DeliveryPhase phase) =>
        Until(() => Book.ReportsOf(delivery).LastOrDefault()?.Phase == phase, $"delivery {delivery} is {phase}");

    public async Task Until(Func<bool> happened, string what)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!happened())
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"Not within {Patience.TotalSeconds:N0} s: {what}.\n{Said}\n{string.Join('\n', Book.Records)}");
            await Task.Delay(50);
        }
    }

    public string RoomOf(long delivery) => Path.Combine(State, "rooms", $"{delivery}");

    /// <summary>The host's processes whose environment or command line holds a text.</summary>
    public static IReadOnlyList<string> ProcessesWith(string text, string file) =>
        [.. Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Where(path => Read(Path.Combine(path, file)).Contains(text))];

    public async ValueTask DisposeAsync()
    {
        if (_agent is { HasExited: false }) await KillAgent();
        await Registry.DisposeAsync();
        if (Directory.Exists(Path.Combine(State, "rooms")))
            foreach (var room in Directory.EnumerateDirectories(Path.Combine(State, "rooms"))) await Runners.ProcessTree.KillRoom(room, CancellationToken.None);
        _folder.Delete(recursive: true);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private void Hear(string? line)
    {
        lock (_said) _said.AppendLine(line);
    }
}
