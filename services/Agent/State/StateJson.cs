using System.Text.Json.Serialization;
using ComputeExchange.Agent.Deliveries;
using ComputeExchange.Agent.Identity;

namespace ComputeExchange.Agent.State;

/// <summary>How the files of the state folder are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(NodeFile))]
[JsonSerializable(typeof(DeliveryState))]
public sealed partial class StateJson : JsonSerializerContext;
