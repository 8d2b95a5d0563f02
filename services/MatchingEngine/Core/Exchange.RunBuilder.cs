using System.Globalization;
using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>What a run solves.</summary>
public sealed partial class Exchange
{
    /// <summary>Makes the problem of a run out of what is open.</summary>
    private sealed class RunBuilder(Exchange exchange)
    {
        private readonly long _first = exchange.SlotOf(exchange.Now);
        private readonly int _slots = exchange.Settings.HorizonSlots;
        private readonly List<AuctionOffer> _offers = [];
        private readonly List<AuctionBid> _bids = [];
        private readonly Dictionary<string, Offer> _offerOf = [];
        private readonly Dictionary<string, Bid> _bidOf = [];
        private readonly Dictionary<(Guid Buyer, string Group), long> _groups = [];
        private readonly Dictionary<string, IReadOnlyList<string>> _served = new(StringComparer.Ordinal);

        public ClearingRun Build(long run)
        {
            var markets = exchange._markets.Where(market => market.Value).Select(market => market.Key).ToList();
            var indexOf = markets.Select((name, index) => (name, index)).ToDictionary(m => m.name, m => m.index);

            var unsold = new Dictionary<Node, int[]>();
            var offers = 0;
            foreach (var offer in exchange._offers.Values)
                if (indexOf.TryGetValue(offer.Node.Market, out var market) && Add(offer, market, unsold)) offers++;
            var bids = 0;
            foreach (var bid in exchange._bids.Values)
            {
                var open = bid.Terms.Markets.Where(indexOf.ContainsKey).Select(name => indexOf[name]).ToList();
                if (open.Count > 0 && Add(bid, open)) bids++;
            }

            return new ClearingRun(
                run, _first,
                new AuctionProblem
                {
                    SlotMinutes = exchange.Settings.SlotMinutes,
                    FirstSlotMinutes = Math.Max(1, exchange.MinutesLeft(_first, exchange.Now)),
                    Slots = _slots,
                    Markets = markets,
                    Offers = _offers,
                    Bids = _bids,
                },
                _offerOf, _bidOf, offers, bids, exchange.Now);
        }

        /// <summary>An offer as pieces of constant size: layer upon layer, each as long as it can be, so that a block finds its whole run in one.</summary>
        private bool Add(Offer offer, int market, Dictionary<Node, int[]> unsold)
        {
            var left = offer.IsResale ? LeftOfLease(offer) : LeftOfNode(offer.Node, unsold);
            var free = new int[_slots];
            for (var s = 0; s < _slots; s++)
            {
                if (!exchange.IsTradable(_first + s, exchange.Now)) continue;
                free[s] = Math.Min(offer.Unsold(_first + s), left[s]);
                left[s] -= free[s];
            }
            var before = _offers.Count;
            Layer(offer, market, free, 0, _slots, 0);
            return _offers.Count > before;
        }

        private int[] LeftOfNode(Node node, Dictionary<Node, int[]> unsold)
        {
            if (!unsold.TryGetValue(node, out var left))
                unsold[node] = left = [.. Enumerable.Range(0, _slots).Select(s => Math.Max(0, node.Gpus - node.Sold[_first + s]))];
            return left;
        }

        /// <summary>What is left of a lease in each slot; nothing of the one in progress, which its buyer uses.</summary>
        private int[] LeftOfLease(Offer offer)
        {
            var lease = exchange._leases.GetValueOrDefault(offer.Terms.Lease);
            return [.. Enumerable.Range(0, _slots).Select(s => s == 0 ? 0 : lease?.HeldIn(_first + s) ?? 0)];
        }

        private void Layer(Offer offer, int market, int[] free, int from, int to, int below)
        {
            for (var start = from; start < to; start++)
            {
                if (free[start] <= below) continue;
                var end = start;
                var least = int.MaxValue;
                while (end < to && free[end] > below) least = Math.Min(least, free[end++]);
                if (end - start >= offer.Terms.LeastRun)
                {
                    Emit(offer, market, start, end, least - below);
                    Layer(offer, market, free, start, end, least);
                }
                start = end;
            }
        }

        private void Emit(Offer offer, int market, int from, int to, int gpus)
        {
            var id = Name("o", offer.Id, _offerOf.ContainsKey);
            var reserves = Enumerable.Range(from, to - from).Select(slot => ReserveOf(offer, slot)).ToList();
            _offers.Add(new AuctionOffer
            {
                Id = id,
                Market = market,
                Gpus = gpus,
                From = from,
                To = to,
                Reserve = reserves.All(reserve => reserve == reserves[0]) ? [reserves[0]] : reserves,
                MinRun = offer.Terms.LeastRun,
            });
            _offerOf.Add(id, offer);
        }

        /// <summary>
        /// The reserve, or the prompt reserve where capacity would otherwise perish: in the slot in progress, and in the
        /// last run before a slot's gate.
        /// </summary>
        private long ReserveOf(Offer offer, int slot)
        {
            var nextRun = exchange.Now.AddSeconds(exchange.Settings.RunIntervalSeconds);
            var perishes = slot == 0 || !exchange.IsTradable(_first + slot, nextRun);
            return offer.ReserveOf(_first + slot, exchange.SlotOf(offer.Terms.From), perishes).MicrosPerGpuHour;
        }

