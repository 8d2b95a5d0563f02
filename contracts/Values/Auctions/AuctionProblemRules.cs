namespace ComputeExchange.Values.Auctions;

/// <summary>One place where a file does not fit its format: what is wrong there and what would be right.</summary>
/// <param name="Place">The path, for example <c>bids[3].limit</c>; empty for the whole.</param>
/// <param name="Id">The id of the offer or bid, where there is one.</param>
/// <param name="Reason">A sentence that goes on from the place.</param>
public sealed record AuctionFormatBreach(string Place, string? Id, string Reason)
{
    /// <inheritdoc />
    public override string ToString() =>
        (Place.Length == 0 ? "the file" : Place) + (Id is null ? " " : $" of \"{Id}\" ") + Reason;
}

/// <summary>A file that does not fit its format; the message names the first place and the reason.</summary>
public sealed class AuctionFormatException(IReadOnlyList<AuctionFormatBreach> breaches)
    : FormatException(breaches[0] + (breaches.Count > 1 ? $" (and {breaches.Count - 1} more)" : ""))
{
    /// <summary>Every place that was found wrong, at least one.</summary>
    public IReadOnlyList<AuctionFormatBreach> Breaches { get; } = breaches;
}

/// <summary>What makes a problem fit to be solved and verified, be it from a file or the engine's own.</summary>
/// <remarks>
/// The largest sizes are there so that no sum over a problem leaves 64 bits: the bids together are worth at most
/// <see cref="MaxValue"/>, so every sum of limits in micro-dollar-minutes fits a <see cref="long"/>.
/// </remarks>
public static class AuctionProblemRules
{
    /// <summary>Most slots.</summary>
    public const int MaxSlots = 10_000;

    /// <summary>Most markets.</summary>
    public const int MaxMarkets = 1_000;

    /// <summary>Most markets × slots.</summary>
    public const int MaxCells = 1_000_000;

    /// <summary>Most offers, and most bids.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>Most GPUs of one offer or bid.</summary>
    public const int MaxGpus = 1_000_000;

    /// <summary>The highest limit or reserve, in micro-dollars per GPU-hour: a million dollars.</summary>
    public const long MaxPrice = 1_000_000_000_000;

    /// <summary>The most that GPUs × slots × limit comes to over all bids: 100 billion dollars.</summary>
    public const long MaxValue = 100_000_000_000_000_000;

    /// <summary>Most first slots a block may choose from.</summary>
    public const int MaxStarts = 13;

    /// <summary>Most characters in an id or a name.</summary>
    public const int MaxIdLength = 200;

    /// <summary>How many breaches are told before the rest is left out.</summary>
    public const int MaxBreaches = 100;

    /// <summary>Every place that does not fit, at most <see cref="MaxBreaches"/>; empty when it is sound.</summary>
    public static IReadOnlyList<AuctionFormatBreach> Breaches(AuctionProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var check = new Check(problem);
        check.Frame();

        // Windows and positions mean nothing without a frame.
        if (check.Found.Count > 0) return check.Found;

        check.Offers();
        check.Bids();
        check.Families();
        return check.Found;
    }

    sealed class Check(AuctionProblem problem)
    {
        public List<AuctionFormatBreach> Found { get; } = [];

        readonly Dictionary<string, int> _bids = new(StringComparer.Ordinal);
        readonly HashSet<string> _offers = new(StringComparer.Ordinal);
        readonly HashSet<int> _distinct = [];
        readonly HashSet<string> _named = new(StringComparer.Ordinal);

