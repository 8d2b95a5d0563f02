using System.Security.Cryptography;
using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Auctioneer.Tests;

public class ExchangeMarketTests
{
    [Theory]
    [InlineData(false, "cb06704d553b9052")]
    [InlineData(true, "87176e7dafac313e")]
    public void A_seed_makes_the_same_market_on_every_machine(bool plain, string hash) =>
        Convert.ToHexStringLower(SHA256.HashData(AuctionJson.WriteProblem((ExchangeMarket.Small(1) with { Plain = plain }).Make())))[..16].ShouldBe(hash);

    [Fact]
    public void Demand_is_about_a_sixth_above_supply_and_every_word_of_the_language_is_used()
    {
        var problem = ExchangeMarket.Small(3).Make();
        AuctionProblemRules.Breaches(problem).ShouldBeEmpty();
        var supply = problem.Offers.Sum(offer => offer.Gpus * (offer.To - offer.From));
        var demand = problem.Bids.Sum(bid => bid.Gpus * (bid.Kind == BidKind.Block ? bid.Run : bid.To - bid.From));
        ((double)demand / supply).ShouldBeInRange(1.0, 1.3);
        problem.Bids.ShouldContain(bid => bid.Kind == BidKind.Divisible && bid.Markets.Count > 1);
        foreach (var block in new Func<AuctionBid, bool>[] { b => b.Markets.Count > 1, b => b.Node == 8, b => b.MinFill < 1000, b => b.Parent is not null, b => b.Group is not null, b => b.Starts is not null })
            problem.Bids.ShouldContain(bid => bid.Kind == BidKind.Block && block(bid));
        problem.Offers.ShouldContain(offer => offer.MinRun > 1);
        problem.Offers.ShouldContain(offer => offer.Reserve.Count > 1);
    }
}
