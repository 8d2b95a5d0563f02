using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class WeekWordsTests
{
    [Theory]
    [InlineData("9", 0x000200, "9-10")]
    [InlineData("9-12", 0x000E00, "9-12")]
    [InlineData("18-24", 0xFC0000, "18-24")]
    [InlineData("18-6", 0xFC003F, "18-6")]
    [InlineData("18:00-06:00", 0xFC003F, "18-6")]
    [InlineData("0-6,18-24", 0xFC003F, "18-6")]
    [InlineData("23-1", 0x800001, "23-1")]
    [InlineData("9-12,20", 0x100E00, "9-12,20-21")]
    [InlineData("0-24", 0, "all")]
    [InlineData("6-18,18-6", 0, "all")]
    [InlineData("all", 0, "all")]
    public void Hours_go_over_midnight_and_all_of_them_are_all(string text, int mask, string shown)
    {
        WeekWords.Hours("--hours", text).ShouldBe(mask);
        WeekWords.OfHours(mask).ShouldBe(shown);
        WeekWords.Hours("--hours", shown).ShouldBe(mask);
    }

    [Theory]
    [InlineData("mon-fri", 0b0011111, "mon-fri")]
    [InlineData("sat,sun", 0b1100000, "sat-sun")]
    [InlineData("Friday-Mon", 0b1110001, "fri-mon")]
    [InlineData("wed", 0b0000100, "wed")]
    [InlineData("mon,wed,fri", 0b0010101, "mon,wed,fri")]
    [InlineData("mon-sun", 0, "all")]
    public void Days_have_both_their_ends_in_them(string text, int mask, string shown)
    {
        WeekWords.Days("--days", text).ShouldBe(mask);
        WeekWords.OfDays(mask).ShouldBe(shown);
        WeekWords.Days("--days", shown).ShouldBe(mask);
    }

    [Theory]
    [InlineData("")]
    [InlineData("24")]
    [InlineData("18-25")]
    [InlineData("9-9")]
    [InlineData("9-12-15")]
    [InlineData("night")]
    [InlineData("18:30-6")]
    public void What_is_no_hours_is_refused(string text) =>
        Should.Throw<InputException>(() => WeekWords.Hours("--hours", text)).Message.ShouldStartWith("--hours: ");

    [Theory]
    [InlineData("")]
    [InlineData("mo")]
    [InlineData("mon-")]
    [InlineData("weekend")]
    public void What_is_no_days_is_refused(string text) =>
        Should.Throw<InputException>(() => WeekWords.Days("--days", text)).Message.ShouldStartWith("--days: ");
}
