using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Benchmarks.Study;

/// <summary>What one seller gains by asking more than its cost, and one buyer by bidding less than its worth, while all others tell the truth.</summary>
/// <remarks>
/// The recorded ask is taken for the cost and the bid's limit for the worth; half of the wanted GPU-hours are blocks. A gain counts only
/// beyond what the answer's own gap leaves open: it is the same solver, on a slightly other market.
/// </remarks>
static class Shading
{
    const int BlockShare = 50;
    static readonly int[] PerMille = [50, 100, 200, 400];

    public static void Run(StudyDay day, double seconds)
    {
        var truth = day.Auction(BlockShare);
        var told = MarketStudy.Solve(truth, seconds);
        var (sellers, buyers) = (day.Sellers(), day.Buyers());
        var supply = truth.Offers.Sum(offer => (double)offer.Gpus);

        MarketStudy.Write("seller", "share of GPUs", "gains $, asking its cost", "5% more", "10%", "20%", "40%");
        MarketStudy.Write([.. Enumerable.Repeat("---", 7)]);
        foreach (var name in Chosen(sellers, Offered))
            MarketStudy.Write([name, $"{100 * Offered(name) / supply:0.0}%", MarketStudy.Dollars(SellerGain(told, name)), .. PerMille.Select(more => Asking(name, more))]);

        Console.WriteLine();
        MarketStudy.Write("buyer", "share of GPU-hours bought", "gains $, bidding its worth", "5% less", "10%", "20%", "40%");
        MarketStudy.Write([.. Enumerable.Repeat("---", 7)]);
        var sold = told.Fills.Sum(HoursOf);
        foreach (var name in Chosen(buyers, name => (double)BuyerGain(told, name)))
            MarketStudy.Write([name, $"{100 * Bought(name) / sold:0.0}%", MarketStudy.Dollars(BuyerGain(told, name)), .. PerMille.Select(less => Bidding(name, less))]);

        string Asking(string name, int more)
        {
            var offers = truth.Offers.Select((offer, o) => sellers[o] != name ? offer : offer with { Reserve = [offer.Reserve[0] * (1_000 + more) / 1_000] });
            return MarketStudy.Dollars(SellerGain(MarketStudy.Solve(truth with { Offers = [.. offers] }, seconds), name));
        }

        string Bidding(string name, int less)
        {
            var bids = truth.Bids.Select((bid, b) => buyers[b] != name ? bid : bid with { Limit = bid.Limit * (1_000 - less) / 1_000 });
            return MarketStudy.Dollars(BuyerGain(MarketStudy.Solve(truth with { Bids = [.. bids] }, seconds), name));
        }

        double Offered(string name) => OffersOf(name).Sum(offer => offer.Gpus);

        double Bought(string name)
        {
            var own = BidsOf(name).Select(bid => bid.Id).ToHashSet();
            return told.Fills.Where(fill => own.Contains(fill.Bid)).Sum(HoursOf);
        }

        IEnumerable<AuctionOffer> OffersOf(string name) => truth.Offers.Where((_, o) => sellers[o] == name);

        IEnumerable<AuctionBid> BidsOf(string name) => truth.Bids.Where((_, b) => buyers[b] == name);

        Int128 SellerGain(AuctionSolution solution, string name)
        {
            var own = OffersOf(name).ToDictionary(offer => offer.Id);
            return Sum(solution, fill => own.ContainsKey(fill.Offer), (fill, price) => price - own[fill.Offer].Reserve[0]);
        }

        Int128 BuyerGain(AuctionSolution solution, string name)
        {
            var own = BidsOf(name).ToDictionary(bid => bid.Id);
            return Sum(solution, fill => own.ContainsKey(fill.Bid), (fill, price) => own[fill.Bid].Limit - price);
        }

        Int128 Sum(AuctionSolution solution, Func<AuctionFill, bool> isOwn, Func<AuctionFill, long, long> gain)
        {
            var markets = truth.Offers.ToDictionary(offer => offer.Id, offer => offer.Market);
            Int128 sum = 0;
            foreach (var fill in solution.Fills.Where(isOwn))
                for (var slot = fill.From; slot < fill.To; slot++) sum += (Int128)fill.Gpus * gain(fill, solution.Prices[markets[fill.Offer]][slot]!.Value);
            return sum;
        }
    }

    /// <summary>The three largest, and one in the middle.</summary>
    static List<string> Chosen(List<string> names, Func<string, double> size)
    {
        var bySize = names.Distinct().Where(name => size(name) > 0).OrderByDescending(size).ThenBy(name => name, StringComparer.Ordinal).ToList();
        return [.. bySize.Take(3), bySize[bySize.Count / 2]];
    }

    static double HoursOf(AuctionFill fill) => fill.Gpus * (double)(fill.To - fill.From);
}
