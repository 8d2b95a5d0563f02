using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class DemandTests
{
    static readonly DateOnly Day = new(2026, 2, 27);

    [Fact]
    public void The_share_of_the_trace_is_its_busiest_minute_of_what_all_machines_can_make()
    {
        // 300 tokens a minute are 5 a second; 8 + 2 GPUs make 5,000 each: 5 / 50,000.
        var rate = new Throughput("H100-SXM-80GB", 5_000, "Server", "");
        Demand.OnlineShare(TestFiles.Small.Requests, [(8, rate), (2, rate)]).ShouldBe(0.0001m);
    }

    [Theory]
    [InlineData("0.0001", 1_000)]
    [InlineData("0.06", 10)]
    [InlineData("0.07", 1)]
    [InlineData("5", 1)]
    public void Services_like_the_traced_one_are_counted_in_powers_of_ten(string share, int count) =>
        Demand.ServicesLikeIt(decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(count);

    [Fact]
    public void Batch_work_fills_up_to_the_peak_and_is_none_where_the_trace_is_more()
    {
        Demand.BatchShare(0.3m).ShouldBe(1.0m);
        Demand.BatchShare(2m).ShouldBe(0m);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("0.5")]
    [InlineData("3")]
    public void The_wishes_of_a_day_add_up_to_the_profile_times_the_scale(string text)
    {
        var scale = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        var wishes = new Demand("seed", scale, 16, 40).Of(Day, "H100-SXM-80GB.us", 100, 0.5m, 0).ToList();
        var online = wishes.Where(wish => wish.IsOnline).Sum(wish => wish.Gpus * wish.Hours);
        var batch = wishes.Where(wish => !wish.IsOnline).Sum(wish => wish.Gpus * wish.Hours);

        // 50 GPUs for the trace and 80 for batch work at their peaks; the last wish of each may overshoot or be carried on.
        ((decimal)online).ShouldBe(50 * scale * DailyProfile.Online.Sum() / 100, tolerance: 64);
        ((decimal)batch).ShouldBe(80 * scale * DailyProfile.Batch.Sum() / 100, tolerance: 64);
    }

    [Fact]
    public void Parts_of_a_gpu_are_carried_on_until_they_are_one()
    {
        var wishes = new Demand("seed", 1, 16, 40).Of(Day, "H100-SXM-80GB.us", 1, 0.1m, 0).Where(wish => wish.IsOnline).ToList();
        wishes.ShouldNotBeEmpty();
        ((decimal)wishes.Sum(wish => wish.Gpus * wish.Hours)).ShouldBe(0.1m * DailyProfile.Online.Sum() / 100, tolerance: 1);
    }

    [Fact]
    public void No_wish_leaves_its_day_and_a_block_has_two_to_eight_hours()
    {
        var wishes = new Demand("seed", 2, 16, 40).Of(Day, "H100-SXM-80GB.us", 200, 0.5m, 0).ToList();
        wishes.ShouldAllBe(wish => wish.Gpus >= 1 && wish.Hour >= 0 && wish.Hours >= 1 && wish.Hour + wish.Hours <= 24);
        wishes.Where(wish => wish.IsBlock).ShouldAllBe(wish => wish.Hours >= 2 && wish.Hours <= 8);
        wishes.ShouldContain(wish => wish.IsBlock);
        wishes.ShouldContain(wish => !wish.IsBlock && !wish.IsOnline);
    }

    [Fact]
    public void The_profiles_have_24_hours_and_peak_at_100()
    {
        foreach (var profile in new[] { DailyProfile.Online, DailyProfile.Batch })
        {
            profile.Count.ShouldBe(24);
            profile.Max().ShouldBe(100);
        }
    }
}
