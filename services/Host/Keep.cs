namespace ComputeExchange.Host;

/// <summary>Keeps something running: starts it again when it has died, after a pause that grows while it keeps dying.</summary>
internal static class Keep
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>How long it must have run for its next death to count as the first.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <summary>Watches until it is cancelled. It must run when this begins.</summary>
    public static async Task Running(
        string name, Func<CancellationToken, Task<bool>> runs, Func<CancellationToken, Task> start, ILogger log, CancellationToken cancel)
    {
        var pause = Shortest;
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                while (await runs(cancel)) await Task.Delay(Look, cancel);
                if (TimeProvider.System.GetElapsedTime(since) > Settled) pause = Shortest;
                log.LogWarning("{Name} has ended; it is started again in {Pause:0.0} s.", name, pause.TotalSeconds);
                await Task.Delay(pause, cancel);
                pause = pause * 2 < Longest ? pause * 2 : Longest;
                since = TimeProvider.System.GetTimestamp();
                await start(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogError("{Name} could not be started: {Reason}", name, failure.Message);
            }
        }
    }
}
