using System.Text.Json.Serialization;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Output;

/// <summary>What the agent writes and reads as JSON; made by the compiler, so that nothing is looked up while it runs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Found))]
[JsonSerializable(typeof(SelfTestReport))]
sealed partial class AgentJson : JsonSerializerContext;

/// <summary>What <c>cx-agent show --json</c> prints.</summary>
/// <param name="Inventory">What is there.</param>
/// <param name="Samples">How its GPUs do.</param>
/// <param name="ProductClass">The class that it would be sold in; empty: none.</param>
/// <param name="Reason">Why it has no class; empty when it has.</param>
sealed record Found(Inventory Inventory, IReadOnlyList<GpuSample> Samples, string ProductClass, string Reason);
