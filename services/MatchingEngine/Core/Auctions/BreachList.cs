namespace ComputeExchange.MatchingEngine.Core.Auctions;

/// <summary>The breaches found so far; of each rule the first thousand are told and the rest counted.</summary>
/// <remarks>A solution that is wrong everywhere must not cost more than one that is right.</remarks>
sealed class BreachList
{
    const int MostOfARule = 1_000;

    readonly List<AuctionBreach> _told = [];
    readonly long[] _found = new long[8];

    public bool IsEmpty => _told.Count == 0;

    /// <summary>Counts a breach; true when it is still to be told.</summary>
    public bool Takes(int rule) => ++_found[rule] <= MostOfARule;

    public void Add(int rule, string? bid, string? offer, int? market, int? slot, string sentence) =>
        _told.Add(new AuctionBreach(rule, sentence) { Bid = bid, Offer = offer, Market = market, Slot = slot });

    /// <summary>All that was told, by rule, and how many more there were.</summary>
    public IReadOnlyList<AuctionBreach> Told()
    {
        for (var rule = 0; rule < _found.Length; rule++)
        {
            if (_found[rule] <= MostOfARule) continue;
            Add(rule, null, null, null, null, $"There are {_found[rule] - MostOfARule} more breaches of this rule.");
        }

        return [.. _told.OrderBy(breach => breach.Rule)];
    }
}
