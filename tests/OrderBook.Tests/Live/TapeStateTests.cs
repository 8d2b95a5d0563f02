using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Live;
using ComputeExchange.OrderBook.MarketData;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Live;

public class TapeStateTests(BookDatabase database) : Book(database)
{
    private static readonly Guid Buyer1 = Ids.Of(1);
    private static readonly Guid Seller = Ids.Of(500);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_tape_says_of_every_slot_what_the_tables_say_wherever_it_began(int seed)
    {
        await Feed(MarketIs(H100), RunClosed(1));
        var market = new RandomMarket(new Random(seed));
        TapeState? tape = null;
        for (var batch = 0; batch < 30; batch++)
        {
            var entries = Entries([.. Enumerable.Range(0, 6).Select(_ => market.Next())]);
            await Apply(entries);
            if (tape is null && batch == seed * 4) tape = await Load();
            else if (tape is not null) foreach (var entry in entries) tape.Apply(entry);
            if (tape is not null) await SaysTheSame(tape);
        }
    }

    [Fact]
    public async Task What_changed_is_told_to_its_owner_and_to_nobody_else()
    {
        var tape = await Load();
        var told = Entries([
            Offer(1, Seller, 8, 9, 12, 2_000_000), Bid(1, Buyer1, 4, 9, 11, 2_500_000), RunClosed(1), Sold(1, 1, 1, 1, Buyer1, 4, 9, 11, 2_100_000),
        ]).Select(tape.Apply).ToList();

        told[1].OfParticipant(Buyer1)!.BidIds.ShouldBe([1]);
        told[1].OfParticipant(Seller).ShouldBeNull();
        told[3].OfParticipant(Buyer1)!.LeaseIds.ShouldBe([1]);
        told[3].OfParticipant(Seller)!.OfferIds.ShouldBe([1]);
        told[3].Update.Trade.MeanPriceMicrosPerGpuHour.ShouldBe(2_100_000);
        told[3].Update.Trade.BidId.ShouldBe(0, "a trade on the tape names nobody's bid");
    }

    [Fact]
    public async Task A_run_is_told_when_it_is_closed_when_it_is_cleared_and_when_it_is_given_up()
    {
        var tape = await Load();
        var told = Entries([RunClosed(1), RunCleared(1, bids: 3), RunClosed(2), new EngineEvent { RunReopened = new RunReopened { RunId = 2 } }])
            .Select(tape.Apply).Select(each => each.Update.Run).ToList();

        told[0].ClearedTime.ShouldBeNull();
        told[1].ClosedTime.ShouldBe(told[0].ClosedTime);
        told[1].ClearedTime.ShouldNotBeNull();
        told[1].BidCount.ShouldBe(3);
        told[3].RunId.ShouldBe(2);
        told[3].ClearedTime.ShouldBeNull();
    }

    private Task<TapeState> Load() => Slice<IServiceScopeFactory, TapeState>(scopes => TapeState.Load(scopes, Cancel));

    private async Task SaysTheSame(TapeState tape)
    {
        for (var hour = 8; hour < 16; hour++)
        {
            var asked = new GetDepthRequest { Market = H100, SlotTime = At(hour).ToTimestamp() };
            var tables = await Slice<ReadDepth, GetDepthResponse>(depth => depth.Get(asked, Cancel));
            tape.Depth(H100, At(hour), Clock.GetUtcNow()).Depth.ShouldBe(tables);
        }
    }

    /// <summary>Orders, closings and sales as an engine might decide them, drawn from a seed.</summary>
    private sealed class RandomMarket(Random dice)
    {
        private readonly Dictionary<long, (int From, int To, int Gpus)> _bids = [];
        private readonly Dictionary<long, (int From, int To, int Gpus)> _offers = [];
        private readonly Dictionary<(long, int), int> _taken = [];
        private long _last;

        public EngineEvent Next()
        {
            var what = dice.Next(10);
            if (what < 3) return NewBid();
            if (what < 6 || _bids.Count == 0 || _offers.Count == 0) return NewOffer();
            if (what < 7) return Close();
            return Sell();
        }

        private EngineEvent NewBid()
        {
            var (from, to, gpus) = Window();
            _bids[++_last] = (from, to, gpus);
            return Bid(_last, Buyer1, gpus, from, to, dice.Next(1, 5) * 500_000);
        }

        private EngineEvent NewOffer()
        {
            var (from, to, gpus) = Window();
            _offers[++_last] = (from, to, gpus);
            var reserve = dice.Next(1, 5) * 500_000;
            var offer = Offer(_last, Seller, gpus, from, to, reserve, reserve / 2);
            if (dice.Next(3) == 0)
                offer.OfferPlaced.Offer.SlotReservesMicrosPerGpuHour.AddRange(Enumerable.Range(from, to - from).Select(_ => dice.Next(1, 5) * 250_000L));
            return offer;
        }

        private EngineEvent Close()
        {
            var fromBids = dice.Next(2) == 0;
            var orders = fromBids ? _bids : _offers;
            var id = orders.Keys.ElementAt(dice.Next(orders.Count));
            orders.Remove(id);
            return fromBids ? BidEnds(id, CloseReason.Cancelled).Of(Buyer1) : OfferEnds(id, CloseReason.Expired);
        }

        private EngineEvent Sell()
        {
            foreach (var (bidId, bid) in _bids.OrderBy(_ => dice.Next()))
            foreach (var (offerId, offer) in _offers.OrderBy(_ => dice.Next()))
            {
                var hour = Math.Max(bid.From, offer.From);
                if (hour >= Math.Min(bid.To, offer.To)) continue;
                var left = Math.Min(bid.Gpus - _taken.GetValueOrDefault((bidId, hour)), offer.Gpus - _taken.GetValueOrDefault((offerId, hour)));
                if (left <= 0) continue;
                var gpus = dice.Next(1, left + 1);
                _taken[(bidId, hour)] = _taken.GetValueOrDefault((bidId, hour)) + gpus;
                _taken[(offerId, hour)] = _taken.GetValueOrDefault((offerId, hour)) + gpus;

                // What is sold of the slot in progress begins inside it.
                var begins = hour == 8 ? At(8, 20) : At(hour);
                return Sold(++_last, 1, bidId, offerId, Buyer1, gpus, H100, Slot(begins, At(hour + 1), gpus, 1_000_000));
            }
            return NewOffer();
        }

        private (int From, int To, int Gpus) Window()
        {
            var from = dice.Next(8, 14);
            return (from, dice.Next(from + 1, 17), dice.Next(1, 9));
        }
    }
}

file static class Owned
{
    public static EngineEvent Of(this EngineEvent closed, Guid buyer)
    {
        closed.BidClosed.BuyerId = buyer.ToString();
        return closed;
    }
}
