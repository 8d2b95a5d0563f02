using Grpc.Core;

namespace ComputeExchange.Client;

/// <summary>Repeats a call that may be repeated while the exchange is away, until it answers or the patience ends.</summary>
public static class Patience
{
    /// <summary>
    /// Repeats <paramref name="call"/> while it fails with UNAVAILABLE, ABORTED, CANCELLED by the other side, or DEADLINE_EXCEEDED.
    /// The call must be harmless to repeat: one that only reads, or one that carries the same request id every time.
    /// </summary>
    /// <exception cref="RpcException">The answer was final, or the time is over.</exception>
    public static async Task<T> Ask<T>(Func<Task<T>> call, TimeSpan atMost, CancellationToken cancel, Action<RpcException>? onFailure = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException failure) when (
                IsPassing(failure.StatusCode) && !cancel.IsCancellationRequested
                && TimeProvider.System.GetElapsedTime(started) < atMost)
            {
                onFailure?.Invoke(failure);
                await Task.Delay(pause, cancel);
                if (pause < TimeSpan.FromSeconds(1)) pause *= 2;
            }
        }
    }

    private static bool IsPassing(StatusCode code) =>
        code is StatusCode.Unavailable or StatusCode.Aborted or StatusCode.Cancelled or StatusCode.DeadlineExceeded;
}
