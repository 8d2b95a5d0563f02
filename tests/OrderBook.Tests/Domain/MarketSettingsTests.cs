using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Storage;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Domain;

public sealed class MarketSettingsTests
{
    private static readonly MarketSettings Settings = SettingsRow.ToDomain(SettingsRow.Untold);

    [Theory]
    [InlineData(9, 0, 60, false)]      // its gate, 08:50, is still open
    [InlineData(8, 0, 45, true)]       // in progress: what is left
    public void A_slot_trades_before_its_gate_and_while_enough_of_it_is_left(int hour, int minute, int minutes, bool prompt)
    {
        var trading = Settings.TradingOf(At(hour, minute), At(8, 15));
        trading.Minutes.ShouldBe(minutes);
        trading.Prompt.ShouldBe(prompt);
        trading.ClosedBecause.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(9, 8, 50, "closed for trading at 08:50 UTC, until it starts")]
    [InlineData(8, 8, 56, "has less than 5 minutes left")]
    [InlineData(8, 9, 0, "has passed")]
    public void A_slot_that_cannot_be_traded_says_why(int slot, int hour, int minute, string because)
    {
        var trading = Settings.TradingOf(At(slot), At(hour, minute));
        trading.ClosedBecause.ShouldBe(because);
        trading.Minutes.ShouldBe(0);
    }

    [Fact]
    public void At_five_minutes_left_a_slot_still_trades() => Settings.TradingOf(At(8), At(8, 55)).Minutes.ShouldBe(5);

    [Theory]
    [InlineData(8, 15, 9)]
    [InlineData(8, 49, 9)]
    [InlineData(8, 50, 10)]
    [InlineData(9, 0, 10)]
    public void The_next_slot_is_the_first_one_whose_gate_is_open(int hour, int minute, int next) =>
        Settings.NextTradable(At(hour, minute)).ShouldBe(At(next));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1_000)]
    [InlineData(1_000, 1_000)]
    [InlineData(1_001, 2_000)]
    public void A_price_rounds_up_to_the_tick(long micros, long rounded) => Settings.Prices.RoundUp(micros).ShouldBe(rounded);

    [Theory]
    [InlineData(30, 8, 30, true)]
    [InlineData(60, 8, 30, false)]
    [InlineData(15, 8, 50, false)]
    public void Slots_begin_every_so_many_minutes(int length, int hour, int minute, bool begins) =>
        new SlotGrid(length).Begins(At(hour, minute)).ShouldBe(begins);
}
