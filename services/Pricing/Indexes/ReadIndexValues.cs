using ComputeExchange.Hosting;
using ComputeExchange.Pricing.Storage;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Pricing.Indexes;

/// <summary>What was published so far.</summary>
public sealed class ReadIndexValues(PricingDb db)
{
    /// <summary>The values, newest day first, and of a day the final one first.</summary>
    public async Task<ListIndexValuesResponse> List(ListIndexValuesRequest request, CancellationToken cancel)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 1_000);
        var values = db.IndexValues.AsNoTracking();
        if (request.Index.Length > 0) values = values.Where(value => value.Index == request.Index);
        var page = await values
            .OrderByDescending(value => value.Day).ThenByDescending(value => value.Final).ThenBy(value => value.Index)
            .Skip(skip).Take(size).ToListAsync(cancel);
        return new ListIndexValuesResponse { Values = { page.Select(ToMessage) }, NextPageToken = Refuse.NextPage(skip, size, page.Count) };
    }

    private static IndexValue ToMessage(IndexValueRow value) => new()
    {
        Index = value.Index,
        DayTime = new DateTimeOffset(value.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToTimestamp(),
        ValueMicrosPerGpuHour = value.ValueMicros,
        Grade = (IndexGrade)(int)value.Grade,
        Final = value.Final,
        TradeCount = value.TradeCount,
        GpuHours = value.GpuMinutes / 60,
        PublishedTime = value.PublishedTime.ToTimestamp(),
    };
}