        public void Frame()
        {
            var (slots, markets) = (problem.Slots, problem.Markets);
            if (problem.SlotMinutes < 1 || 60 % problem.SlotMinutes != 0)
                Add("slot_minutes", null, $"is {problem.SlotMinutes}: it divides 60, for example 60, 30 or 15.");
            else if (problem.FirstSlotMinutes < 1 || problem.FirstSlotMinutes > problem.SlotMinutes)
                Add("first_slot_minutes", null,
                    $"is {problem.FirstSlotMinutes}: it is from 1 to slot_minutes, {problem.SlotMinutes}.");
            if (slots is < 1 or > MaxSlots) Add("slots", null, $"is {slots}: there are from 1 to {MaxSlots} slots.");

            if (markets is null || markets.Count is < 1 or > MaxMarkets)
                Add("markets", null, $"has {markets?.Count ?? 0} names: there are from 1 to {MaxMarkets} markets.");
            else
            {
                if ((long)markets.Count * slots > MaxCells)
                    Add("markets", null,
                        $"has {markets.Count} names for {slots} slots: markets × slots is at most {MaxCells}.");
                var names = new HashSet<string>(StringComparer.Ordinal);
                for (var i = 0; i < markets.Count; i++)
                {
                    if (NameFault(markets[i]) is { } fault) Add($"markets[{i}]", null, fault);
                    else if (!names.Add(markets[i]))
                        Add($"markets[{i}]", null, $"is \"{markets[i]}\" again: the names of markets are unique.");
                }
            }

            if (problem.Offers is null || problem.Offers.Count > MaxEntries)
                Add("offers", null,
                    $"has {problem.Offers?.Count.ToString() ?? "no"} entries: a list of at most {MaxEntries} offers.");
            if (problem.Bids is null || problem.Bids.Count > MaxEntries)
                Add("bids", null,
                    $"has {problem.Bids?.Count.ToString() ?? "no"} entries: a list of at most {MaxEntries} bids.");
        }

        public void Offers()
        {
            for (var i = 0; i < problem.Offers.Count; i++)
            {
                if (problem.Offers[i] is not { } offer)
                {
                    Add($"offers[{i}]", null, "is missing: it is an offer.");
                    continue;
                }

                if (NameFault(offer.Id) is { } fault) Add($"offers[{i}].id", null, fault);
                else if (!_offers.Add(offer.Id))
                    Add($"offers[{i}].id", offer.Id, "stands for an earlier offer already: ids of offers are unique.");
                if (offer.Market < 0 || offer.Market >= problem.Markets.Count)
                    Add($"offers[{i}].market", offer.Id, $"is {offer.Market}: {Positions}.");
                if (offer.Gpus is < 1 or > MaxGpus)
                    Add($"offers[{i}].gpus", offer.Id, $"is {offer.Gpus}: {GpusRange}.");
                if (offer.MinRun < 1)
                    Add($"offers[{i}].min_run", offer.Id,
                        $"is {offer.MinRun}: it is at least 1, which serves every run.");
                if (Window("offers", i, offer.Id, offer.From, offer.To)) Reserves(i, offer);
            }
        }

        void Reserves(int i, AuctionOffer offer)
        {
            var length = offer.To - offer.From;
            if (offer.Reserve is null || (offer.Reserve.Count != 1 && offer.Reserve.Count != length))
            {
                Add($"offers[{i}].reserve", offer.Id,
                    $"has {offer.Reserve?.Count ?? 0} values: it is one number, or one for each of {length} slots.");
                return;
            }

            for (var k = 0; k < offer.Reserve.Count; k++)
            {
                if (offer.Reserve[k] is >= 0 and <= MaxPrice) continue;
                var place = offer.Reserve.Count == 1 ? $"offers[{i}].reserve" : $"offers[{i}].reserve[{k}]";
                Add(place, offer.Id, $"is {offer.Reserve[k]}: {PriceRange}.");
            }
        }

        public void Bids()
        {
            Int128 value = 0;
            for (var i = 0; i < problem.Bids.Count; i++)
            {
                if (problem.Bids[i] is not { } bid)
                {
                    Add($"bids[{i}]", null, "is missing: it is a bid.");
                    continue;
                }

                if (NameFault(bid.Id) is { } fault) Add($"bids[{i}].id", null, fault);
                else if (!_bids.TryAdd(bid.Id, i))
                    Add($"bids[{i}].id", bid.Id, "stands for an earlier bid already: ids of bids are unique.");
                if (bid.Gpus is < 1 or > MaxGpus) Add($"bids[{i}].gpus", bid.Id, $"is {bid.Gpus}: {GpusRange}.");
                if (bid.Limit is < 0 or > MaxPrice) Add($"bids[{i}].limit", bid.Id, $"is {bid.Limit}: {PriceRange}.");
                Markets(i, bid);
                var windowFits = Window("bids", i, bid.Id, bid.From, bid.To);

                if (bid.Kind == BidKind.Block) Block(i, bid, windowFits);
                else if (bid.Kind == BidKind.Divisible) Divisible(i, bid);
                else Add($"bids[{i}].kind", bid.Id, "is unknown: it is \"divisible\" or \"block\".");

                // A sum of what does not fit says nothing, and could leave even 128 bits.
                if (Found.Count > 0) continue;
                var slots = bid.Kind == BidKind.Block ? bid.Run : bid.To - bid.From;
                value += (Int128)bid.Gpus * slots * bid.Limit;
            }

            if (value > MaxValue)
                Add("bids", null,
                    $"are worth {value} micro-dollars together: gpus × slots × limit sum to at most {MaxValue}.");
        }

