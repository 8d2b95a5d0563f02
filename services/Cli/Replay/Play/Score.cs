namespace ComputeExchange.Cli.Replay.Play;

/// <summary>What became of the commands that a replay sent.</summary>
public sealed class Score
{
    readonly SortedDictionary<string, int> _refusedBids = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _refusedOffers = new(StringComparer.Ordinal);
    readonly HashSet<Guid> _acceptedOffers = [];

    /// <summary>Offers that were accepted, by their request ids.</summary>
    public IReadOnlySet<Guid> AcceptedOffers => _acceptedOffers;

    /// <summary>Bids that were accepted.</summary>
    public int BidsAccepted { get; set; }

    /// <summary>Bids that were taken back before their time.</summary>
    public int BidsCancelled { get; set; }

    /// <summary>Bids refused, by reason.</summary>
    public IReadOnlyDictionary<string, int> RefusedBids => _refusedBids;

    /// <summary>Offers refused, by reason.</summary>
    public IReadOnlyDictionary<string, int> RefusedOffers => _refusedOffers;

    /// <summary>Deliveries that were reported in full.</summary>
    public int FullReports { get; set; }

    /// <summary>Deliveries that were reported short.</summary>
    public int ShortReports { get; set; }

    /// <summary>Real time from the first step to the last.</summary>
    public TimeSpan Played { get; set; }

    /// <summary>Real time of all of it: getting ready, playing, settling.</summary>
    public TimeSpan Whole { get; set; }

    /// <summary>Why not everything was settled; empty when it was.</summary>
    public string Unsettled { get; set; } = "";

    /// <summary>Counts an offer that was accepted.</summary>
    public void AcceptedOffer(Guid requestId) => _acceptedOffers.Add(requestId);

    /// <summary>Counts a refused bid.</summary>
    public void RefusedBid(string reason) => _refusedBids[reason] = _refusedBids.GetValueOrDefault(reason) + 1;

    /// <summary>Counts a refused offer.</summary>
    public void RefusedOffer(string reason) => _refusedOffers[reason] = _refusedOffers.GetValueOrDefault(reason) + 1;
}
