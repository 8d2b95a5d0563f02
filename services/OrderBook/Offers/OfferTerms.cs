using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Entry;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Offers;

/// <summary>What an offer of a node and one of a lease's rest have in common.</summary>
public sealed record OfferTerms(int GpuCount, Timestamp? FromTime, Timestamp? ToTime, long ReserveMicros, long? PromptReserveMicros, int RunSlotCountMin)
{
    /// <summary>The terms as the engine is told them; what is wrong with them is complained of, and times that are wrong are left out.</summary>
    public PlaceOffer Read(MarketSettings settings, Complaints complaints)
    {
        const string reserveField = "reserve_micros_per_gpu_hour";
        const string promptField = "prompt_reserve_micros_per_gpu_hour";
        complaints.Add(OrderRules.GpuCount(GpuCount));
        var from = complaints.Time("from_time", FromTime);
        var to = complaints.Time("to_time", ToTime);
        complaints.Add(OrderRules.Window(from, to, settings.Slots));
        complaints.Add(OrderRules.Price(reserveField, ReserveMicros));
        complaints.Doubt(OrderRules.PriceWithin(reserveField, ReserveMicros, settings.Prices));
        if (PromptReserveMicros is { } prompt)
        {
            complaints.Add(OrderRules.Price(promptField, prompt));
            complaints.Doubt(OrderRules.PriceWithin(promptField, prompt, settings.Prices));
            if (prompt > ReserveMicros) complaints.Add(promptField, $"is {prompt}: it must not be above the reserve, {ReserveMicros}.");
        }
        var slotCount = from < to ? settings.Slots.Count(from.Value, to.Value) : long.MaxValue;
        if (RunSlotCountMin < 0) complaints.Add("run_slot_count_min", $"is {RunSlotCountMin}: give 1 or more, or 0 for 1.");
        else if (RunSlotCountMin > slotCount) complaints.Add("run_slot_count_min", $"is {RunSlotCountMin}: the window has only {slotCount} slots.");
        return new PlaceOffer
        {
            GpuCount = GpuCount,
            FromTime = from?.ToTimestamp(),
            ToTime = to?.ToTimestamp(),
            ReserveMicrosPerGpuHour = ReserveMicros,
            PromptReserveMicrosPerGpuHour = PromptReserveMicros ?? ReserveMicros,
            RunSlotCountMin = Math.Max(1, RunSlotCountMin),
        };
    }

    /// <summary>Refuses a window that no settings allow.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION.</exception>
    public static void RefuseTooLong(long slotCount)
    {
        if (slotCount > OrderRules.WindowSlotCountMax)
            throw Refuse.Rule("WINDOW_TOO_LONG", $"The window has {slotCount} slots; it can have at most {OrderRules.WindowSlotCountMax}.", "to_time");
    }
}
