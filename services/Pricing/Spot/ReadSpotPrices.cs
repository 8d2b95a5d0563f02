using ComputeExchange.Hosting;
using ComputeExchange.Pricing.Storage;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Pricing.Spot;

/// <summary>The price of every market and slot in every run that sold something there.</summary>
public sealed class ReadSpotPrices(PricingDb db)
{
    /// <summary>The prices by market, slot and run.</summary>
    public async Task<ListSpotPricesResponse> List(ListSpotPricesRequest request, CancellationToken cancel)
    {
        var (from, to, size, skip) = Window.Of(request.FromTime, request.ToTime, request.PageSize, request.PageToken);
        var prices = db.SpotPrices.AsNoTracking().Where(price => price.SlotTime >= from && price.SlotTime < to);
        if (request.Market.Length > 0) prices = prices.Where(price => price.Market == request.Market);
        var page = await prices
            .OrderBy(price => price.Market).ThenBy(price => price.SlotTime).ThenBy(price => price.RunId)
            .Skip(skip).Take(size).ToListAsync(cancel);
        return new ListSpotPricesResponse { Prices = { page.Select(ToMessage) }, NextPageToken = Refuse.NextPage(skip, size, page.Count) };
    }

    private static SpotPricePoint ToMessage(SpotPriceRow price) => new()
    {
        Market = price.Market,
        SlotTime = price.SlotTime.ToTimestamp(),
        RunId = price.RunId,
        ClearedTime = price.ClearedTime.ToTimestamp(),
        PriceMicrosPerGpuHour = price.PriceMicros,
        GpuCount = price.GpuCount,
        MinuteCount = price.MinuteCount,
    };
}
