using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class TimeWordsTests
{
    static readonly DateTimeOffset Now = new(2026, 2, 27, 10, 20, 30, TimeSpan.Zero);

    [Theory]
    [InlineData("now", "2026-02-27T10:20:30")]
    [InlineData("+3h", "2026-02-27T13:20:30")]
    [InlineData("-90m", "2026-02-27T08:50:30")]
    [InlineData("+1d12h", "2026-02-28T22:20:30")]
    [InlineData("today", "2026-02-27T00:00:00")]
    [InlineData("today 18:00", "2026-02-27T18:00:00")]
    [InlineData("tomorrow", "2026-02-28T00:00:00")]
    [InlineData("tomorrow 09:00", "2026-02-28T09:00:00")]
    [InlineData("Tomorrow at 9am", "2026-02-28T09:00:00")]
    [InlineData("yesterday 23:30", "2026-02-26T23:30:00")]
    [InlineData("sat 02:00", "2026-02-28T02:00:00")]
    [InlineData("friday 18:00", "2026-02-27T18:00:00")]
    [InlineData("fri 09:00", "2026-03-06T09:00:00")]
    [InlineData("monday", "2026-03-02T00:00:00")]
    [InlineData("11:00", "2026-02-27T11:00:00")]
    [InlineData("09:00", "2026-02-28T09:00:00")]
    [InlineData("2026-03-01", "2026-03-01T00:00:00")]
    [InlineData("2026-03-01 09:00", "2026-03-01T09:00:00")]
    [InlineData("2026-03-01T09:00", "2026-03-01T09:00:00")]
    [InlineData("2026-03-01T09:00Z", "2026-03-01T09:00:00")]
    [InlineData("2026-03-01T09:00:00+02:00", "2026-03-01T07:00:00")]
    public void A_time_is_read_in_utc_beside_the_exchanges_clock(string text, string expected)
    {
        TimeWords.TryParse(text, Now, out var time).ShouldBeTrue();
        time.Offset.ShouldBe(TimeSpan.Zero);
        time.ToString("yyyy-MM-ddTHH:mm:ss").ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("mo 09:00")]
    [InlineData("sat 02:00 03:00")]
    [InlineData("+")]
    [InlineData("+3x")]
    [InlineData("tomorrow noonish")]
    [InlineData("tomorrow 09:00 10:00")]
    [InlineData("25:00")]
    [InlineData("2026-13-01")]
    [InlineData("27.02.2026")]
    public void What_is_no_time_is_refused_with_the_field_and_an_example(string text)
    {
        TimeWords.TryParse(text, Now, out _).ShouldBeFalse();
        Should.Throw<InputException>(() => TimeWords.Parse("--from", text, Now)).Message.ShouldStartWith("--from: ");
    }

    [Theory]
    [InlineData("now", "10:00")]
    [InlineData("+3h", "14:00")]
    [InlineData("13:00", "13:00")]
    public void Now_is_the_slot_in_progress_and_anything_relative_begins_with_the_next_whole_slot(string text, string slot)
    {
        TimeWords.TryParse(text, Now, out var time).ShouldBeTrue();
        TimeWords.ToSlot(text, time, TimeSpan.FromHours(1)).ToString("HH:mm").ShouldBe(slot);
    }

    [Fact]
    public void A_time_that_was_written_out_is_sent_as_it_is()
    {
        var time = new DateTimeOffset(2026, 3, 1, 9, 17, 0, TimeSpan.Zero);
        TimeWords.ToSlot("2026-03-01T09:17Z", time, TimeSpan.FromHours(1)).ShouldBe(time);
    }
}
