using System.Diagnostics;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>Where the programs under test are, and how they are run.</summary>
internal static class Checkout
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    public static string Root { get; } = FindRoot();

    public static string Program(string project, string assembly) =>
        Path.Combine(Root, "services", project, "bin", Configuration, "net10.0", assembly + ".dll");

    /// <summary>Neighbouring free ports, the first of which is returned.</summary>
    /// <remarks>Apart from those that a Host finds for its database and its broker.</remarks>
    public static int FreePorts(int count = 2) => Hosting.FreePorts.Find(Math.Max(count, 21), 11_000, 19_000);

    /// <summary>Starts a .NET program; what it prints is collected.</summary>
    public static RunningProgram Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Root,
        };
        // These tests kill processes, not machines: what a process wrote is there whether it reached the disk or not.
        start.Environment["Exchange__PostgresSettings"] = "fsync=off full_page_writes=off";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException($"{program} cannot be started."));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ComputeExchange.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside a checkout.");
    }
}

/// <summary>A program that runs, and what it has printed so far.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly System.Text.StringBuilder _printed = new();

    public RunningProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Collect(line.Data);
        process.ErrorDataReceived += (_, line) => Collect(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Printed
    {
        get
        {
            lock (_printed) return _printed.ToString();
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Ends it as a power cut would: no signal that it could handle.</summary>
    public async Task KillHard()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop. Not by Ctrl-C's signal: that is ignored by all that a shell started in the background.</summary>
    public async Task<int> Interrupt(TimeSpan atMost)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        return await Exit(atMost);
    }

    public async Task<int> Exit(TimeSpan atMost)
    {
        using var late = new CancellationTokenSource(atMost);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"It still runs after {atMost}. It printed:\n{Printed}");
        }
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Collect(string? line)
    {
        if (line is null) return;
        lock (_printed) _printed.AppendLine(line);
    }
}
