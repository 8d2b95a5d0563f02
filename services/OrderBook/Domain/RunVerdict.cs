using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>What a run decided about a bid, from its public record alone: anyone who has the record can say the same.</summary>
/// <param name="Outcome">What was decided.</param>
/// <param name="LimitMicros">The bid's limit.</param>
/// <param name="NeededMicros">
/// What it would have had to pay at that run's prices, or reserves where nothing was sold: a divisible bid in the dearest slot that
/// it did not get, a block on the mean of its cheapest run of slots, rounded up; 0 where nothing was offered.
/// </param>
/// <param name="LeastMicros">A divisible bid: the same in the cheapest slot that it did not get.</param>
/// <param name="Gpus">How many GPUs it needs at least, in each slot.</param>
/// <param name="OfferedGpus">A block without supply: the most GPUs that were offered over one of its runs of slots, in groups of its size.</param>
public sealed record RunVerdict(BidOutcome Outcome, long LimitMicros, long NeededMicros = 0, long LeastMicros = 0, int Gpus = 0, int OfferedGpus = 0)
{
    /// <summary>By how much the limit was too low; 0 where it was not.</summary>
    public long OutbidByMicros => Math.Max(0, NeededMicros - LimitMicros);

    /// <summary>What was decided about a bid; null if it took no part in the run.</summary>
    public static RunVerdict? Of(RunSheet run, long bid)
    {
        var pieces = run.PiecesOf(bid).ToList();
        return pieces.Count == 0 ? null
            : pieces[0].Kind == BidKind.Divisible ? OfDivisible(run, pieces)
            : OfBlock(run, pieces[0]);
    }

    private static RunVerdict OfDivisible(RunSheet run, List<AuctionBid> pieces)
    {
        var limit = pieces[0].Limit;
        var (all, outbid) = (true, false);
        var costs = new List<long>();
        foreach (var piece in pieces)
        {
            var wanted = new int[piece.To - piece.From];
            Array.Fill(wanted, piece.Gpus);
            foreach (var fill in run.FillsOf(piece.Id))
                for (var slot = fill.From; slot < fill.To; slot++) wanted[slot - piece.From] -= fill.Gpus;
            for (var slot = piece.From; slot < piece.To; slot++)
            {
                if (wanted[slot - piece.From] == 0) continue;
                all = false;
                var serving = piece.Markets.Select(market => run.OffersOver(market, slot, slot + 1, run: 1).Select(offer => (long?)offer.Offer.ReserveAt(slot)).Min()).ToList();
                if (serving.All(reserve => reserve is null)) continue;
                var prices = piece.Markets.Select(market => run.Price(market, slot)).ToList();
                var cost = prices.Zip(serving, (price, reserve) => price ?? reserve).OfType<long>().Min();
                costs.Add(cost);
                outbid |= cost > limit && prices.Exists(price => price is not null);
            }
        }
        if (all) return new RunVerdict(BidOutcome.Filled, limit);
        if (costs.Count == 0) return new RunVerdict(BidOutcome.NoSupply, limit, Gpus: 1);
        var outcome = outbid ? BidOutcome.Outbid : costs.Max() > limit ? BidOutcome.BelowReserve : BidOutcome.AtLimit;
        return new RunVerdict(outcome, limit, costs.Max(), costs.Min());
    }

    private static RunVerdict OfBlock(RunSheet run, AuctionBid block)
    {
        if (run.IsFilled(block.Id)) return new RunVerdict(BidOutcome.Filled, block.Limit);
        if (block.Group is { } group && run.FilledOf(group) is not null) return new RunVerdict(BidOutcome.Group, block.Limit);

        var least = LeastOf(block);
        var listed = block.Offers?.ToHashSet(StringComparer.Ordinal);
        var places = (from market in block.Markets from start in block.AllowedStarts() select Place.Of(run, block, listed, market, start, least)).ToList();
        var roomy = places.Where(place => place.GroupedGpus >= least).ToList();
        if (roomy.Count == 0)
        {
            return places.Any(place => place.Gpus >= least)
                ? new RunVerdict(BidOutcome.NodeGroups, block.Limit, Gpus: least, OfferedGpus: places.Max(place => place.GroupedGpus))
                : new RunVerdict(BidOutcome.NoSupply, block.Limit, Gpus: least, OfferedGpus: places.Select(place => place.Gpus).DefaultIfEmpty().Max());
        }

        // Left out means: somewhere the prices, as they are, were below its limit. That place is then the one to speak of.
        var isLeftOut = run.IsLeftOut(block.Id);
        var cheapest = (isLeftOut ? places.Where(place => place.IsPricedThroughout) : roomy).MinBy(place => (place.MeanMicros, place.Excess))!;
        var needed = (long)cheapest.MeanMicros;
        if (!isLeftOut && cheapest.Excess > 0)
            return new RunVerdict(cheapest.IsPriced ? BidOutcome.Outbid : BidOutcome.BelowReserve, block.Limit, needed, needed, least);

        var outcome = block.Parent is { } parent && !run.IsFilled(parent) ? BidOutcome.Parent
            : !isLeftOut && cheapest.Excess == 0 ? BidOutcome.AtLimit
            : roomy.Any(place => place.UnsoldGpus >= least) && roomy.All(place => place.UnsoldGroupedGpus < least) ? BidOutcome.NodeGroups
            : BidOutcome.Indivisible;
        return new RunVerdict(outcome, block.Limit, needed, needed, least, outcome == BidOutcome.NodeGroups ? roomy.Max(place => place.UnsoldGroupedGpus) : 0);
    }

