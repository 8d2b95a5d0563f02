using ComputeExchange.Pricing.Spot;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Pricing.Tests.Spot;

public sealed class SpotPricesTests(PricesDatabase database) : Prices(database)
{
    private const string L40s = "L40S-48GB.eu-west";

    [Fact]
    public async Task Prices_come_by_market_slot_and_run_in_pages()
    {
        await Feed(Day, Cleared(1, Price(Day.AddHours(2), 1, 1), Price(Day.AddHours(1), 2, 1), Price(Day.AddHours(1), 3, 1, market: L40s)));
        await Feed(Day.AddMinutes(1), Cleared(2, Price(Day.AddHours(1), 4, 7, minutes: 33)));

        var first = await List(new ListSpotPricesRequest { PageSize = 3 });
        first.Prices.Select(price => (price.Market, price.SlotTime.ToDateTimeOffset().Hour, price.RunId)).ShouldBe([(H100, 1, 1), (H100, 1, 2), (H100, 2, 1)]);
        first.Prices[1].ShouldBe(new SpotPricePoint
        {
            Market = H100,
            SlotTime = Day.AddHours(1).ToTimestamp(),
            RunId = 2,
            ClearedTime = Day.AddMinutes(1).ToTimestamp(),
            PriceMicrosPerGpuHour = 4,
            GpuCount = 7,
            MinuteCount = 33,
        });
        var second = await List(new ListSpotPricesRequest { PageSize = 3, PageToken = first.NextPageToken });
        second.Prices.ShouldHaveSingleItem().Market.ShouldBe(L40s);
        second.NextPageToken.ShouldBeEmpty();
    }

    [Fact]
    public async Task Prices_can_be_of_one_market_and_some_slots()
    {
        await Feed(Day, Cleared(1, [.. Enumerable.Range(0, 5).Select(hour => Price(Day.AddHours(hour), hour, 1)), Price(Day, 9, 1, market: L40s)]));
        var some = await List(new ListSpotPricesRequest { Market = H100, FromTime = Day.AddHours(1).ToTimestamp(), ToTime = Day.AddHours(3).ToTimestamp() });
        some.Prices.Select(price => price.PriceMicrosPerGpuHour).ShouldBe([1, 2]);
        (await List(new ListSpotPricesRequest { Market = L40s })).Prices.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_slots_price_is_the_mean_by_volume_rounded_half_to_even()
    {
        await Feed(Day, Cleared(1, Price(Day, 2_000_000, 3), Price(Day.AddHours(1), 2_000_001, 1), Price(Day, 7, 1, market: L40s)));
        await Feed(Day, Cleared(2, Price(Day, 3_000_000, 2, minutes: 30), Price(Day.AddHours(1), 2_000_002, 1)));

        var slots = (await Slots(new ListSlotPricesRequest { Market = H100 })).Prices;
        slots.ShouldBe([
            // 180 GPU-minutes at $2, 60 at $3.
            new SlotPrice
            {
                Market = H100, SlotTime = Day.ToTimestamp(), MeanPriceMicrosPerGpuHour = 2_250_000,
                LastPriceMicrosPerGpuHour = 3_000_000, GpuMinutes = 240, RunCount = 2,
            },
            // 2,000,001.5 goes to the even 2,000,002.
            new SlotPrice
            {
                Market = H100, SlotTime = Day.AddHours(1).ToTimestamp(), MeanPriceMicrosPerGpuHour = 2_000_002,
                LastPriceMicrosPerGpuHour = 2_000_002, GpuMinutes = 120, RunCount = 2,
            },
        ]);
    }

    [Fact]
    public async Task A_busy_slots_turnover_may_pass_the_range_of_a_long()
    {
        const long price = 50_000_000;
        for (var run = 1; run <= 4; run++) await Feed(Day, Cleared(run, Price(Day, price, 1_000_000_000)));
        var slot = (await Slots(new ListSlotPricesRequest())).Prices.ShouldHaveSingleItem();
        (slot.MeanPriceMicrosPerGpuHour, slot.GpuMinutes).ShouldBe((price, 240_000_000_000));
    }

    [Fact]
    public async Task Slots_come_in_pages_and_windows_too()
    {
        await Feed(Day, Cleared(1, [.. Enumerable.Range(0, 5).Select(hour => Price(Day.AddHours(hour), hour, 1))]));
        var first = await Slots(new ListSlotPricesRequest { FromTime = Day.AddHours(1).ToTimestamp(), PageSize = 3 });
        first.Prices.Select(slot => slot.LastPriceMicrosPerGpuHour).ShouldBe([1, 2, 3]);
        var rest = await Slots(new ListSlotPricesRequest { FromTime = Day.AddHours(1).ToTimestamp(), PageSize = 3, PageToken = first.NextPageToken });
        rest.Prices.Select(slot => slot.LastPriceMicrosPerGpuHour).ShouldBe([4]);
        rest.NextPageToken.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(5_001, "", 1, "page_size")]
    [InlineData(0, "-1", 1, "page_token")]
    [InlineData(0, "", 0, "to_time")]
    public async Task What_cannot_be_asked_is_refused(int size, string token, int hours, string field)
    {
        var (from, to) = (Day.ToTimestamp(), Day.AddHours(hours).ToTimestamp());
        (await Refused(() => List(new ListSpotPricesRequest { PageSize = size, PageToken = token, FromTime = from, ToTime = to })))
            .Fields.ShouldHaveSingleItem().Field.ShouldBe(field);
        (await Refused(() => Slots(new ListSlotPricesRequest { PageSize = size, PageToken = token, FromTime = from, ToTime = to })))
            .Fields.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    private Task<ListSpotPricesResponse> List(ListSpotPricesRequest request) =>
        Slice<ReadSpotPrices, ListSpotPricesResponse>(prices => prices.List(request, Cancel));

    private Task<ListSlotPricesResponse> Slots(ListSlotPricesRequest request) =>
        Slice<ReadSlotPrices, ListSlotPricesResponse>(prices => prices.List(request, Cancel));
}