        void Markets(int i, AuctionBid bid)
        {
            if (bid.Markets is null || bid.Markets.Count == 0)
            {
                Add($"bids[{i}].markets", bid.Id, "is empty: a bid names at least one market.");
                return;
            }

            _distinct.Clear();
            for (var k = 0; k < bid.Markets.Count; k++)
            {
                var market = bid.Markets[k];
                if (market < 0 || market >= problem.Markets.Count)
                    Add($"bids[{i}].markets[{k}]", bid.Id, $"is {market}: {Positions}.");
                else if (!_distinct.Add(market))
                    Add($"bids[{i}].markets[{k}]", bid.Id, $"is {market} again: the markets of a bid are distinct.");
            }
        }

        /// <remarks>What only a block has is refused, not ignored: whoever wrote it meant something by it.</remarks>
        void Divisible(int i, AuctionBid bid)
        {
            const string reason = "is given: only a block has one; leave it out of a divisible bid.";
            if (bid.Run != 0) Add($"bids[{i}].run", bid.Id, reason);
            if (bid.Starts is not null) Add($"bids[{i}].starts", bid.Id, reason);
            if (bid.MinFill != 1000) Add($"bids[{i}].min_fill", bid.Id, reason);
            if (bid.Node != 0) Add($"bids[{i}].node", bid.Id, reason);
            if (bid.Parent is not null) Add($"bids[{i}].parent", bid.Id, reason);
            if (bid.Group is not null) Add($"bids[{i}].group", bid.Id, reason);
            if (bid.Offers is not null) Add($"bids[{i}].offers", bid.Id, reason);
        }

        void Block(int i, AuctionBid bid, bool windowFits)
        {
            if (bid.Run < 1) Add($"bids[{i}].run", bid.Id, $"is {bid.Run}: a block runs for at least 1 slot.");
            else if (windowFits) Starts(i, bid);
            if (bid.MinFill is < 1 or > 1000)
                Add($"bids[{i}].min_fill", bid.Id, $"is {bid.MinFill}: it is per mille, from 1 to 1000.");
            if (bid.Node < 0 || (bid.Node > 0 && bid.Gpus % bid.Node != 0))
                Add($"bids[{i}].node", bid.Id, $"is {bid.Node}: it divides gpus, {bid.Gpus}, or is 0.");
            if (bid.Group is not null && NameFault(bid.Group) is { } fault) Add($"bids[{i}].group", bid.Id, fault);
            if (bid.Group is not null && bid.Parent is not null)
                Add($"bids[{i}].group", bid.Id,
                    $"is \"{bid.Group}\" beside parent \"{bid.Parent}\": a block has a parent or a group, not both.");
            if (bid.Offers is not null) Listed(i, bid, bid.Offers);
        }

        void Listed(int i, AuctionBid bid, IReadOnlyList<string> offers)
        {
            if (offers.Count == 0)
                Add($"bids[{i}].offers", bid.Id, "is empty: it names the offers that alone may serve the block; leave it out where any may.");
            _named.Clear();
            for (var k = 0; k < offers.Count; k++)
            {
                if (NameFault(offers[k]) is { } fault) Add($"bids[{i}].offers[{k}]", bid.Id, fault);
                else if (!_offers.Contains(offers[k]))
                    Add($"bids[{i}].offers[{k}]", bid.Id, $"is \"{offers[k]}\": no offer has this id.");
                else if (!_named.Add(offers[k]))
                    Add($"bids[{i}].offers[{k}]", bid.Id, $"is \"{offers[k]}\" again: the offers of a block are distinct.");
            }
        }

