using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ComputeExchange.Agent.Output;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware.Testing;

/// <summary>Runs a self-test in a process of its own, so that what the CUDA driver takes of memory goes with it.</summary>
static class TestProcess
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>Starts the agent again as <c>cx-agent test --json</c> and reads what it measured.</summary>
    /// <param name="settings">Where the hardware is.</param>
    /// <param name="ask">What is to be tested.</param>
    /// <param name="started">Is told the process's id as soon as there is one.</param>
    /// <param name="cancel">Ends the process.</param>
    public static SelfTestReport Run(HardwareSettings settings, SelfTestAsk ask, Action<int> started, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(Longest);
        using var process = Process.Start(Command(settings, ask)) ?? throw new IOException("The process of the self-test did not start.");
        started(process.Id);
        using var ending = late.Token.Register(() => process.Kill(entireProcessTree: true));
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested) return Failed(ask, $"It took longer than {Longest.TotalMinutes} minutes.");
        if (process.ExitCode != 0) return Failed(ask, $"It ended with exit code {process.ExitCode}: {error.GetAwaiter().GetResult().Trim()}");
        try
        {
            return JsonSerializer.Deserialize(output, AgentJson.Default.SelfTestReport) ?? Failed(ask, "It reported nothing.");
        }
        catch (JsonException)
        {
            return Failed(ask, "What it reported cannot be read.");
        }
    }

    private static ProcessStartInfo Command(HardwareSettings settings, SelfTestAsk ask)
    {
        // Published as one file the agent is its own program; from a build it is what `dotnet` was told to run.
        var isHosted = settings.Program is null && Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(settings.Program ?? Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            .. isHosted ? (string[])[Path.Combine(AppContext.BaseDirectory, "cx-agent.dll")] : [],
            "test", "--json", "--test-id", ask.TestId, "--seed", ask.Seed.ToString(CultureInfo.InvariantCulture),
            "--memory-limit", Number(ask.MemoryLimitBytes), "--disk-bytes", Number(ask.DiskBytes), "--kernel-milliseconds", Number(ask.KernelMilliseconds),
            "--nvml-library", settings.NvmlLibrary, "--cuda-library", settings.CudaLibrary, "--work-folder", settings.WorkFolder,
            .. ask.GpuUuids.Count == 0 ? ["--no-gpu"] : ask.GpuUuids.SelectMany(uuid => (string[])["--gpu", uuid]),
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // What somebody hid from CUDA for the agent itself is tested all the same.
        start.Environment.Remove("CUDA_VISIBLE_DEVICES");
        return start;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static SelfTestReport Failed(SelfTestAsk ask, string failure) => new() { TestId = ask.TestId, Gpus = [], Failure = failure };
}
