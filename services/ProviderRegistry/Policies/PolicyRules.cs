using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>What a policy can say.</summary>
internal static class PolicyRules
{
    private const int KeepFreeMax = 64;

    /// <summary>All that is wrong with a policy, field by field; empty: nothing.</summary>
    /// <param name="gpuCount">GPUs that the node has.</param>
    public static List<(string Field, string Description)> Wrong(NodePolicy policy, MarketGrid grid, int gpuCount)
    {
        var wrong = new List<(string Field, string Description)>();
        var (firm, prompt) = (policy.FirmFloorMicrosPerGpuHour, policy.InterruptibleFloorMicrosPerGpuHour);
        if (policy.Enabled && firm == 0) wrong.Add(("policy.firm_floor_micros_per_gpu_hour", "is missing: say what its GPUs are at least sold for."));
        else Price("firm_floor_micros_per_gpu_hour", firm);
        Price("interruptible_floor_micros_per_gpu_hour", prompt);
        if (prompt > firm)
            wrong.Add(("policy.interruptible_floor_micros_per_gpu_hour", $"is {prompt}, above the firm floor of {firm}: what would otherwise stay idle is not dearer than what is sold ahead."));
        Range("hours_mask", policy.HoursMask, 0, (1 << 24) - 1);
        Range("days_mask", policy.DaysMask, 0, (1 << 7) - 1);
        Range("run_slot_count_min", policy.RunSlotCountMin, 0, 72);
        Range("idle_minutes", policy.IdleMinutes, 0, 1_440);
        Range("horizon_slot_count", policy.HorizonSlotCount, 0, 168);
        Range("keep_gpu_count", policy.KeepGpuCount, 0, gpuCount);
        if (policy.ReclaimNoticeSeconds != 0) Range("reclaim_notice_seconds", policy.ReclaimNoticeSeconds, 120, 86_400);
        var horizon = policy.HorizonSlotCount == 0 ? PolicyWords.StandardHorizon : policy.HorizonSlotCount;
        if (policy.RunSlotCountMin > horizon)
            wrong.Add(("policy.run_slot_count_min", $"is {policy.RunSlotCountMin}, but only {horizon} slots are offered ahead: raise horizon_slot_count, or lower it."));
        if (policy.KeepFree.Count > KeepFreeMax) wrong.Add(("policy.keep_free", $"has {policy.KeepFree.Count} windows; it can have {KeepFreeMax}."));
        for (var i = 0; i < policy.KeepFree.Count; i++)
        {
            if (Time(policy.KeepFree[i].FromTime) is not { } from || Time(policy.KeepFree[i].ToTime) is not { } to)
                wrong.Add(($"policy.keep_free[{i}]", "needs both times, from_time and to_time, in UTC."));
            else if (to <= from)
                wrong.Add(($"policy.keep_free[{i}].to_time", "is not after its from_time."));
        }
        if (policy.Repricer is { Enabled: true } repricer) Repricer(repricer);
        return wrong;

        void Repricer(Repricer repricer)
        {
            Price("repricer.cap_micros_per_gpu_hour", repricer.CapMicrosPerGpuHour);
            if (repricer.CapMicrosPerGpuHour < firm) wrong.Add(("policy.repricer.cap_micros_per_gpu_hour", $"is {repricer.CapMicrosPerGpuHour}, below the firm floor of {firm}."));
            Range("repricer.raise_above_percent", repricer.RaiseAbovePercent, 0, 100);
            Range("repricer.lower_below_percent", repricer.LowerBelowPercent, 0, 99);
            Range("repricer.step_percent", repricer.StepPercent, 0, 50);
            var (raise, lower) = (repricer.RaiseAbovePercent == 0 ? 85 : repricer.RaiseAbovePercent, repricer.LowerBelowPercent == 0 ? 25 : repricer.LowerBelowPercent);
            if (raise <= lower) wrong.Add(("policy.repricer.raise_above_percent", $"is {raise}; it must be above lower_below_percent, {lower}."));
        }

        void Price(string field, long micros)
        {
            if (micros < 0 || micros > grid.HighestMicros) wrong.Add(($"policy.{field}", $"is {micros}; it can be 0 to {grid.HighestMicros}."));
            else if (micros % grid.TickMicros != 0) wrong.Add(($"policy.{field}", $"is {micros}; prices are whole ticks of {grid.TickMicros}."));
        }

        void Range(string field, int value, int least, int most)
        {
            if (value < least || value > most) wrong.Add(($"policy.{field}", $"is {value}; it can be {least} to {most}."));
        }
    }

    private static DateTimeOffset? Time(Timestamp? time)
    {
        try
        {
            return time?.ToDateTimeOffset();
        }
        catch (Exception malformed) when (malformed is InvalidOperationException or ArgumentOutOfRangeException or OverflowException)
        {
            return null;
        }
    }
}