    /// <summary>The fewest GPUs that a block can be filled with.</summary>
    private static int LeastOf(AuctionBid block)
    {
        var group = Math.Max(1, block.Node);
        var share = (int)((((long)block.Gpus * block.MinFill) + 999) / 1000);
        return (share + group - 1) / group * group;
    }

    /// <summary>One run of slots in one market: what was offered over all of it, what was left, and what it cost.</summary>
    /// <param name="Gpus">GPUs offered in every one of its slots.</param>
    /// <param name="GroupedGpus">The same, in whole groups of the block's size.</param>
    /// <param name="UnsoldGpus">Those of them that nobody bought.</param>
    /// <param name="UnsoldGroupedGpus">The same, in whole groups.</param>
    /// <param name="IsPriced">Whether something was sold in one of its slots.</param>
    /// <param name="IsPricedThroughout">Whether something was sold in each of them.</param>
    /// <param name="MeanMicros">The mean of its prices by time, rounded up; where nothing was sold, the dearest reserve that the block would need.</param>
    /// <param name="Excess">Above 0 where that mean is above the block's limit, 0 where it is the same.</param>
    private sealed record Place(int Gpus, int GroupedGpus, int UnsoldGpus, int UnsoldGroupedGpus, bool IsPriced, bool IsPricedThroughout, Int128 MeanMicros, int Excess)
    {
        public static Place Of(RunSheet run, AuctionBid block, IReadOnlySet<string>? listed, int market, int start, int least)
        {
            var group = Math.Max(1, block.Node);
            var end = start + block.Run;
            var offers = run.OffersOver(market, start, end, block.Run).Where(offer => listed?.Contains(offer.Offer.Id) ?? true).ToList();
            var (sum, minutes, priced) = ((Int128)0, 0L, 0);
            for (var slot = start; slot < end; slot++)
            {
                var weight = run.Problem.MinutesOf(slot);
                if (run.Price(market, slot) is not null) priced++;
                sum += (Int128)(run.Price(market, slot) ?? DearestNeeded(offers, group, slot, least)) * weight;
                minutes += weight;
            }
            return new Place(
                Sum(offers, offer => offer.Offer.Gpus), Sum(offers, offer => offer.Offer.Gpus / group * group),
                Sum(offers, offer => offer.Unsold), Sum(offers, offer => offer.Unsold / group * group),
                priced > 0, priced == block.Run, (sum + minutes - 1) / minutes, (sum - ((Int128)block.Limit * minutes)).CompareTo(0));
        }

        /// <summary>The reserve of the last offer that so many GPUs take in a slot, the cheapest first.</summary>
        private static long DearestNeeded(List<(AuctionOffer Offer, int Unsold)> offers, int group, int slot, int least)
        {
            var reserve = 0L;
            foreach (var (offer, _) in offers.Where(offer => offer.Offer.Gpus >= group).OrderBy(offer => offer.Offer.ReserveAt(slot)))
            {
                if (least <= 0) break;
                reserve = offer.ReserveAt(slot);
                least -= offer.Gpus / group * group;
            }
            return reserve;
        }

        private static int Sum(List<(AuctionOffer Offer, int Unsold)> offers, Func<(AuctionOffer Offer, int Unsold), int> gpus) =>
            (int)Math.Min(int.MaxValue, offers.Sum(offer => (long)gpus(offer)));
    }
}
