using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>Says whether a solution answers a problem: every rule of the format, on sums, in one pass.</summary>
/// <remarks>
/// Shares nothing with any solver. No input makes it throw: what is malformed is a breach of rule 0, told alone because
/// nothing can be said of what does not read.
/// <para>Where the format leaves a choice, these are the readings:</para>
/// <list type="bullet">
/// <item>Rule 0 holds what the format says of a solution beside the seven rules: its shape, a price exactly where
/// something is filled, the blocks left out, the status. Its prices are not below 0.</item>
/// <item>Rule 1: an offer gives outside its market when the bid does not name that market.</item>
/// <item>Rule 2: fills add up. A divisible bid may have several of one offer, but not the same slots of it twice over;
/// a block has one of each offer.</item>
/// <item>Rule 3: a bid is at its limit in a market and slot where the price equals the limit.</item>
/// <item>Rule 4: an offer is dearer by its reserve in that slot, strictly, whatever its minimum run. Beside a block
/// from a dearer offer a cheaper one may keep any part of its GPUs, not only all. Exactly the offers that do, in any
/// slot, are listed, each once; one with a minimum run never is.</item>
/// <item>Rule 6: the second half speaks of every divisible bid that names the market, filled whole or not, because of
/// those not filled whole the first half says it already.</item>
/// <item>Every sum over slots, of rules 4, 5 and 7 and of the blocks left out, weighs a slot by its minutes.</item>
/// <item>Rule 7: rounded down is towards minus infinity. That no valid solution is above the bound cannot be seen in
/// one pass; that the welfare is not, and that a solution called optimal has a gap of at most 0.01%, is checked.</item>
/// </list>
/// </remarks>
public static class AuctionVerifier
{
    /// <summary>Every breach, by rule; empty when the solution is valid.</summary>
    public static IReadOnlyList<AuctionBreach> Verify(AuctionProblem problem, AuctionSolution solution)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(solution);

        var breaches = new BreachList();
        if (SolutionForm.Read(problem, solution, breaches) is not { } sheet) return breaches.Told();

        PriceRules.Check(sheet, breaches);

        // Offers before divisible bids: rule 6 asks which have GPUs left.
        new OfferRules(sheet, breaches).Check();
        new DivisibleRules(sheet, breaches).Check();
        new BlockRules(sheet, breaches).Check();
        WelfareRules.Check(sheet, breaches);
        return breaches.Told();
    }
}
