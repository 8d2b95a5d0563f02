using System.Globalization;
using ComputeExchange.Settlement.Domain.Fees;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public class FeeScheduleTests
{
    private static readonly DateOnly Today = new(2026, 12, 1);
    private static readonly TierSchedule Three = new(Today, [new Tier(0, 1_500, 1_400), new Tier(1_000, 1_000, 900), new Tier(5_000, 500, 0)]);

    [Theory]
    [InlineData(0, 1_500, 1_000)]
    [InlineData(999, 1_500, 1)]
    [InlineData(1_000, 1_000, 4_000)]
    [InlineData(4_999, 1_000, 1)]
    [InlineData(5_000, 500, 0)]
    [InlineData(long.MaxValue, 500, 0)]
    public void A_volume_has_the_highest_tier_that_it_reaches_and_hears_what_the_next_one_asks(long volume, int buyer, long next)
    {
        Three.Of(volume).BuyerPpm.ShouldBe(buyer);
        Three.ToNext(volume).ShouldBe(next);
    }

    [Fact]
    public void A_schedule_from_today_with_rising_tiers_is_right() => Three.Wrong(Today).ShouldBeEmpty();

    public static TheoryData<string, TierSchedule> Bad => new()
    {
        { "from_day", Three with { FromDay = Today.AddDays(-1) } },
        { "tiers", Three with { Tiers = [] } },
        { "tiers", Three with { Tiers = [.. Enumerable.Range(0, 21).Select(i => new Tier(10_000 * i, 1, 1))] } },
        { "tiers[0].from_volume_micros", With(0, new Tier(1, 1_500, 1_400)) },
        { "tiers[2].from_volume_micros", With(2, new Tier(1_000, 500, 0)) },
        { "tiers[1].buyer_ppm", With(1, new Tier(1_000, 100_001, 900)) },
        { "tiers[1].seller_ppm", With(1, new Tier(1_000, 1_000, -1)) },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_wrong_with_a_schedule_is_named(string field, TierSchedule bad) => bad.Wrong(Today).ShouldHaveSingleItem().Field.ShouldBe(field);

    [Theory]
    [InlineData("DE", "2026-12-01", 190_000, "")]
    [InlineData("US-CA", "2027-01-01", 0, "")]
    [InlineData("D", "2026-12-01", 190_000, "tax_code")]
    [InlineData("de", "2026-12-01", 190_000, "tax_code")]
    [InlineData("ABCDEFGHIJK", "2026-12-01", 190_000, "tax_code")]
    [InlineData("DE", "2026-11-30", 190_000, "from_day")]
    [InlineData("DE", "2026-12-01", 500_001, "rate_ppm")]
    [InlineData("DE", "2026-12-01", -1, "rate_ppm")]
    public void What_is_wrong_with_a_rate_of_tax_is_named(string code, string day, int ppm, string field) =>
        string.Join(",", FeeTax.Wrong(code, DateOnly.Parse(day, CultureInfo.InvariantCulture), ppm, Today).Select(wrong => wrong.Field)).ShouldBe(field);

    private static TierSchedule With(int index, Tier tier) => Three with { Tiers = [.. Three.Tiers.Select((old, i) => i == index ? tier : old)] };
}
