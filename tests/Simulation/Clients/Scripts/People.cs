using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Who and what there is to trade with.</summary>
internal static class People
{
    public static readonly IReadOnlyList<string> Markets = ["H100-SXM-80GB.us-east", "A100-SXM-80GB.eu-west"];

    public static readonly IReadOnlyList<string> Instruments = ["CX-H100-SXM-80GB.us-east-2026-04", "CX-H100-SXM-80GB.us-east-2026-05"];

    public static readonly IReadOnlyList<string> Buyers = [Id("ann"), Id("bob"), Id("cleo")];

    public static readonly IReadOnlyList<string> Providers = [Id("pat"), Id("quinn")];

    public static readonly IReadOnlyList<string> All = [.. Buyers, .. Providers];

    /// <summary>The node of a provider in a market.</summary>
    public static string Node(string provider, string market) => DerivedId.From("node", provider, market).ToString();

    /// <summary>A second node of a provider in a market, and a better one.</summary>
    public static string BetterNode(string provider, string market) => DerivedId.From("better node", provider, market).ToString();

    private static string Id(string name) => DerivedId.From("participant", name).ToString();
}
