using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>Policies as they are kept, said and followed.</summary>
internal static class PolicyWords
{
    /// <summary>Slots ahead where a policy does not say.</summary>
    public const int StandardHorizon = 24;

    private const int AllHours = (1 << 24) - 1;
    private const int AllDays = (1 << 7) - 1;

    /// <summary>The policy of a node as it is said; one that nobody set is not enabled.</summary>
    public static NodePolicy ToProto(this PolicyRow? row)
    {
        if (row is null) return new NodePolicy { ReclaimNoticeSeconds = 3_600, Repricer = new Repricer() };
        var policy = NodePolicy.Parser.ParseFrom(row.Policy);
        policy.Repricer ??= new Repricer();
        policy.Repricer.ReserveMicrosPerGpuHour = policy.Repricer.Enabled && row.ReserveMicrosPerGpuHour > 0 ? row.ReserveMicrosPerGpuHour : policy.FirmFloorMicrosPerGpuHour;
        policy.Repricer.Explanation = row.Explanation;
        return policy;
    }

    /// <summary>A policy as it is kept: without what is only given back.</summary>
    public static byte[] ToKeep(this NodePolicy policy)
    {
        var kept = policy.Clone();
        if (kept.Repricer is { } repricer) (repricer.ReserveMicrosPerGpuHour, repricer.Explanation) = (0, "");
        return kept.ToByteArray();
    }

    /// <summary>What a policy wants, with all that it leaves out filled in.</summary>
    public static SellingTerms Terms(this NodePolicy policy, MarketGrid grid, long reserveMicros, IEnumerable<MaintenanceRow> maintenance) => new(
        grid.RoundUp(reserveMicros),
        grid.RoundUp(Math.Min(policy.InterruptibleFloorMicrosPerGpuHour == 0 ? reserveMicros : policy.InterruptibleFloorMicrosPerGpuHour, reserveMicros)),
        policy.HoursMask == 0 ? AllHours : policy.HoursMask,
        policy.DaysMask == 0 ? AllDays : policy.DaysMask,
        Math.Max(1, policy.RunSlotCountMin),
        policy.HorizonSlotCount == 0 ? StandardHorizon : policy.HorizonSlotCount,
        [
            .. policy.KeepFree.Select(window => new Window(window.FromTime.ToDateTimeOffset(), window.ToTime.ToDateTimeOffset())),
            .. maintenance.Select(window => new Window(window.FromTime, window.ToTime)),
        ]);

    /// <summary>How its repricer moves; null: it has none.</summary>
    public static RepricingTerms? Repricing(this NodePolicy policy) => policy.Repricer is { Enabled: true } repricer
        ? new RepricingTerms(
            policy.FirmFloorMicrosPerGpuHour,
            repricer.CapMicrosPerGpuHour,
            repricer.RaiseAbovePercent == 0 ? 85 : repricer.RaiseAbovePercent,
            repricer.LowerBelowPercent == 0 ? 25 : repricer.LowerBelowPercent,
            repricer.StepPercent == 0 ? 5 : repricer.StepPercent)
        : null;
}
