using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Tests.Futures;
using ComputeExchange.Values;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Rules.Market;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>Everything that is not free has a reason, and the reasons add up.</summary>
public class HoldingTests
{
    [Fact]
    public void What_is_reserved_and_bonded_is_the_sum_of_its_reasons_after_every_command_of_every_history() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(25),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) =>
            {
                var market = new Market().WithMoreNodes();
                var random = new Random(seed);
                for (var step = 0; step < 80; step++)
                {
                    ExchangeProperties.Step(market, random);
                    foreach (var held in market.Exchange.Holdings) AddsUp(market.Exchange, held);
                }
            }));

    [Fact]
    public void Margin_is_the_sum_of_its_reasons_whatever_is_traded_and_wherever_the_price_goes() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(40),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (int seed) =>
            {
                var pit = new Pit();
                var random = new Random(seed);
                for (var step = 0; step < 60; step++)
                {
                    var (who, lots, price) = (random.Next(4), (uint)random.Next(1, 60), random.Next(2_400, 2_600));
                    switch (random.Next(6))
                    {
                        case 0 or 1: pit.Buy(who, lots, price); break;
                        case 2 or 3: pit.Sell(who, lots, price); break;
                        case 4: pit.MassCancel(who); break;
                        default: pit.Reference(price); break;
                    }
                    foreach (var held in pit.Exchange.Holdings) AddsUp(pit.Exchange, held);
                }
            }));

    [Fact]
    public void Each_amount_says_what_it_is_for()
    {
        var market = new Market();
        market.Offer(gpus: 8, fromHour: 2, hours: 4, reserve: 2m);
        var divisible = market.Bid(Ann, gpus: 1, fromHour: 2, hours: 2, limit: 3m);
        var block = market.Bid(Ann, gpus: 2, fromHour: 2, hours: 2, limit: 1m, block: true);
        var standing = market.Placed(market.StandingFor(Ann, gpus: 1, limit: 1m));
        market.Exchange.ReservationsOf(Ann).ShouldBe(
        [
            new Reservation(ReservationReason.Bid, divisible, "", Dollars(6m * 1.0015m)),
            new Reservation(ReservationReason.Block, block, "", Dollars(4m * 1.0015m)),
            new Reservation(ReservationReason.StandingBid, standing, "", Dollars(2m * 1.0015m)),
        ]);

        var lease = market.Run().OfType<Event.LeaseSold>().ShouldHaveSingleItem();
        market.Exchange.ReservationsOf(Ann).Select(reservation => reservation.Bid).ShouldBe([block, standing]);
        market.Exchange.BondsOf(Provider).ShouldBe(
        [
            new OpenBond(1, 0, 0, Dollars(30 * 0.4m)),
            new OpenBond(0, lease.Lease, 0, Dollars(0.4m)),
            new OpenBond(0, lease.Lease, 1, Dollars(0.4m)),
        ]);
        market.Do(new Command.SettleBond(lease.Lease, 0, Money.Zero));
        market.Exchange.BondsOf(Provider).ShouldNotContain(bond => bond.Lease == lease.Lease && bond.Slot == 0);
    }

    [Fact]
    public void Margin_is_told_by_contract_for_the_position_for_open_orders_and_for_what_was_lost()
    {
        var pit = new Pit();
        pit.Buy(Pit.Ann, 10, 2_500);
        pit.Sell(Pit.Bob, 10, 2_500);
        pit.Buy(Pit.Ann, 5, 2_480);
        pit.Sell(Pit.Ann, 4, 2_520);
        pit.Reference(2_490);

        // 10 lots at $0.25; 5 more if bought; the 4 to sell need nothing; and 10 ticks of a tenth of a cent on 10 lots are lost.
        pit.Exchange.ReservationsOf(Pit.Id(Pit.Ann)).ShouldBe(
        [
            new Reservation(ReservationReason.Position, 0, Pit.Name, Dollars(2.5m)),
            new Reservation(ReservationReason.OpenOrders, 0, Pit.Name, Dollars(1.25m)),
            new Reservation(ReservationReason.UnsettledLoss, 0, "", Dollars(0.1m)),
        ]);
        pit.Exchange.HoldingOf(Pit.Id(Pit.Ann))!.Margin.ShouldBe(Dollars(3.85m));
        pit.Exchange.ReservationsOf(Pit.Id(Pit.Bob)).ShouldHaveSingleItem().Reason.ShouldBe(ReservationReason.Position);
    }

    [Fact]
    public void The_other_services_are_told_every_amount_with_its_reason()
    {
        var market = new Market();
        market.Offer(gpus: 8, fromHour: 2, hours: 1, reserve: 2m);
        market.Do(new Command.SetFees(Ann, 500, null));
        var bid = market.Bid(Ann, gpus: 1, fromHour: 2, hours: 2, limit: 3m);
        var ann = Wire.ToProto(market.Of(Ann), market.Exchange.ReservationsOf(Ann), market.Exchange.BondsOf(Ann));
        ann.Reservations.ShouldHaveSingleItem().ShouldBe(new ComputeExchange.MatchingEngine.V1.Reservation
        {
            Reason = ComputeExchange.MatchingEngine.V1.ReservationReason.Bid, BidId = bid, AmountMicros = ann.ReservedMicros,
        });
        (ann.AuctionBuyerPpm, ann.AuctionSellerPpm, ann.MarginMicros).ShouldBe((500, 1_500, 0));
        var provider = Wire.ToProto(market.Of(Provider), market.Exchange.ReservationsOf(Provider), market.Exchange.BondsOf(Provider));
        provider.Bonds.ShouldHaveSingleItem().ShouldBe(new ComputeExchange.MatchingEngine.V1.Bond { OfferId = 1, AmountMicros = provider.BondMicros });
    }

    [Fact]
    public void Nothing_is_held_for_nobody()
    {
        var market = new Market();
        market.Exchange.ReservationsOf(Guid.Empty).ShouldBeEmpty();
        market.Exchange.BondsOf(Guid.Empty).ShouldBeEmpty();
    }

    private static void AddsUp(Exchange exchange, Holding held)
    {
        var reservations = exchange.ReservationsOf(held.Participant);
        reservations.Where(one => one.Bid > 0).Aggregate(Money.Zero, (sum, one) => sum + one.Amount).ShouldBe(held.Reserved);
        reservations.Where(one => one.Bid == 0).Aggregate(Money.Zero, (sum, one) => sum + one.Amount).ShouldBe(held.Margin);
        var bonds = exchange.BondsOf(held.Participant);
        bonds.Aggregate(Money.Zero, (sum, one) => sum + one.Amount).ShouldBe(held.Bonds);
        reservations.ShouldAllBe(one => one.Amount > Money.Zero);
        bonds.ShouldAllBe(one => one.Amount > Money.Zero && (one.Offer > 0) != (one.Lease > 0));
        reservations.Distinct().Count().ShouldBe(reservations.Count);
    }
}
