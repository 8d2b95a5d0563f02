using ComputeExchange.Hosting;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Pricing.Spot;

/// <summary>The slots that are asked for, and the page of them.</summary>
/// <param name="From">Only slots from this time on.</param>
/// <param name="To">Only slots before this time.</param>
public readonly record struct Window(DateTimeOffset From, DateTimeOffset To, int Size, int Skip)
{
    /// <summary>Reads it from a request.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: a field is wrong.</exception>
    public static Window Of(Timestamp? fromTime, Timestamp? toTime, int pageSize, string pageToken)
    {
        var (size, skip) = Refuse.ParsePage(pageSize, pageToken, standard: 1_000, most: 5_000);
        var from = fromTime is null ? DateTimeOffset.MinValue : Refuse.ParseTime("from_time", fromTime);
        var to = toTime is null ? DateTimeOffset.MaxValue : Refuse.ParseTime("to_time", toTime);
        return to > from
            ? new Window(from, to, size, skip)
            : throw Refuse.Field("to_time", $"is {to:u}: it must be later than from_time, {from:u}.");
    }
}
