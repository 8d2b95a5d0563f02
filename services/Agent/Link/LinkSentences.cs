using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace ComputeExchange.Agent.Link;

/// <summary>Why a call did not come about, for people.</summary>
public static class LinkSentences
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>A sentence.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="door">The way it went.</param>
    /// <param name="now">The host's time.</param>
    /// <param name="serverDate">The other side's time as it said, if it did.</param>
    public static string Of(RpcException failure, ExchangeDoor door, DateTimeOffset now, string? serverDate = null)
    {
        if (door.Distrust.Length > 0) return $"{door.Exchange} is not the exchange: {door.Distrust}.";
        if (failure.StatusCode == StatusCode.Unavailable && Cause(failure) is { } cause) return $"{door.Exchange} cannot be reached: {cause}.";
        if (failure.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied && OffBy(serverDate, now) is { } off)
            return $"This host's clock is {off.TotalSeconds.ToString("N0", CultureInfo.InvariantCulture)} s {(off > TimeSpan.Zero ? "ahead" : "behind")} of the exchange's, so its signatures are not valid: set it (for example with chrony).";
        return failure.StatusCode switch
        {
            StatusCode.Unauthenticated => $"The exchange does not know this node or its key: {failure.Status.Detail}",
            StatusCode.Unimplemented => $"{door.Exchange} is no door for agents: the address is printed with the enrolment token.",
            StatusCode.DeadlineExceeded => $"{door.Exchange} did not answer in time.",
            _ => failure.Status.Detail.Length > 0 ? failure.Status.Detail : $"The exchange answered {failure.StatusCode}.",
        };
    }

    private static TimeSpan? OffBy(string? serverDate, DateTimeOffset now) =>
        DateTimeOffset.TryParse(serverDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var theirs) && (now - theirs).Duration() > Skew ? now - theirs : null;

    private static string? Cause(RpcException failure)
    {
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }: return "its name is not known (DNS)";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }: return "nothing listens there (connection refused)";
                case SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable }: return "there is no route to it";
                case SocketException socket: return socket.Message;
                case AuthenticationException tls: return $"TLS failed ({tls.Message})";
                case OperationCanceledException: return "it did not answer in time";
            }
        }
        return null;
    }
}
