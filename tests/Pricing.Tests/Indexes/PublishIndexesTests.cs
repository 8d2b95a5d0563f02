using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Pricing.Indexes;
using ComputeExchange.Pricing.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using Grade = ComputeExchange.Pricing.Domain.IndexGrade;

namespace ComputeExchange.Pricing.Tests.Indexes;

public sealed class PublishIndexesTests(PricesDatabase database) : Prices(database)
{
    private const string Index = "CX-" + H100;

    private static readonly DateTimeOffset Provisional = Day.AddDays(1).AddMinutes(30);
    private static readonly DateTimeOffset Final = Day.AddDays(1).AddHours(12);

    [Fact]
    public async Task A_day_is_published_provisionally_and_for_good_and_told()
    {
        await ALiquidDay();
        Clock.MoveTo(Provisional);
        await Run<PublishProvisionalIndexes>(Provisional);
        Clock.MoveTo(Final);
        await Run<PublishFinalIndexes>(Final);

        var values = (await List(new ListIndexValuesRequest())).Values;
        values.Select(value => value.Final).ShouldBe([true, false]);
        values[1].ShouldBe(new IndexValue
        {
            Index = Index,
            DayTime = Day.ToTimestamp(),
            ValueMicrosPerGpuHour = 2_500_000,
            Grade = V1.IndexGrade.A,
            TradeCount = 30,
            GpuHours = 510,
            PublishedTime = Provisional.ToTimestamp(),
        });
        values[0].PublishedTime.ToDateTimeOffset().ShouldBe(Final);
        var facts = await Db(db => db.Facts.OrderBy(fact => fact.Number).ToListAsync(Cancel));
        facts.Select(fact => fact.Type).ShouldBe(["Pricing.V1.IndexPublished", "Pricing.V1.IndexPublished"]);
        facts[0].Body.ShouldContain("2026-03-02");
        facts[0].Body.ShouldContain("2500000");
    }

    [Fact]
    public async Task Who_bought_of_itself_does_not_move_the_index()
    {
        await ALiquidDay();
        await Feed(Day.AddHours(4), Sold(900, 1, 7, 7, 800, Day.AddHours(5), 9_000_000));
        await Run<PublishProvisionalIndexes>(Provisional);
        var value = await Db(db => db.IndexValues.SingleAsync(Cancel));
        (value.ValueMicros, value.TradeCount).ShouldBe((2_500_000, 30));
    }

    [Fact]
    public async Task A_job_that_runs_twice_or_dies_publishes_once()
    {
        await ALiquidDay();
        await Run<PublishProvisionalIndexes>(Provisional, dies: true);
        (await Db(db => db.IndexValues.CountAsync(Cancel))).ShouldBe(0);
        await Run<PublishProvisionalIndexes>(Provisional);
        await Feed(Day.AddHours(23), Sold(900, 1, 1, 2, 8, Day.AddHours(23), 2_600_000));
        await Run<PublishProvisionalIndexes>(Provisional);

        (await Db(db => db.IndexValues.SingleAsync(Cancel))).TradeCount.ShouldBe(30);
        (await Db(db => db.Facts.CountAsync(Cancel))).ShouldBe(1);
    }

    [Fact]
    public async Task After_an_outage_the_same_values_come_out()
    {
        await ALiquidDay();
        await Run<PublishProvisionalIndexes>(Provisional);
        var inTime = await Db(db => db.IndexValues.AsNoTracking().SingleAsync(Cancel));

        // Two days of trading later; the final value is computed from the same inputs.
        await Feed(Day.AddHours(30), Sold(901, 1, 1, 2, 8, Day.AddHours(31), 9_000_000), Cleared(77, Price(Day.AddHours(31), 9_000_000, 8)));
        Clock.MoveTo(Day.AddDays(3));
        await Run<PublishFinalIndexes>(Final);
        var late = await Db(db => db.IndexValues.AsNoTracking().SingleAsync(value => value.Final, Cancel));
        (late.ValueMicros, late.Grade, late.TradeCount, late.Day).ShouldBe((inTime.ValueMicros, inTime.Grade, inTime.TradeCount, inTime.Day));
        late.InputsHash.ShouldBe(inTime.InputsHash);
        late.PartitionPrices.ShouldBe(inTime.PartitionPrices);
    }

    [Fact]
    public async Task A_thin_day_takes_the_last_auction_of_the_day()
    {
        await Feed(Day, MarketIs(H100));
        await Feed(Day.AddHours(1), Cleared(1, Price(Day.AddHours(2), 9_000_000, 8)));
        await Feed(Day.AddHours(23), Cleared(2, Price(Day.AddHours(24), 2_000_000, 3), Price(Day.AddHours(25), 3_000_000, 1)));
        await Feed(Day.AddHours(24), Cleared(3, Price(Day.AddHours(25), 9_000_000, 8)));
        await Run<PublishProvisionalIndexes>(Provisional);
        var value = await Db(db => db.IndexValues.SingleAsync(Cancel));
        (value.Grade, value.ValueMicros).ShouldBe((Grade.B, 2_250_000));
    }

