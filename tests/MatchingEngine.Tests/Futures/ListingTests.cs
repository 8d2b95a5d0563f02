using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Contracts listed, accounts opened and limited: what is wrong is named by its field.</summary>
public class ListingTests
{
    public static TheoryData<string, InstrumentTerms> WrongTerms => new()
    {
        { "name", Terms with { Name = "" } },
        { "name", Terms with { Name = "CX H100" } },
        { "name", Terms with { Name = new string('X', 65) } },
        { "tick_value_micros", Terms with { TickValueMicros = 0 } },
        { "lot_count_max", Terms with { MostLots = 0 } },
        { "lot_count_max", Terms with { MostLots = 1_000_001 } },
        { "notional_micros_max", Terms with { MostNotionalMicros = 0 } },
        { "position_lot_count_max", Terms with { MostPosition = 0 } },
        { "margin_micros_per_lot", Terms with { MarginMicros = -1 } },
        { "band_ppm", Terms with { BandPpm = 0 } },
        { "band_tick_count_min", Terms with { BandFloorTicks = 0 } },
        { "velocity_ppm", Terms with { VelocityPpm = 1_000_001 } },
        { "velocity_seconds", Terms with { VelocitySeconds = -1 } },
        { "call_seconds", Terms with { CallSeconds = 0 } },
        { "position_lot_count_max", Terms with { TickValueMicros = 1_000_000, MostPosition = 1_000_000 } },
        { "position_lot_count_max", Terms with { MarginMicros = 1_000_000_000_000, MostPosition = 1_000_000 } },
    };

    [Theory]
    [MemberData(nameof(WrongTerms), DisableDiscoveryEnumeration = true)]
    public void Terms_out_of_range_are_refused(string field, InstrumentTerms terms) =>
        new Pit().Say(new Command.DefineInstrument(terms, 2_500)).ShouldBe($"refused INSTRUMENT_TERMS {field}");

    [Fact]
    public void A_new_contract_is_closed_and_has_its_reference_and_an_index()
    {
        var pit = new Pit();
        pit.Do(new Command.DefineInstrument(Terms with { Name = "CX-B" }, 0)).ShouldHaveSingleItem().ShouldBeOfType<Event.Refused>().Reason.ShouldBe("REFERENCE_OUT_OF_RANGE");
        pit.Do(new Command.DefineInstrument(Terms with { Name = "CX-B" }, 77)).ShouldHaveSingleItem()
            .ShouldBe(new Event.InstrumentDefined(1, Terms with { Name = "CX-B" }, 77));
        pit.Exchange.Futures.PhaseOf(1).ShouldBe(Phase.Closed);
        pit.Exchange.Futures.ReferenceOf(1).ShouldBe(77);
        pit.Exchange.Futures.IndexOf("CX-NONE").ShouldBe(-1);
    }

    [Fact]
    public void Changed_terms_leave_reference_phase_and_orders_as_they_are()
    {
        var pit = new Pit();
        pit.Buy(Ann, 3, 2_500);
        pit.Do(new Command.DefineInstrument(Terms with { BandPpm = 10_000 }, 9)).ShouldHaveSingleItem()
            .ShouldBe(new Event.InstrumentDefined(0, Terms with { BandPpm = 10_000 }, 2_500));
        pit.Sell(Bob, 3, 2_526).ShouldBe("no: PriceOutsideBand 2526");
        pit.Sell(Bob, 3, 2_500).ShouldBe("#2 taken, #2 sells 3 with #1 at 2500");
    }

    [Fact]
    public void Only_so_many_contracts_can_be_listed()
    {
        var pit = new Pit();
        for (var more = 1; more < FuturesMarket.MostInstruments; more++)
            pit.Say(new Command.DefineInstrument(Terms with { Name = $"CX-{more}" }, 2_500)).ShouldBe("InstrumentDefined");
        pit.Say(new Command.DefineInstrument(Terms with { Name = "CX-65" }, 2_500)).ShouldBe("refused TOO_MANY_INSTRUMENTS name");
        pit.Say(new Command.DefineInstrument(Terms with { MostLots = 7 }, 2_500)).ShouldBe("InstrumentDefined");

        // Positions and open orders of before are where they were.
        pit.Buy(Ann, 3, 2_500).ShouldBe("#1 taken");
        pit.Exchange.Futures.PositionOf(Ann, 0).Buys.ShouldBe(3);
        pit.Exchange.Futures.PositionOf(Ann, 63).Buys.ShouldBe(0);
    }

    [Fact]
    public void An_account_is_opened_once_for_whom_Participants_has_told_of()
    {
        var pit = new Pit();
        pit.Do(new Command.OpenAccount(Id(Cyd))).ShouldHaveSingleItem().ShouldBe(new Event.AccountOpened(Cyd, Id(Cyd)));
        pit.Say(new Command.OpenAccount(Id(6))).ShouldBe("refused PARTICIPANT_UNKNOWN participant_id");
        pit.Exchange.Accounts.Count.ShouldBe(4);
    }

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        var pit = new Pit();
        string Limited(AccountLimits limits, int who = Ann) => pit.Say(new Command.LimitAccount(Id(who), limits));
        Limited(AccountLimits.Default with { OrdersPerSecond = -1 }).ShouldBe("refused LIMIT_OUT_OF_RANGE orders_per_second");
        Limited(AccountLimits.Default with { Burst = 0 }).ShouldBe("refused LIMIT_OUT_OF_RANGE order_burst");
        Limited(AccountLimits.Default with { MostOpenOrders = -1 }).ShouldBe("refused LIMIT_OUT_OF_RANGE open_order_count_max");
        Limited(AccountLimits.Default, who: 6).ShouldBe("refused ACCOUNT_UNKNOWN participant_id");
        Limited(AccountLimits.Default).ShouldBe("AccountLimited");
    }

    [Fact]
    public void Many_accounts_and_contracts_that_come_one_after_another_keep_what_is_theirs()
    {
        var pit = new Pit();
        pit.Sell(Ann, 3, 2_500);
        pit.Buy(Bob, 3, 2_500);
        for (var more = 4; more < 70; more++)
        {
            pit.Do(new Command.SetParticipant(Id(more), MayBuy: true, MaySell: true, Active: true));
            pit.Do(new Command.OpenAccount(Id(more)));
            if (more % 7 == 0) pit.Do(new Command.DefineInstrument(Terms with { Name = $"CX-{more}" }, 2_500));
        }
        pit.Lots(Ann).ShouldBe(-3);
        pit.Lots(Bob).ShouldBe(3);
        Enumerable.Range(0, 70).Sum(account => Enumerable.Range(0, 10).Sum(contract => Math.Abs(pit.Lots(account, contract)))).ShouldBe(6);
    }
}
