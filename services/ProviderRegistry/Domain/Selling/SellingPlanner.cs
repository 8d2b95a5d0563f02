namespace ComputeExchange.ProviderRegistry.Domain.Selling;

/// <summary>Says which offers of a node's policy are to be cancelled and which to be placed, so that what is idle is offered and nothing twice.</summary>
/// <remarks>
/// A block's run comes out of one offer, so offers are long before they are many. What fits is left alone: selling out of an
/// offer changes nothing, and the far end follows the clock in steps of a quarter of the horizon. When pieces have become more than needed, they are
/// taken back and offered anew as a whole.
/// </remarks>
public static class SellingPlanner
{
    // So many offers more than needed are not worth taking all back.
    private const int SpareOffers = 2;

    /// <summary>What is to be asked of the engine.</summary>
    /// <param name="grid">How the market cuts time and prices.</param>
    /// <param name="now">The time.</param>
    /// <param name="gpuCount">GPUs of the node that are idle or sold: what can be sold in any slot.</param>
    /// <param name="terms">What the policy wants; null: nothing is to be sold.</param>
    /// <param name="sold">What of the node's GPUs is sold; what buyers sold on is no part of it.</param>
    /// <param name="offers">The node's open offers, by hand and by policy.</param>
    public static SellingPlan Plan(
        MarketGrid grid, DateTimeOffset now, int gpuCount, SellingTerms? terms, IReadOnlyList<SoldPart> sold, IReadOnlyList<OpenOffer> offers)
    {
        var own = offers.Where(offer => offer.ByPolicy).OrderBy(offer => offer.OfferId).ToList();
        if (terms is null) return own.Count == 0 ? SellingPlan.Nothing : new SellingPlan([.. own.Select(offer => offer.OfferId)], []);

        // The end of the row follows the hour, whether or not the slot in progress is still worth offering.
        var first = grid.FirstOffered(now);
        var skipped = first > grid.StartOf(now) ? 1 : 0;
        var row = new SlotRow(grid, first, Math.Max(1, terms.HorizonSlotCount - skipped));
        var wanted = Wanted(row, gpuCount, terms, sold, offers, grid);

        // What still fits stays, the oldest first.
        var kept = new List<(OpenOffer Offer, int[] Unsold)>();
        var cancels = new List<long>();
        var open = (int[])wanted.Clone();
        foreach (var offer in own)
        {
            var unsold = row.Unsold(offer, sold);
            if (IsPricedSo(offer, terms, grid) && LeavesNothingBeyond(offer, row) && Enumerable.Range(0, row.Count).All(slot => unsold[slot] <= open[slot]))
            {
                kept.Add((offer, unsold));
                for (var slot = 0; slot < row.Count; slot++) open[slot] -= unsold[slot];
            }
            else
            {
                cancels.Add(offer.OfferId);
            }
        }

        var ideal = Pieces(wanted, terms.RunSlotCountMin);
        var missing = IsOnlyTail(open, kept, row) ? [] : Pieces(open, terms.RunSlotCountMin);
        var anew = kept.Count + missing.Count > ideal.Count + SpareOffers || (missing.Count > 0 && TouchesAnEnd(missing, kept, row));
        if (anew) cancels.AddRange(kept.Select(one => one.Offer.OfferId));
        cancels.Sort();
        return new SellingPlan(cancels, [.. (anew ? ideal : missing).Select(piece => new NewOffer(
            piece.Gpus, row.StartOf(piece.From), row.StartOf(piece.To), terms.ReserveMicros, terms.PromptMicros, terms.RunSlotCountMin))]);
    }

    /// <summary>What the policy's offers should leave unsold in each slot.</summary>
    private static int[] Wanted(
        SlotRow row, int gpuCount, SellingTerms terms, IReadOnlyList<SoldPart> sold, IReadOnlyList<OpenOffer> offers, MarketGrid grid)
    {
        var taken = row.Sold(sold);
        foreach (var offer in offers.Where(offer => !offer.ByPolicy))
        {
            var unsold = row.Unsold(offer, sold);
            for (var slot = 0; slot < row.Count; slot++) taken[slot] += unsold[slot];
        }
        return [.. Enumerable.Range(0, row.Count).Select(slot =>
            terms.Allows(row.StartOf(slot), row.StartOf(slot) + grid.Slot) ? Math.Max(0, gpuCount - taken[slot]) : 0)];
    }

    private static bool IsPricedSo(OpenOffer offer, SellingTerms terms, MarketGrid grid) =>
        Math.Abs(offer.ReserveMicros - terms.ReserveMicros) < grid.TickMicros && Math.Abs(offer.PromptMicros - terms.PromptMicros) < grid.TickMicros
        && offer.RunSlotCountMin == terms.RunSlotCountMin;

    /// <summary>Whether an offer ends within the horizon: one that a longer horizon left behind is none of this policy's.</summary>
    private static bool LeavesNothingBeyond(OpenOffer offer, SlotRow row) => offer.To <= row.StartOf(row.Count);

    /// <summary>Whether all that is missing lies behind the end of what is offered, and is little: the horizon has moved with the clock.</summary>
    private static bool IsOnlyTail(int[] open, List<(OpenOffer Offer, int[] Unsold)> kept, SlotRow row)
    {
        if (kept.Count == 0) return false;
        var end = kept.Max(one => row.Span(one.Offer.From, one.Offer.To).To);
        return row.Count - end < Math.Max(1, row.Count / 4) && open.Take(end).All(gpus => gpus == 0);
    }

    /// <summary>Whether a missing piece goes on where an offer ends, or ends where one begins: a seam that no run could pass.</summary>
    private static bool TouchesAnEnd(List<Piece> missing, List<(OpenOffer Offer, int[] Unsold)> kept, SlotRow row) =>
        missing.Exists(piece => kept.Exists(one =>
        {
            var (from, to) = row.Span(one.Offer.From, one.Offer.To);
            return to == piece.From || from == piece.To;
        }));

    /// <summary>Cuts a profile into offers: the whole length as deep as it goes, then what stands above it.</summary>
    private static List<Piece> Pieces(int[] profile, int runMin)
    {
        var pieces = new List<Piece>();
        Cut(profile, 0, profile.Length, 0, Math.Max(1, runMin), pieces);
        return pieces;
    }

    private static void Cut(int[] profile, int from, int to, int below, int runMin, List<Piece> pieces)
    {
        for (var begin = from; begin < to;)
        {
            if (profile[begin] <= below)
            {
                begin++;
                continue;
            }
            var end = begin;
            var least = int.MaxValue;
            for (; end < to && profile[end] > below; end++) least = Math.Min(least, profile[end]);
            if (end - begin >= runMin)
            {
                pieces.Add(new Piece(begin, end, least - below));
                Cut(profile, begin, end, least, runMin, pieces);
            }
            begin = end;
        }
    }

    private readonly record struct Piece(int From, int To, int Gpus);
}
