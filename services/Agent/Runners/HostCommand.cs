using System.ComponentModel;
using System.Diagnostics;

namespace ComputeExchange.Agent.Runners;

/// <summary>A program of the host, run to its end.</summary>
public static class HostCommand
{
    private const int MostText = 64 * 1024;

    /// <summary>Runs a program and gives what it said. Its environment is the agent's.</summary>
    public static async Task<HostAnswer> Run(string program, IEnumerable<string> arguments, TimeSpan patience, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        within.CancelAfter(patience);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(within.Token);
                var error = process.StandardError.ReadToEndAsync(within.Token);
                await process.WaitForExitAsync(within.Token);
                return new HostAnswer(process.ExitCode, Short(await output), Short(await error));
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancel.ThrowIfCancellationRequested();
                return new HostAnswer(124, "", $"{program} did not end within {patience.TotalSeconds:N0} s.");
            }
        }
        catch (Win32Exception missing)
        {
            return new HostAnswer(127, "", $"{program} cannot be run: {missing.Message}.");
        }
    }

    /// <summary>Where a program is, if it is there.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin").Split(':').Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string Short(string text) => (text.Length > MostText ? text[..MostText] : text).Trim();
}

/// <summary>What a program said.</summary>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it complained of.</param>
public readonly record struct HostAnswer(int ExitCode, string Output, string Error)
{
    /// <summary>Whether all went well.</summary>
    public bool IsGood => ExitCode == 0;
}