        void Starts(int i, AuctionBid bid)
        {
            var length = bid.To - bid.From;
            if (bid.Run > length)
            {
                Add($"bids[{i}].run", bid.Id,
                    $"is {bid.Run}: the window from {bid.From} to {bid.To} has only {length} slots.");
                return;
            }

            var last = bid.To - bid.Run;
            var count = bid.Starts?.Count ?? last - bid.From + 1;
            if (count is < 1 or > MaxStarts)
            {
                var place = bid.Starts is null ? $"bids[{i}]" : $"bids[{i}].starts";
                Add(place, bid.Id,
                    $"has {count} possible starts: there are from 1 to {MaxStarts}; narrow the window or list starts.");
                return;
            }

            if (bid.Starts is null) return;
            _distinct.Clear();
            for (var k = 0; k < count; k++)
            {
                var start = bid.Starts[k];
                if (start < bid.From || start > last)
                    Add($"bids[{i}].starts[{k}]", bid.Id, $"is {start}: the run fits between {bid.From} and {last}.");
                else if (!_distinct.Add(start))
                    Add($"bids[{i}].starts[{k}]", bid.Id, $"is {start} again: starts are distinct.");
            }
        }

        /// <summary>Parents: each a block of this problem, and no block its own ancestor.</summary>
        public void Families()
        {
            var parents = new int[problem.Bids.Count];
            for (var i = 0; i < parents.Length; i++)
            {
                parents[i] = -1;
                if (problem.Bids[i] is not { Kind: BidKind.Block, Parent: { } parent } bid) continue;
                if (!_bids.TryGetValue(parent, out var found))
                    Add($"bids[{i}].parent", bid.Id, $"is \"{parent}\": no bid has this id.");
                else if (problem.Bids[found].Kind != BidKind.Block)
                    Add($"bids[{i}].parent", bid.Id, $"is \"{parent}\", a divisible bid: a parent is a block.");
                else parents[i] = found;
            }

            // Each walk up marks what it passes with its own number; meeting that number again is a cycle.
            var passed = new int[parents.Length];
            for (var i = 0; i < parents.Length; i++)
            {
                var at = i;
                while (at >= 0 && passed[at] == 0)
                {
                    passed[at] = i + 1;
                    at = parents[at];
                }

                if (at >= 0 && passed[at] == i + 1 && parents[at] >= 0) Cycle(at, parents);
            }
        }

        void Cycle(int start, int[] parents)
        {
            var ids = new List<string> { problem.Bids[start].Id };
            for (var at = parents[start]; at != start && ids.Count < 20; at = parents[at]) ids.Add(problem.Bids[at].Id);
            var tail = ids.Count < 20 ? ids[0] : "…";
            Add($"bids[{start}].parent", problem.Bids[start].Id,
                $"closes a cycle, {string.Join(" → ", ids)} → {tail}: a block is not its own ancestor.");
        }

        bool Window(string list, int i, string id, int from, int to)
        {
            if (from < 0 || from >= problem.Slots)
                Add($"{list}[{i}].from", id, $"is {from}: slots count from 0 to {problem.Slots - 1}.");
            else if (to > problem.Slots)
                Add($"{list}[{i}].to", id, $"is {to}: a window ends at {problem.Slots} at the latest.");
            else if (to <= from)
                Add($"{list}[{i}].to", id, $"is {to}: it is after from, {from}; the slot at to is outside.");
            else return true;
            return false;
        }

        string Positions => $"the markets stand at 0 to {problem.Markets.Count - 1}";

        static string GpusRange => $"from 1 to {MaxGpus} GPUs";

        static string PriceRange => $"a price is from 0 to {MaxPrice} micro-dollars per GPU-hour";

        static string? NameFault(string? name) =>
            string.IsNullOrEmpty(name) ? "is empty: it has at least one character."
            : name.Length > MaxIdLength ? $"has {name.Length} characters: at most {MaxIdLength}."
            : name.Any(char.IsControl) ? "has a control character: it is plain text."
            : null;

        void Add(string place, string? id, string reason)
        {
            if (Found.Count < MaxBreaches) Found.Add(new AuctionFormatBreach(place, id, reason));
        }
    }
}
