using System.Diagnostics;

namespace ComputeExchange.Host.Processes;

/// <summary>One service's process, and the file that holds what it prints.</summary>
/// <remarks>
/// Its standard input is held open by this process and never written to. When that ends, because it is to stop or because
/// this process is gone, however it went, the service stops. A signal at the parent's death (Linux's PDEATHSIG) would be
/// tied to the thread that started the child, and unknown elsewhere.
/// </remarks>
internal sealed class Child(ServiceProgram program, string logFolder, IReadOnlyDictionary<string, string> settings)
{
    private const long LogLimit = 16 * 1024 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(12);

    private Process? _process;
    private StreamWriter? _log;

    public string LogFile => Path.Combine(logFolder, program.Name + ".log");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts the process; an earlier one must have ended.</summary>
    public void Start()
    {
        Release();
        var start = new ProcessStartInfo(Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet", [program.File])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("Exchange__", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(inherited);
        foreach (var (name, value) in settings) start.Environment[$"Exchange__{name}"] = value;
        start.Environment["Exchange__EndsWithInput"] = "true";

        if (File.Exists(LogFile) && new FileInfo(LogFile).Length > LogLimit) File.Move(LogFile, LogFile + ".1", overwrite: true);
        var log = new StreamWriter(LogFile, append: true) { AutoFlush = true };
        void Write(string? line)
        {
            if (line is null) return;
            lock (log) log.WriteLine(line);
        }
        _log = log;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program.File} cannot be started.");
        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Asks the process to stop; ends it if it has not stopped after a while.</summary>
    public async Task Stop()
    {
        if (_process is null) return;
        using var atMost = new CancellationTokenSource(Grace);
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(atMost.Token);
        }
        catch (Exception late) when (late is OperationCanceledException or IOException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        Release();
    }

    private void Release()
    {
        if (_process is null || _log is null) return;
        _process.WaitForExit();
        _process.Dispose();
        lock (_log) _log.Dispose();
        (_process, _log) = (null, null);
    }
}
