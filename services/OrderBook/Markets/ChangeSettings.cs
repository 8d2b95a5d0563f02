using System.Diagnostics;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Markets;

/// <summary>Replaces the parameters of the market rules, all at once.</summary>
public sealed class ChangeSettingsHandler(EngineDoor engine)
{
    /// <summary>The settings as they are after this request, or after the earlier one of the same id.</summary>
    /// <exception cref="RpcException">A value is out of its range, the engine refused it, or the engine is away.</exception>
    public async Task<ChangeSettingsResponse> Handle(ChangeSettingsRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.Settings is null) complaints.Add("settings", "is missing: give all settings.");
        else CheckRanges(request.Settings, complaints);
        complaints.ThrowIfAny();

        var answer = await engine.Ask(caller, requestId, new EngineCommand { ChangeSettings = request.Settings }, complaints, cancel);
        var settings = answer.Events.Select(happened => happened.SettingsChanged).FirstOrDefault(changed => changed is not null)
            ?? throw new UnreachableException($"Command {answer.CommandId} changed no settings and was not refused.");
        return new ChangeSettingsResponse { Settings = SettingsRow.Whole(settings) };
    }

    /// <summary>The ranges that the messages promise (engine.proto), and what makes no sense; the engine knows the rest.</summary>
    private static void CheckRanges(ChangeSettings settings, Complaints complaints)
    {
        void Range(string field, long value, long least, long most)
        {
            if (value >= least && value <= most) return;
            complaints.Add($"settings.{field}", most == long.MaxValue ? $"is {value}: give {least} or more." : $"is {value}: it can be {least} to {most}.");
        }

        if (settings.SlotMinutes is < 1 or > 60 || 60 % settings.SlotMinutes != 0)
            complaints.Add("settings.slot_minutes", $"is {settings.SlotMinutes}: it must divide 60.");
        var slotMinutes = Math.Max(1, settings.SlotMinutes);
        Range("horizon_slot_count", settings.HorizonSlotCount, 2, 336);
        Range("gate_minutes", settings.GateMinutes, 0, slotMinutes - 1);
        Range("run_interval_seconds", settings.RunIntervalSeconds, 1, 86_400);
        Range("buyer_fee_ppm", settings.BuyerFeePpm, 0, 100_000);
        Range("seller_fee_ppm", settings.SellerFeePpm, 0, 100_000);
        Range("bond_ppm", settings.BondPpm, 0, 1_000_000);
        Range("least_bond_micros_per_gpu_hour", settings.LeastBondMicrosPerGpuHour, 0, long.MaxValue);
        Range("tick_micros", settings.TickMicros, 1, long.MaxValue);
        Range("highest_price_micros_per_gpu_hour", settings.HighestPriceMicrosPerGpuHour, Math.Max(1, settings.TickMicros), long.MaxValue);
        Range("bid_gpu_count_max", settings.BidGpuCountMax, 1, long.MaxValue);
        Range("open_bid_count_max", settings.OpenBidCountMax, 1, long.MaxValue);
        Range("prompt_minutes_min", settings.PromptMinutesMin, 1, slotMinutes);
        Range("solver_node_count_max", settings.SolverNodeCountMax, 1, long.MaxValue);
        Range("solve_again_seconds", settings.SolveAgainSeconds, 1, long.MaxValue);
        Range("solve_attempt_count_max", settings.SolveAttemptCountMax, 1, long.MaxValue);

        // 0 stands for the default.
        if (settings.OpenBlockCountMax != 0) Range("open_block_count_max", settings.OpenBlockCountMax, 1, 1_000_000);
        if (settings.ClusterGateMinutes != 0) Range("cluster_gate_minutes", settings.ClusterGateMinutes, 1, 1_440);
        if (settings.StandingSlotCount != 0) Range("standing_slot_count", settings.StandingSlotCount, 2, 24);
    }
}