        private bool Add(Bid bid, IReadOnlyList<int> markets) =>
            bid.IsBlock ? AddBlock(bid, markets) : bid.IsStanding ? AddStanding(bid, markets) : AddDivisible(bid, markets);

        /// <summary>A block with the starts that are left; without its parent, if that one does not take part, it does not either.</summary>
        private bool AddBlock(Bid bid, IReadOnlyList<int> markets)
        {
            if (bid.Parent != 0 && !_bidOf.ContainsKey(NameOf("b", bid.Parent))) return false;
            var run = bid.Terms.Run;
            var starts = bid.Starts.Where(start => start >= _first && start + run - _first <= _slots && exchange.CanStart(bid, start))
                .Select(start => (int)(start - _first)).ToList();
            if (starts.Count == 0) return false;
            var offers = bid.Terms.Needs is { } needs ? OffersThatMeet(needs, markets) : null;
            if (offers is { Count: 0 }) return false;
            var isWindow = starts[^1] - starts[0] == starts.Count - 1;
            Add(bid, new AuctionBid
            {
                Id = NameOf("b", bid.Id),
                Kind = Values.Auctions.BidKind.Block,
                Markets = markets,
                Gpus = bid.Terms.Gpus,
                From = starts[0],
                To = starts[^1] + run,
                Run = run,
                Starts = isWindow ? null : starts,
                Limit = bid.Terms.Limit.MicrosPerGpuHour,
                MinFill = bid.Terms.MinFill,
                Node = bid.Terms.NodeGpus,
                Parent = bid.Parent == 0 ? null : NameOf("b", bid.Parent),
                Group = bid.Terms.Group.Length == 0 ? null : NameOf("g", FirstOfGroup(bid)),
                Offers = offers,
            });
            return true;
        }

        /// <summary>The offers of the nodes that are all that is asked, in some markets; blocks that ask the same share one list.</summary>
        private IReadOnlyList<string> OffersThatMeet(NodeNeeds needs, IReadOnlyList<int> markets)
        {
            var key = string.Join(' ',
                needs.LeastReliabilityPpm, needs.Verified, needs.NvLink, string.Join(',', needs.Countries), string.Join(',', needs.Zones), string.Join(',', needs.Nodes),
                string.Join(',', markets));
            if (!_served.TryGetValue(key, out var offers))
                _served[key] = offers = [.. _offers
                    .Where(offer => markets.Contains(offer.Market) && _offerOf[offer.Id].Node is var node && needs.AreMetBy(node.Id, node.Traits))
                    .Select(offer => offer.Id)];
            return offers;
        }

        /// <summary>A group goes by its earliest open block: its name is its buyer's alone.</summary>
        private long FirstOfGroup(Bid block)
        {
            var key = (block.Terms.Buyer, block.Terms.Group);
            if (!_groups.TryGetValue(key, out var first)) _groups[key] = first = exchange.GroupOf(key.Buyer, key.Group).First().Id;
            return first;
        }

        private bool AddDivisible(Bid bid, IReadOnlyList<int> markets)
        {
            var before = _bids.Count;
            var slot = (int)Math.Max(0, bid.From - _first);
            var last = (int)Math.Min(_slots, bid.To - _first);
            while (slot < last)
            {
                var wanted = bid.Wanted(_first + slot);
                var end = slot + 1;
                while (end < last && bid.Wanted(_first + end) == wanted) end++;
                if (wanted > 0) AddPiece(bid, markets, slot, end, wanted);
                slot = end;
            }
            return _bids.Count > before;
        }

        private bool AddStanding(Bid bid, IReadOnlyList<int> markets)
        {
            var before = _bids.Count;
            foreach (var (slot, gpus, _) in exchange.CoveredSlotsOf(bid, _first, bid.Reserved))
                if (gpus > 0 && slot - _first < _slots) AddPiece(bid, markets, (int)(slot - _first), (int)(slot - _first) + 1, gpus);
            return _bids.Count > before;
        }

        private void AddPiece(Bid bid, IReadOnlyList<int> markets, int from, int to, int gpus) => Add(bid, new AuctionBid
        {
            Id = Name("b", bid.Id, _bidOf.ContainsKey),
            Kind = Values.Auctions.BidKind.Divisible,
            Markets = markets,
            Gpus = gpus,
            From = from,
            To = to,
            Limit = bid.Terms.Limit.MicrosPerGpuHour,
        });

        private void Add(Bid bid, AuctionBid piece)
        {
            _bids.Add(piece);
            _bidOf.Add(piece.Id, bid);
        }

        private static string NameOf(string letter, long number) => letter + number.ToString(CultureInfo.InvariantCulture);

        /// <summary>The first piece bears the number alone, further ones a suffix.</summary>
        private static string Name(string letter, long number, Func<string, bool> isTaken)
        {
            var name = NameOf(letter, number);
            if (!isTaken(name)) return name;
            for (var piece = 2; ; piece++)
                if ($"{name}.{piece.ToString(CultureInfo.InvariantCulture)}" is var next && !isTaken(next)) return next;
        }
    }
}
