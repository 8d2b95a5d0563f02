using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>Planned bids and offers as requests, and refusals as words.</summary>
public static class Orders
{
    /// <summary>An offer to be sent.</summary>
    public static PlaceOfferRequest Of(OfferAction offer) => new()
    {
        RequestId = offer.RequestId.ToString(),
        NodeId = offer.Node.Id.ToString(),
        GpuCount = offer.Gpus,
        FromTime = offer.From.ToTimestamp(),
        ToTime = offer.To.ToTimestamp(),
        ReserveMicrosPerGpuHour = offer.Ask.MicrosPerGpuHour,
        PromptReserveMicrosPerGpuHour = offer.Prompt.MicrosPerGpuHour,
    };

    /// <summary>A bid to be sent.</summary>
    public static PlaceBidRequest Of(BidAction bid) => new()
    {
        RequestId = bid.RequestId.ToString(),
        Kind = bid.IsBlock ? BidKind.Block : BidKind.Divisible,
        Markets = { bid.Market },
        GpuCount = bid.Gpus,
        FromTime = bid.From.ToTimestamp(),
        ToTime = bid.To.ToTimestamp(),
        LimitMicrosPerGpuHour = bid.Limit.MicrosPerGpuHour,

        // A plan's limits are what its buyers mean, wherever the last price is.
        Confirm = true,
    };

    /// <summary>Why a rule of the market said no; null for what is not a rule's no.</summary>
    public static string? Refusal(RpcException refused)
    {
        if (refused.StatusCode is not (StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.NotFound)) return null;
        var failure = RpcFailure.From(refused);
        if (failure.Reason.Length > 0) return failure.Reason;
        return failure.Fields.Count > 0 ? $"{failure.Fields[0].Field}: {failure.Fields[0].Description}" : failure.Message;
    }
}
