using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Markets;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Markets;

public sealed class MarketsTests(BookDatabase database) : Book(database)
{
    [Fact]
    public async Task Markets_and_settings_are_as_the_feed_told_them_last()
    {
        (await List()).Settings.TickMicros.ShouldBe(1_000);
        await Feed(MarketIs("L40S-48GB.eu-west"), MarketIs(H100), SettingsAre(s => s.GateMinutes = 20));
        await Feed(MarketIs(H100, MarketState.Halted), SettingsAre(s => s.TickMicros = 500));

        var told = await List();
        told.Markets.ShouldBe([
            new DefineMarket { Market = H100, State = MarketState.Halted },
            new DefineMarket { Market = "L40S-48GB.eu-west", State = MarketState.Open },
        ]);
        told.Settings.ShouldBe(Settings(s => s.TickMicros = 500));
    }

    [Fact]
    public async Task A_market_is_defined_by_the_engine()
    {
        Engine = request => new SubmitResponse { Events = { new EngineEvent { MarketDefined = request.Command.DefineMarket } } };
        var market = new DefineMarket { Market = H100, State = MarketState.Halted };
        (await Define(market)).Market.ShouldBe(market);
    }

    [Theory]
    [InlineData("", MarketState.Open, "market.market")]
    [InlineData("H100", MarketState.Open, "market.market")]
    [InlineData("H100.us.east", MarketState.Open, "market.market")]
    [InlineData("H100 SXM.us-east", MarketState.Open, "market.market")]
    [InlineData("H100.us-east\n", MarketState.Open, "market.market")]
    [InlineData("H100-SXM-80GB.us-eastxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", MarketState.Open, "market.market")]
    [InlineData(H100, MarketState.Unspecified, "market.state")]
    [InlineData(H100, (MarketState)7, "market.state")]
    public async Task A_market_has_a_name_of_class_and_region_and_a_state(string name, MarketState state, string field)
    {
        var failure = await Refused(() => Define(new DefineMarket { Market = name, State = state }));
        failure.Code.ShouldBe(StatusCode.InvalidArgument);
        failure.Fields.ShouldHaveSingleItem().Field.ShouldBe(field);
        Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_without_a_market_says_so() =>
        (await Refused(() => Define(null))).Fields.ShouldHaveSingleItem().Field.ShouldBe("market");

    [Fact]
    public async Task Settings_are_changed_by_the_engine()
    {
        Engine = request => new SubmitResponse { Events = { new EngineEvent { SettingsChanged = request.Command.ChangeSettings } } };
        var settings = Settings(s => s.BuyerFeePpm = 0);
        (await Change(settings)).Settings.ShouldBe(settings);
    }

    [Fact]
    public async Task A_setting_that_stands_for_its_default_is_shown_as_what_it_means()
    {
        Engine = request => new SubmitResponse { Events = { new EngineEvent { SettingsChanged = request.Command.ChangeSettings } } };
        var told = Settings(s => (s.OpenBlockCountMax, s.ClusterGateMinutes, s.StandingSlotCount) = (0, 45, 0));
        var changed = (await Change(told)).Settings;
        (changed.OpenBlockCountMax, changed.ClusterGateMinutes, changed.StandingSlotCount).ShouldBe((50, 45, 2));
        await Feed(new EngineEvent { SettingsChanged = told });
        (await List()).Settings.ShouldBe(changed);
        (await Refused(() => Change(Settings(s => (s.ClusterGateMinutes, s.StandingSlotCount) = (-1, 1))))).Fields.Select(wrong => wrong.Field)
            .ShouldBe(["settings.cluster_gate_minutes", "settings.standing_slot_count"]);
    }

    [Fact]
    public async Task Every_setting_out_of_its_range_is_named()
    {
        var failure = await Refused(() => Change(new ChangeSettings { SellerFeePpm = -1, BondPpm = 1_000_001 }));
        failure.Fields.Select(wrong => wrong.Field).ShouldBe([
            "settings.slot_minutes", "settings.horizon_slot_count", "settings.run_interval_seconds", "settings.seller_fee_ppm",
            "settings.bond_ppm", "settings.tick_micros", "settings.highest_price_micros_per_gpu_hour", "settings.bid_gpu_count_max",
            "settings.open_bid_count_max", "settings.prompt_minutes_min", "settings.solver_node_count_max", "settings.solve_again_seconds",
            "settings.solve_attempt_count_max",
        ]);
        (await Refused(() => Change(Settings(s => s.SlotMinutes = 7)))).Fields.ShouldContain(wrong => wrong.Field == "settings.slot_minutes");
        (await Refused(() => Change(Settings(s => s.GateMinutes = 60)))).Fields.ShouldHaveSingleItem().Field.ShouldBe("settings.gate_minutes");
        (await Refused(() => Change(null))).Fields.ShouldHaveSingleItem().Field.ShouldBe("settings");
        Asked.ShouldBeEmpty();
    }

    private Task<ListMarketsResponse> List() => Slice<ReadMarkets, ListMarketsResponse>(markets => markets.List(Cancel));

    private Task<DefineMarketResponse> Define(DefineMarket? market) => Slice<DefineMarketHandler, DefineMarketResponse>(define =>
        define.Handle(new DefineMarketRequest { RequestId = Ids.Of(1).ToString(), Market = market }, Operator(), Cancel));

    private Task<ChangeSettingsResponse> Change(ChangeSettings? settings) => Slice<ChangeSettingsHandler, ChangeSettingsResponse>(change =>
        change.Handle(new ChangeSettingsRequest { RequestId = Ids.Of(2).ToString(), Settings = settings }, Operator(), Cancel));
}
