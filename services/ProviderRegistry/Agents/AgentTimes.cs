namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>How often a node is to be heard of, and when it counts as lost; in real time, whatever the exchange's clock shows.</summary>
public sealed record AgentTimes
{
    /// <summary>Between two heartbeats.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of one meter reading.</summary>
    public TimeSpan Meter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A node that was not heard of for so long is lost.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>A node whose stream broke has so long to come back, as it has not said anything wrong until then.</summary>
    public TimeSpan LostAfterBreak { get; init; } = TimeSpan.FromSeconds(22);

    /// <summary>Nodes that were heard of before this process began have so long to come back.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long that is drawn out at most while many come back.</summary>
    public TimeSpan FirstWaitMost { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How often the last signs of life are written down.</summary>
    public TimeSpan WriteEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often it is looked who is lost, and what is wanted anew.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often all nodes are looked at, whether or not anything was heard.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock of these times.</summary>
    public TimeProvider Real { get; init; } = TimeProvider.System;
}
