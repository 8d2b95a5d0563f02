using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Filters;

namespace ComputeExchange.ProviderRegistry.Search;

/// <summary>Finds what is free: the filter, the hours, the order.</summary>
internal sealed class SearchCapacityHandler(FreeNow free)
{
    private const int HourCountMax = 168;
    private const string StandardOrder = "price";

    /// <summary>One page of what fits.</summary>
    /// <exception cref="Grpc.Core.RpcException">A field is wrong; of the filter, the word is named.</exception>
    public async Task<SearchCapacityResponse> Handle(SearchCapacityRequest request, CancellationToken cancel)
    {
        var filter = Filter(request.Filter);
        var (order, descending) = Order(request.OrderBy);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 50, most: 1000);
        if (request.HourCount is < 0 or > HourCountMax) throw Refuse.Field("hour_count", $"is {request.HourCount}; it can be 1 to {HourCountMax}, or 0 for 1.");
        var from = request.FromTime is null ? (DateTimeOffset?)null : Refuse.ParseTime("from_time", request.FromTime);

        var picture = await free.Get(cancel);
        var (first, slots) = Slots(picture, from, request.HourCount == 0 ? 1 : request.HourCount);
        var found = new List<Found>();
        foreach (var node in picture.Nodes)
            if (Found.In(picture, node, first, slots) is { } here && filter.Matches(here.Value)) found.Add(here);

        // What is not known comes last, whichever way it is sorted; equal ones by id, so that pages do not overlap.
        var keyed = found.Select(one => (Found: one, Key: one.Value(order.Name)));
        var known = keyed.OrderBy(one => one.Key.IsKnown ? 0 : 1);
        var sorted = (order.Type == FilterFieldType.Text, descending) switch
        {
            (true, false) => known.ThenBy(one => one.Key.Text, StringComparer.OrdinalIgnoreCase),
            (true, true) => known.ThenByDescending(one => one.Key.Text, StringComparer.OrdinalIgnoreCase),
            (false, false) => known.ThenBy(one => one.Key.Number),
            (false, true) => known.ThenByDescending(one => one.Key.Number),
        };
        var page = sorted.ThenBy(one => one.Found.NodeId).Skip(skip).Take(size).ToList();
        return new SearchCapacityResponse
        {
            Capacities = { page.Select(one => one.Found.ToProto()) },
            NextPageToken = Refuse.NextPage(skip, size, page.Count),
            Understood = filter.ToString(),
        };
    }

    /// <summary>The fields, as they are said.</summary>
    public static ListSearchFieldsResponse Fields() => new()
    {
        Fields =
        {
            FilterFields.All.Select(field => new SearchField
            {
                Name = field.Name,
                Type = field.Type switch { FilterFieldType.Number => "number", FilterFieldType.Text => "text", _ => "flag" },
                Meaning = field.Meaning,
                Example = field.Example,
                InBids = field.InBids,
            }),
        },
    };

    private static NodeFilter Filter(string text)
    {
        try
        {
            return NodeFilter.Parse(text);
        }
        catch (FilterException wrong)
        {
            throw Refuse.Field("filter", wrong.Message);
        }
    }

    private static (FilterField Field, bool Descending) Order(string text)
    {
        var descending = text.StartsWith('-');
        var name = text.Length == 0 ? StandardOrder : text.TrimStart('-');
        var field = FilterFields.Find(name)
            ?? throw Refuse.Field("order_by", $"is '{text}', which is no field: it can be {string.Join(", ", FilterFields.All.Select(one => one.Name))}, with '-' before it for the largest first.");
        return (field, descending);
    }

    private static (int First, IReadOnlyList<DateTimeOffset> Slots) Slots(FreePicture picture, DateTimeOffset? from, int hours)
    {
        var first = 0;
        if (from is { } asked && asked > picture.First) first = (int)((picture.Grid.StartOf(asked) - picture.First).Ticks / picture.Grid.Slot.Ticks);
        var count = (int)(TimeSpan.FromHours(hours).Ticks / picture.Grid.Slot.Ticks);
        if (first + count > FreePicture.SlotCount)
            throw Refuse.Field("from_time", $"is too far ahead: it is known what is free until {picture.First + (FreePicture.SlotCount * picture.Grid.Slot):yyyy-MM-dd HH:mm} UTC.");
        return (first, [.. Enumerable.Range(first, count).Select(slot => picture.First + (slot * picture.Grid.Slot))]);
    }
}
