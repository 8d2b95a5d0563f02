namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Why a node is not registered, in the order the reasons are checked.</summary>
public enum NodeRefusal
{
    /// <summary>Nodes come by their agents here, and are not declared.</summary>
    DeclaredNodesOff,

    /// <summary>There is no such market.</summary>
    MarketUnknown,

    /// <summary>The node's id belongs to another provider.</summary>
    NodeOfAnother,

    /// <summary>A node stays in the market it was first registered in.</summary>
    NodeMarketFixed,

    /// <summary>The node has an agent, which says what it has.</summary>
    NodeHasAgent,

    /// <summary>The request id was used for something else.</summary>
    RequestIdReused,
}

/// <summary>What holds for nodes.</summary>
public static class NodeRules
{
    /// <summary>The most GPUs a node can have.</summary>
    public const int GpuCountMax = 64;

    /// <summary>The longest name and the longest location, in characters.</summary>
    public const int TextLengthMax = 100;

    /// <summary>What reliability is before anything was sold, and at best: parts per million.</summary>
    public const long WholePpm = 1_000_000;

    /// <summary>Whether a node that is known may be changed so; null: it may.</summary>
    public static NodeRefusal? Judge(Guid owner, string market, Guid caller, string newMarket) =>
        owner != caller ? NodeRefusal.NodeOfAnother
        : market != newMarket ? NodeRefusal.NodeMarketFixed
        : null;

    /// <summary>What was delivered of what was sold, in parts per million, rounded down.</summary>
    public static long ReliabilityPpm(long deliveredGpuSeconds, long soldGpuSeconds) =>
        soldGpuSeconds == 0 ? WholePpm : (long)((Int128)deliveredGpuSeconds * WholePpm / soldGpuSeconds);
}
