using ComputeExchange.Cli.Commands;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class SettingsCommandsTests
{
    static readonly ChangeSettings Settings = new() { SlotMinutes = 60, RunIntervalSeconds = 60, TickMicros = 1_000 };

    [Fact]
    public void Named_settings_change_and_the_others_stay()
    {
        var changed = SettingsCommands.Changed(Settings, ["run_interval_seconds=1800", "tick_micros=500"]);
        changed.ShouldBe(new ChangeSettings { SlotMinutes = 60, RunIntervalSeconds = 1_800, TickMicros = 500 });
        Settings.RunIntervalSeconds.ShouldBe(60);
    }

    [Theory]
    [InlineData("tick", "names no setting")]
    [InlineData("colour=red", "names no setting")]
    [InlineData("tick_micros=", "is not a whole number")]
    [InlineData("tick_micros=1.5", "is not a whole number")]
    [InlineData("slot_minutes=99999999999", "is not a whole number")]
    public void A_change_that_makes_no_sense_is_refused_with_its_name(string change, string words) =>
        Should.Throw<InputException>(() => SettingsCommands.Changed(Settings, [change])).Message.ShouldContain(words);
}
