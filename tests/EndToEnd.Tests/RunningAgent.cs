namespace ComputeExchange.EndToEnd.Tests;

/// <summary>The agent of a provider's host as a program of its own; a file stands for its GPUs.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private const string EightH100 = """
        { "id": "rack-1", "driver_version": "550.54.15", "cuda_version": "12.4",
          "gpus": [ { "name": "NVIDIA H100 80GB HBM3", "count": 8, "memory_mib": 81559, "pci_device_id": "233010DE", "nvlink": true, "power_limit_watts": 700 } ] }
        """;

    private RunningProgram? _program;

    public string Folder { get; } = Directory.CreateTempSubdirectory("cx-agent-").FullName;

    public string Printed => _program?.Printed ?? "";

    private string InventoryFile => Path.Combine(Folder, "inventory.json");

    private string State => Path.Combine(Folder, "state");

    /// <summary>A host with eight H100, not enrolled yet.</summary>
    public static async Task<RunningAgent> WithEightH100()
    {
        var agent = new RunningAgent();
        await File.WriteAllTextAsync(agent.InventoryFile, EightH100);
        return agent;
    }

    /// <summary>Makes it a node, as the command that the exchange gave says.</summary>
    public async Task<string> Enrol(string address, string token)
    {
        using var enrolling = Launch("enrol", "--exchange", address, "--token", token, "--state", State, "--inventory", InventoryFile);
        var code = await enrolling.Exit(TimeSpan.FromSeconds(60));
        return code == 0 ? enrolling.Printed : throw new InvalidOperationException($"The host was not enrolled: {enrolling.Printed}");
    }

    /// <summary>Starts it, or starts it again.</summary>
    public void Run()
    {
        _program?.Dispose();
        _program = Launch("run", "--state", State);
    }

    /// <summary>Kills it, and nothing that it runs.</summary>
    public Task KillHard() => _program!.KillHard();

    public async ValueTask DisposeAsync()
    {
        if (_program is { HasExited: false }) await _program.Interrupt(TimeSpan.FromSeconds(20));
        _program?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private RunningProgram Launch(params string[] arguments) => Checkout.Start(Checkout.Program("Agent", "cx-agent"), arguments);
}
