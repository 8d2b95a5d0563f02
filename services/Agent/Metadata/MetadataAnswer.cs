using System.Globalization;
using System.Text.Json.Nodes;

namespace ComputeExchange.Agent.Metadata;

/// <summary>What a workload can ask about its own delivery.</summary>
/// <param name="DeliveryId">Which delivery.</param>
/// <param name="GpuUuids">Its GPUs.</param>
/// <param name="FromTime">Its begin.</param>
/// <param name="ToTime">Its end.</param>
/// <param name="InterruptTime">When it ends before that; null: it does not.</param>
/// <param name="InterruptReason">Why.</param>
public sealed record MetadataAnswer(
    long DeliveryId, IReadOnlyList<string> GpuUuids, DateTimeOffset FromTime, DateTimeOffset ToTime, DateTimeOffset? InterruptTime, string InterruptReason)
{
    /// <summary>The JSON found at a path; null where there is nothing.</summary>
    public string? At(string path) => path switch
    {
        "/latest/instance-action" => InterruptTime is { } time
            ? new JsonObject { ["action"] = "terminate", ["time"] = Written(time), ["reason"] = InterruptReason }.ToJsonString()
            : null,
        "/latest/delivery" => new JsonObject
        {
            ["delivery_id"] = DeliveryId.ToString(CultureInfo.InvariantCulture),
            ["gpu_uuids"] = new JsonArray([.. GpuUuids.Select(uuid => (JsonNode)uuid)]),
            ["from_time"] = Written(FromTime),
            ["to_time"] = Written(ToTime),
        }.ToJsonString(),
        _ => null,
    };

    private static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
