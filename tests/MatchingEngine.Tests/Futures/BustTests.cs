using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>Trades undone: by two operators, within ten minutes, once.</summary>
public class BustTests
{
    private static readonly Guid Olga = Guid.Parse("dddddddd-0000-7000-8000-000000000001");
    private static readonly Guid Omar = Guid.Parse("dddddddd-0000-7000-8000-000000000002");

    [Fact]
    public void Two_operators_undo_a_trade_and_everything_is_as_if_it_had_not_been()
    {
        var pit = Traded();
        Bust(pit, 2, Olga).ShouldBe("BustProposed");
        pit.Lots(Ann).ShouldBe(-5);
        Bust(pit, 2, Omar).ShouldBe("trade 2 undone, TradeBusted");
        pit.Lots(Ann).ShouldBe(-2);
        pit.Lots(Bob).ShouldBe(2);
        pit.Required(Ann).ShouldBe(2 * Terms.MarginMicros);
        pit.Exchange.Futures.VariationOf(Ann).ShouldBe(0);
        pit.Exchange.Futures.PositionOf(Bob, 0).ShouldBe((2, 0, 0, 5_000));
        var undone = pit.Told.ShouldHaveSingleItem();
        (undone.Value, undone.Price, undone.Quantity, undone.Account, undone.Detail).ShouldBe((2L, 2_510, 3u, (uint)Bob, (uint)Ann));
    }

    [Fact]
    public void The_trail_names_both_operators_and_the_reason()
    {
        var pit = Traded();
        pit.Do(new Command.BustTrade(1, Olga, "fat finger")).ShouldHaveSingleItem()
            .ShouldBe(new Event.BustProposed(1, Olga, "fat finger", Noon.AddMinutes(15)));
        pit.Do(new Command.BustTrade(1, Omar, "agreed")).ShouldContain(new Event.TradeBusted(1, Olga, Omar, "fat finger"));
    }

    [Fact]
    public void A_proposal_survives_a_snapshot()
    {
        var pit = Traded();
        Bust(pit, 2, Olga);
        using var bytes = new MemoryStream();
        pit.Exchange.Write(new BinaryWriter(bytes));
        bytes.Position = 0;
        var hash = pit.Exchange.StateHash();
        pit.Exchange = Exchange.Read(new BinaryReader(bytes));
        pit.Exchange.StateHash().ShouldBe(hash);
        Bust(pit, 2, Omar).ShouldBe("trade 2 undone, TradeBusted");
        pit.Lots(Bob).ShouldBe(2);
    }

    [Fact]
    public void One_operator_alone_cannot()
    {
        var pit = Traded();
        Bust(pit, 1, Olga).ShouldBe("BustProposed");
        Bust(pit, 1, Olga).ShouldBe("refused SECOND_OPERATOR_NEEDED operator_id");
        Bust(pit, 1, Guid.Empty).ShouldBe("refused OPERATOR_MISSING operator_id");
        pit.Lots(Ann).ShouldBe(-5);
    }

    [Fact]
    public void A_trade_is_undone_once()
    {
        var pit = Traded();
        Bust(pit, 1, Olga);
        Bust(pit, 1, Omar).ShouldEndWith("TradeBusted");
        Bust(pit, 1, Olga).ShouldBe("refused TRADE_NOT_BUSTABLE trade_id");
        pit.Lots(Ann).ShouldBe(-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(16_385)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void What_is_no_trade_cannot_be_undone(long trade) => Bust(Traded(), trade, Olga).ShouldBe("refused TRADE_NOT_BUSTABLE trade_id");

    [Fact]
    public void After_ten_minutes_it_is_too_late_also_for_the_second_operator()
    {
        var pit = Traded();
        pit.Pass(600);
        Bust(pit, 1, Olga).ShouldBe("BustProposed");
        pit.Pass(0.001m);
        Bust(pit, 1, Omar).ShouldBe("refused TRADE_NOT_BUSTABLE trade_id");
        Bust(pit, 2, Olga).ShouldBe("refused TRADE_NOT_BUSTABLE trade_id");
    }

    [Fact]
    public void A_busted_trade_leaves_open_orders_and_their_margin_as_they_are()
    {
        var pit = Traded();
        pit.Buy(Ann, 4, 2_400);
        pit.Sell(Ann, 9, 2_600);
        Bust(pit, 1, Olga);
        Bust(pit, 1, Omar);
        pit.Exchange.Futures.PositionOf(Ann, 0).ShouldBe((-3, 4, 9, -3 * 2_510));
        pit.Required(Ann).ShouldBe(12 * Terms.MarginMicros);
        pit.Exchange.Futures.OpenOrdersOf(Ann).ShouldBe(2);
    }

    [Fact]
    public void An_auction_trade_of_one_account_with_itself_can_be_undone_too()
    {
        var pit = new Pit(Phase.OpeningCall);
        pit.Sell(Ann, 2, 2_500);
        pit.Buy(Ann, 2, 2_500);
        pit.Pass(60);
        Bust(pit, 1, Olga);
        Bust(pit, 1, Omar).ShouldEndWith("TradeBusted");
        pit.Exchange.Futures.PositionOf(Ann, 0).ShouldBe((0, 0, 0, 0));
        pit.Required(Ann).ShouldBe(0);
    }

    private static string Bust(Pit pit, long trade, Guid who) => pit.Say(new Command.BustTrade(trade, who, "fat finger"));

    /// <summary>Bob bought 2 from Ann at 2500 in trade 1, and 3 at 2510 in trade 2.</summary>
    private static Pit Traded()
    {
        var pit = new Pit();
        pit.Sell(Ann, 2, 2_500);
        pit.Sell(Ann, 3, 2_510);
        pit.Buy(Bob, 5, 2_510);
        return pit;
    }
}
