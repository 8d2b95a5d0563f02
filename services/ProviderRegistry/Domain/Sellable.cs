namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>A node's GPUs, counted.</summary>
/// <param name="Present">Those that were in its last inventory.</param>
/// <param name="Unhealthy">Of these, those that do not answer or show errors.</param>
/// <param name="Split">Of the healthy, those that are split (MIG): a part of a GPU is not what the market sells.</param>
/// <param name="Busy">Of the rest, those that its owner's processes are on.</param>
public readonly record struct GpuCounts(int Present, int Unhealthy, int Split, int Busy)
{
    /// <summary>Those that could be sold if their owner did not use them.</summary>
    public int Whole => Present - Unhealthy - Split;
}

/// <summary>What is known of a node where it is decided how many of its GPUs can be sold.</summary>
/// <param name="KeepCount">GPUs that its provider never sells.</param>
/// <param name="SoldPeak">The most of its GPUs that are sold in any hour from now on.</param>
/// <param name="ScorePpm">How well it delivers, in parts per million.</param>
public sealed record NodeCondition(
    NodeStanding Standing, bool Lost, GpuCounts Gpus, int KeepCount, int SoldPeak, long ScorePpm);

/// <summary>How many GPUs of a node can be sold, and why not all of them.</summary>
/// <param name="Reason">For people; empty when all can be.</param>
public sealed record Sellable(int GpuCount, string Reason)
{
    /// <summary>Below it nothing new is sold (rulebook section 6).</summary>
    public const long ScorePpmMin = 900_000;

    /// <summary>What can be sold of a node.</summary>
    /// <remarks>
    /// What is sold already stays sold as long as there are GPUs for it: that its owner came back, that it keeps more of them now,
    /// or that a later test or its score speaks against it ends new sales and takes nothing away.
    /// </remarks>
    public static Sellable Of(NodeCondition node)
    {
        switch (node)
        {
            case { Standing: NodeStanding.Retired }: return new Sellable(0, "The node is retired.");
            case { Standing: NodeStanding.Suspended }: return new Sellable(0, "The node is suspended.");
            case { Lost: true }: return new Sellable(0, "The node is not heard of.");
        }
        var whole = node.Gpus.Whole;
        var sold = Math.Min(node.SoldPeak, whole);
        if (node.Standing != NodeStanding.Verified) return new Sellable(sold, "The node is not verified: its self-test has to pass first.");
        if (node.ScorePpm < ScorePpmMin) return new Sellable(sold, $"Its score is {node.ScorePpm / 1_000_000m:0.000}: below {ScorePpmMin / 1_000_000m:0.000} nothing new is sold.");

        var count = Math.Max(whole - Math.Max(node.KeepCount, node.Gpus.Busy), sold);
        return new Sellable(count, count == node.Gpus.Present ? "" : Why(node));
    }

    private static string Why(NodeCondition node)
    {
        var reasons = new List<string>();
        if (node.Gpus.Unhealthy > 0) reasons.Add($"{node.Gpus.Unhealthy} not healthy");
        if (node.Gpus.Split > 0) reasons.Add($"{node.Gpus.Split} split (MIG)");
        if (node.Gpus.Busy > 0) reasons.Add($"{node.Gpus.Busy} in use by the owner");
        if (node.KeepCount > 0) reasons.Add($"{node.KeepCount} kept by the policy");
        return $"Of {node.Gpus.Present} GPUs: {string.Join(", ", reasons)}.";
    }
}
