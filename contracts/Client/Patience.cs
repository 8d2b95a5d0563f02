using Grpc.Core;

namespace ComputeExchange.Client;

/// <summary>Repeats a call that may be repeated while the exchange is away, until it answers or the patience ends.</summary>
public static class Patience
{
    /// <summary>
    /// Repeats <paramref name="call"/> while it fails with UNAVAILABLE, ABORTED, CANCELLED by the other side, or DEADLINE_EXCEEDED.
    /// The patience counts from the first failure: a call may take its time before that.
    /// The call must be harmless to repeat: one that only reads, or one that carries the same request id every time.
    /// </summary>
    /// <exception cref="RpcException">The answer was final, or the time is over.</exception>
    public static async Task<T> Ask<T>(Func<Task<T>> call, TimeSpan atMost, CancellationToken cancel, Action<RpcException>? onFailure = null)
    {
        var failingSince = 0L;
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException failure) when (
                IsPassing(failure) && !cancel.IsCancellationRequested
                && (failingSince == 0 || TimeProvider.System.GetElapsedTime(failingSince) < atMost))
            {
                if (failingSince == 0) failingSince = TimeProvider.System.GetTimestamp();
                onFailure?.Invoke(failure);
                await Task.Delay(pause, cancel);
                if (pause < TimeSpan.FromMilliseconds(400)) pause *= 2;
            }
        }
    }

    /// <summary>
    /// Whether a failure says nothing about the request itself: the exchange was away, or the connection was cut under the
    /// call, which gRPC reports with a code of its own choice and the transport's exception behind it.
    /// </summary>
    public static bool IsPassing(RpcException failure)
    {
        if (failure.StatusCode is StatusCode.Unavailable or StatusCode.Aborted or StatusCode.Cancelled or StatusCode.DeadlineExceeded) return true;
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
            if (cause is HttpRequestException or IOException) return true;
        return false;
    }
}
