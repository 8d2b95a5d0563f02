using ComputeExchange.Hosting;
using ComputeExchange.Pricing.Domain;
using ComputeExchange.Pricing.Storage;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Pricing.Spot;

/// <summary>What each slot traded at over all runs that sold it.</summary>
public sealed class ReadSlotPrices(PricingDb db)
{
    /// <summary>One row a market and slot, in that order.</summary>
    public async Task<ListSlotPricesResponse> List(ListSlotPricesRequest request, CancellationToken cancel)
    {
        var (from, to, size, skip) = Window.Of(request.FromTime, request.ToTime, request.PageSize, request.PageToken);

        // Added up as numeric: a busy slot's turnover can pass the range of a long.
        var slots = await db.Database.SqlQuery<SlotTotal>($"""
            SELECT market AS "Market", slot_time AS "SlotTime",
                   sum(price_micros::numeric * gpu_count * minute_count) AS "Turnover",
                   sum(gpu_count::bigint * minute_count)::bigint AS "GpuMinutes",
                   (array_agg(price_micros ORDER BY run_id DESC))[1] AS "LastPriceMicros",
                   count(*)::integer AS "RunCount"
            FROM pricing.spot_prices
            WHERE slot_time >= {from} AND slot_time < {to} AND ({request.Market} = '' OR market = {request.Market})
            GROUP BY market, slot_time
            ORDER BY market, slot_time
            LIMIT {size} OFFSET {skip}
            """).ToListAsync(cancel);
        return new ListSlotPricesResponse { Prices = { slots.Select(ToMessage) }, NextPageToken = Refuse.NextPage(skip, size, slots.Count) };
    }

    private static SlotPrice ToMessage(SlotTotal slot) => new()
    {
        Market = slot.Market,
        SlotTime = slot.SlotTime.ToTimestamp(),
        MeanPriceMicrosPerGpuHour = Rounding.HalfEven((Int128)slot.Turnover, slot.GpuMinutes),
        LastPriceMicrosPerGpuHour = slot.LastPriceMicros,
        GpuMinutes = slot.GpuMinutes,
        RunCount = slot.RunCount,
    };

    private sealed record SlotTotal(string Market, DateTimeOffset SlotTime, decimal Turnover, long GpuMinutes, long LastPriceMicros, int RunCount);
}