    [Fact]
    public async Task A_day_without_trades_carries_the_value_on_for_three_days_and_no_longer()
    {
        await ALiquidDay();
        for (var days = 1; days <= 5; days++)
        {
            await Run<PublishProvisionalIndexes>(Day.AddDays(days).AddMinutes(30));
            await Run<PublishFinalIndexes>(Day.AddDays(days).AddHours(12));
        }
        var values = await Db(db => db.IndexValues.Where(value => value.Final).OrderBy(value => value.Day).ToListAsync(Cancel));
        values.Select(value => (value.Day.Day, value.Grade, value.ValueMicros)).ShouldBe([
            (2, Grade.A, 2_500_000), (3, Grade.E, 2_500_000), (4, Grade.E, 2_500_000), (5, Grade.E, 2_500_000),
        ]);
        (await Db(db => db.Facts.CountAsync(Cancel))).ShouldBe(8);
    }

    [Fact]
    public async Task What_a_block_bought_counts_at_the_average_of_its_slots()
    {
        await Feed(Day, MarketIs(H100), BidIs(1, BidKind.Block), BidIs(2, BidKind.Divisible), Cleared(1, Price(Day.AddHours(1), 2_000_000, 8)));
        await Feed(Day, Sold(1, 1, 1, 2, 8, Day.AddHours(1), 2_000_000, 2_100_000));
        await Feed(Day.AddHours(2), Sold(2, 2, 1, 2, 8, Day.AddHours(3), 2_000_000, 2_100_000));
        await Run<PublishProvisionalIndexes>(Provisional);
        var value = await Db(db => db.IndexValues.SingleAsync(Cancel));
        value.PartitionPrices[0].ShouldBe(2_050_000);
        value.PartitionPrices[1].ShouldBe(2_000_000);
        value.TradeCount.ShouldBe(2);
    }

    [Fact]
    public async Task A_market_that_never_traded_has_no_value()
    {
        await Feed(Day, MarketIs(H100));
        await Run<PublishProvisionalIndexes>(Provisional);
        (await Db(db => db.IndexValues.CountAsync(Cancel))).ShouldBe(0);
        (await Db(db => db.Facts.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task While_the_feed_is_still_on_its_way_nothing_is_published()
    {
        await ALiquidDay();
        var missing = Entries(Day.AddHours(23), Sold(900, 1, 1, 2, 8, Day.AddHours(23), 2_600_000));
        FeedGoesTo = missing[0].Number;

        // The trade arrives while the job waits for it.
        var job = Run<PublishProvisionalIndexes>(Provisional);
        job.IsCompleted.ShouldBeFalse();
        await Apply(missing);
        await job;
        (await Db(db => db.IndexValues.SingleAsync(Cancel))).TradeCount.ShouldBe(31);
    }

    [Fact]
    public async Task What_was_published_cannot_be_changed_even_by_hand()
    {
        await ALiquidDay();
        await Run<PublishProvisionalIndexes>(Provisional);
        var refused = await Should.ThrowAsync<Npgsql.PostgresException>(() => Db(db => db.IndexValues.ExecuteUpdateAsync(
            set => set.SetProperty(value => value.ValueMicros, 1), Cancel)));
        refused.MessageText.ShouldBe($"index {Index} of 2026-03-02 was published and is never restated");
        await Should.ThrowAsync<Npgsql.PostgresException>(() => Db(db => db.IndexValues.ExecuteDeleteAsync(Cancel)));
    }

    [Fact]
    public async Task Values_can_be_of_one_index_and_come_in_pages()
    {
        await ALiquidDay();
        await Run<PublishProvisionalIndexes>(Provisional);
        await Run<PublishFinalIndexes>(Final);
        (await List(new ListIndexValuesRequest { Index = "CX-L40S-48GB.eu-west" })).Values.ShouldBeEmpty();
        var first = await List(new ListIndexValuesRequest { Index = Index, PageSize = 1 });
        first.Values.ShouldHaveSingleItem().Final.ShouldBeTrue();
        (await List(new ListIndexValuesRequest { Index = Index, PageSize = 1, PageToken = first.NextPageToken })).Values.ShouldHaveSingleItem().Final.ShouldBeFalse();
        (await Refused(() => List(new ListIndexValuesRequest { PageSize = 1_001 }))).Fields.ShouldHaveSingleItem().Field.ShouldBe("page_size");
    }

    /// <summary>30 leases of 17 GPU-hours in six partitions, among five buyers and five providers, at $2.50.</summary>
    private async Task ALiquidDay()
    {
        await Feed(Day, MarketIs(H100), BidIs(1, BidKind.Divisible));
        for (var lease = 0; lease < 30; lease++)
        {
            var at = Day.AddHours(lease / 5 * 2);
            await Feed(at, Sold(lease + 1, 1, buyer: 1 + (lease % 5), provider: 11 + ((lease + 1) % 5), gpus: 17, at.AddHours(1), 2_500_000));
        }
    }

    private Task<ListIndexValuesResponse> List(ListIndexValuesRequest request) =>
        Slice<ReadIndexValues, ListIndexValuesResponse>(indexes => indexes.List(request, Cancel));
}
