using System.Text.Json;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>The one price of a call auction: examples published by others, and every book that chance makes.</summary>
public class CallAuctionTests
{
    // Prices in the examples have at most two digits after the point.
    private const int TicksPerUnit = 100;

    public static TheoryData<string> Examples => [.. Read().Select(example => example.Name)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_published_example_has_its_price(string name)
    {
        var example = Read().Single(example => example.Name == name);
        int[] references = example.Reference is { } known ? [known] : [1, 95 * TicksPerUnit, 99 * TicksPerUnit, 1_000 * TicksPerUnit];
        foreach (var reference in references)
        {
            var auction = CallAuction.Of(example.Buys, example.Sells, reference);
            (auction?.Price).ShouldBe(example.Price);
            if (example.Volume is { } volume) (auction?.Volume ?? 0).ShouldBe(volume);
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_published_example_trades_at_its_price_in_the_market(string name)
    {
        var example = Read().Single(example => example.Name == name);
        var reference = example.Reference ?? 97 * TicksPerUnit;
        var pit = new Pit(Phase.OpeningCall, Terms with { BandPpm = 1_000_000, MostNotionalMicros = 1_000_000_000_000, MostPosition = 10_000, MarginMicros = 1 }, reference);
        foreach (var (price, lots) in example.Sells) Place(Bob, Side.Sell, price, lots);
        foreach (var (price, lots) in example.Buys) Place(Ann, Side.Buy, price, lots);
        pit.Pass(60);
        var trades = pit.Told.Where(told => told.Kind == OrderEventKind.Traded).ToList();
        if (example.Price is { } at) trades.ShouldAllBe(trade => trade.Price == at);
        else trades.ShouldBeEmpty();
        if (example.Volume is { } volume) trades.Sum(trade => trade.Quantity).ShouldBe(volume);
        pit.Lots(Ann).ShouldBe(trades.Sum(trade => trade.Quantity));
        pit.Exchange.Futures.IsCrossed(0).ShouldBeFalse();

        string Place(int who, Side side, int price, long lots) =>
            price is CallAuction.MarketBuy or CallAuction.MarketSell ? pit.Market(who, side, (uint)lots)
            : side == Side.Buy ? pit.Buy(who, (uint)lots, price) : pit.Sell(who, (uint)lots, price);
    }

    [Fact]
    public void Of_any_book_the_price_trades_the_most_with_the_least_left_over_whatever_the_order_of_the_orders()
    {
        var random = new Random(7);
        for (var round = 0; round < 3_000; round++)
        {
            List<AuctionLevel> Some(int market) =>
                [.. Enumerable.Range(0, random.Next(0, 7)).Select(_ => new AuctionLevel(random.Next(8) == 0 ? market : random.Next(90, 111), random.Next(1, 6)))];
            var (buys, sells, reference) = (Some(CallAuction.MarketBuy), Some(CallAuction.MarketSell), random.Next(85, 116));

            // Every price that anyone could name, tried one by one.
            var outcomes = Enumerable.Range(80, 41).Select(price => At(buys, sells, price)).ToList();
            var limits = buys.Concat(sells).Select(level => level.Price).Append(reference).ToHashSet();
            var candidates = outcomes.Where(outcome => limits.Contains(outcome.Price)).ToList();
            var most = candidates.Max(outcome => outcome.Volume);
            var auction = CallAuction.Of(buys, sells, reference);
            (auction is null).ShouldBe(most == 0);
            if (auction is not { } found) continue;

            found.ShouldBe(At(buys, sells, found.Price));
            found.Volume.ShouldBe(outcomes.Max(outcome => outcome.Volume));
            var best = candidates.Where(outcome => outcome.Volume == most).ToList();
            Math.Abs(found.Surplus).ShouldBe(best.Min(outcome => Math.Abs(outcome.Surplus)));
            best.RemoveAll(outcome => Math.Abs(outcome.Surplus) != Math.Abs(found.Surplus));
            if (best.TrueForAll(outcome => outcome.Surplus > 0)) found.Price.ShouldBe(best.Max(outcome => outcome.Price));
            else if (best.TrueForAll(outcome => outcome.Surplus < 0)) found.Price.ShouldBe(best.Min(outcome => outcome.Price));
            else best.TrueForAll(outcome => outcome.Surplus != 0 || Math.Abs(found.Price - reference) <= Math.Abs(outcome.Price - reference)).ShouldBeTrue();

            CallAuction.Of([.. buys.OrderBy(_ => random.Next())], [.. sells.OrderBy(_ => random.Next())], reference).ShouldBe(auction);
        }

        static AuctionPrice At(List<AuctionLevel> buys, List<AuctionLevel> sells, int price)
        {
            var wanted = buys.Where(level => level.Price >= price).Sum(level => level.Lots);
            var offered = sells.Where(level => level.Price <= price).Sum(level => level.Lots);
            return new AuctionPrice(price, Math.Min(wanted, offered), wanted - offered);
        }
    }

    private static List<Example> Read()
    {
        using var stream = typeof(CallAuctionTests).Assembly.GetManifestResourceStream("call_auction.json").ShouldNotBeNull();
        return [.. JsonDocument.Parse(stream).RootElement.GetProperty("examples").EnumerateArray().Select(Example.From)];
    }

    private sealed record Example(string Name, int? Reference, List<AuctionLevel> Buys, List<AuctionLevel> Sells, int? Price, long? Volume)
    {
        public static Example From(JsonElement json)
        {
            static int? Ticks(JsonElement price) => price.ValueKind == JsonValueKind.Null ? null : (int)(price.GetDecimal() * TicksPerUnit);
            List<AuctionLevel> Levels(string side, int market) =>
                [.. json.GetProperty(side).EnumerateArray().Select(level => new AuctionLevel(Ticks(level[0]) ?? market, level[1].GetInt64()))];
            return new Example(
                json.GetProperty("name").GetString()!, Ticks(json.GetProperty("reference")), Levels("buys", CallAuction.MarketBuy), Levels("sells", CallAuction.MarketSell),
                Ticks(json.GetProperty("price")), json.TryGetProperty("volume", out var volume) ? volume.GetInt64() : null);
        }
    }
}
