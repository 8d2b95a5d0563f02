using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Demo.Minds;

/// <summary>What a provider does when its turn comes: offers hours that nobody offers yet, and asks another price where the market has moved.</summary>
/// <remarks>
/// Pure: the same cast, time and view make the same decisions. A node is offered in windows of six hours up to
/// <see cref="HoursAhead"/> ahead, what is sold of it left out, half of it a little dearer than the rest. The price lies between
/// the owner's list price and what the hours last cleared at, higher where much is sold and by day, lower where nothing is, and never
/// below the owner's floor. A provider who has left takes everything unsold back.
/// </remarks>
public sealed class ProviderMind(Cast cast, Weather weather)
{
    /// <summary>How far ahead nodes are offered.</summary>
    public const int HoursAhead = 36;

    const int WindowHours = 6;
    const int MostPieces = 4;
    const int MostNewWindows = 3;

    readonly ILookup<Guid, CastNode> _nodes = cast.Nodes.ToLookup(node => node.Node.Provider.Id);

    /// <summary>What is decided in a turn.</summary>
    /// <param name="provider">Whose turn it is.</param>
    /// <param name="now">The exchange's time.</param>
    /// <param name="view">What the provider sees.</param>
    /// <param name="isOpening">True: everything that can be offered is, at once.</param>
    public IReadOnlyList<ProviderDecision> Turn(Seat provider, DateTimeOffset now, ProviderView view, bool isOpening = false)
    {
        var mine = _nodes[provider.Id].ToList();
        if (weather.IsAway(provider.Name, now) && !isOpening)
        {
            var all = view.Offers.Where(offer => mine.Any(node => node.Node.Id == offer.Node)).Select(offer => Old(provider, offer)).ToList();
            return all.Count == 0 ? [] : [new ProviderDecision(all, [])];
        }

        var windows = mine.SelectMany(node => Windows(now).Select(window => (Node: node, window.From, window.To))).ToList();
        var decisions = windows.OrderBy(window => window.From)
            .Where(window => !Offers(view, window.Node, window.From, window.To).Any())
            .Select(window => new ProviderDecision([], New(window.Node, window.From, window.To, now, view, view.Sold)))
            .Where(decision => decision.New.Count > 0)
            .Take(isOpening ? int.MaxValue : MostNewWindows).ToList();
        if (decisions.Count > 0 || windows.Count == 0) return decisions;

        // Sooner hours are looked at more often.
        var dice = new Dice(cast.Seed, FormattableString.Invariant($"turn {provider.Name} {now.UtcTicks / TimeSpan.TicksPerMinute}"));
        var chosen = windows[dice.Weighted([.. windows.Select(window => (int)(HoursAhead + WindowHours - Math.Max(0, (window.From - now).TotalHours)))])];
        return Reprice(provider, chosen.Node, chosen.From, chosen.To, now, view) is { } repriced ? [repriced] : [];
    }

    ProviderDecision? Reprice(Seat provider, CastNode node, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, ProviderView view)
    {
        var old = Offers(view, node, from, to).ToList();
        if (old.Count == 0) return null;
        var (asked, wanted) = (old.Min(offer => offer.Reserve.MicrosPerGpuHour), Target(node, from, to, now, view).MicrosPerGpuHour);
        if (Math.Abs(asked - wanted) * 1_000 < asked * 7) return null;

        // An offer that reaches beyond these hours goes as a whole; its other hours are offered again when their turn comes.
        return new ProviderDecision([.. old.Select(offer => Old(provider, offer))], New(node, from, to, now, view, view.Sold));
    }

    /// <summary>What is left of a node in some hours, in pieces that are offered throughout: at most what it has less what is sold.</summary>
    List<OfferAction> New(CastNode node, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, ProviderView view, IReadOnlyList<SoldGpus> sold)
    {
        var gpus = Math.Min(node.Node.Gpus, view.Gpus.GetValueOrDefault(node.Node.Id));
        var left = Enumerable.Range(0, (int)(to - from).TotalHours).Select(hour => from.AddHours(hour))
            .Select(hour => Math.Max(0, gpus - sold.Where(lease => lease.Node == node.Node.Id && lease.From < hour.AddHours(1) && lease.To > hour).Sum(lease => lease.Gpus))).ToArray();
        var pieces = new List<(int From, int To, int Gpus)>();
        Cut(left, 0, left.Length, pieces);
        var target = Target(node, from, to, now, view).MicrosPerGpuHour;
        return [.. pieces.OrderByDescending(piece => (piece.To - piece.From) * piece.Gpus).Take(MostPieces).Select((piece, number) => Offer(node, from, piece, number, target, now))];
    }

    OfferAction Offer(CastNode node, DateTimeOffset from, (int From, int To, int Gpus) piece, int number, long target, DateTimeOffset now)
    {
        var ask = cast.OnTick(Math.Max(target * (1_000 + 45 * number) / 1_000, node.Floor.MicrosPerGpuHour));
        var prompt = node.Floor < ask ? node.Floor : ask;
        var id = cast.Ids.Of(FormattableString.Invariant($"offer {node.Node.Id} {from.UtcTicks / TimeSpan.TicksPerHour} {number} {now.UtcTicks / TimeSpan.TicksPerMinute}"));
        return new OfferAction(id, node.Node, piece.Gpus, from.AddHours(piece.From), from.AddHours(piece.To), ask, prompt);
    }

    /// <summary>Cuts a skyline into blocks that stand on each other; a thick one in two, so that not all of a node has one price.</summary>
    static void Cut(int[] left, int from, int to, List<(int From, int To, int Gpus)> pieces)
    {
        while (from < to && left[from] == 0) from++;
        if (from >= to) return;
        var end = from;
        while (end < to && left[end] > 0) end++;
        var height = left[from..end].Min();
        if (height >= 4) pieces.AddRange([(from, end, height / 2), (from, end, height - height / 2)]);
        else pieces.Add((from, end, height));
        for (var i = from; i < end; i++) left[i] -= height;
        Cut(left, from, end, pieces);
        Cut(left, end, to, pieces);
    }

    Price Target(CastNode node, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, ProviderView view)
    {
        var middle = SlotRules.HourOf(from + (to - from) / 2);
        var list = node.Ask.MicrosPerGpuHour;
        var market = (view.Prices.Around(node.Node.Market, middle) ?? node.Ask).MicrosPerGpuHour;
        var hours = (int)(to - from).TotalHours * Math.Max(1, view.Gpus.GetValueOrDefault(node.Node.Id));
        var sold = view.Sold.Where(lease => lease.Node == node.Node.Id && lease.From < to && lease.To > from)
            .Sum(lease => lease.Gpus * (int)Math.Ceiling(((lease.To < to ? lease.To : to) - (lease.From > from ? lease.From : from)).TotalHours));
        var taken = sold * 100 / hours;
        var success = taken >= 70 ? 1_080 : taken >= 40 ? 1_020 : from - now > TimeSpan.FromHours(6) ? 1_000 : taken >= 15 ? 970 : 920;
        var daily = 930 + DailyProfile.Online[middle.UtcDateTime.Hour] * 3 / 2 - 50;
        var temper = weather.Swing($"temper {node.Node.Provider.Name}", now, hours: 1, 930, 1_070);
        var target = (Int128)(list + market) / 2 * success * daily * temper / 1_000_000_000;
        return cast.OnTick(Math.Clamp((long)target, node.Floor.MicrosPerGpuHour, Math.Max(list * 16 / 10, node.Floor.MicrosPerGpuHour)));
    }

    /// <summary>Six hours from midnight, six, noon and six o'clock; of the first what is left.</summary>
    IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Windows(DateTimeOffset now)
    {
        var first = cast.Slots.First(now);
        for (var to = first.AddHours(WindowHours - first.UtcDateTime.Hour % WindowHours); to <= first.AddHours(HoursAhead); to = to.AddHours(WindowHours))
            yield return (to.AddHours(-WindowHours) > first ? to.AddHours(-WindowHours) : first, to);
    }

    static IEnumerable<OpenOffer> Offers(ProviderView view, CastNode node, DateTimeOffset from, DateTimeOffset to) =>
        view.Offers.Where(offer => offer.Node == node.Node.Id && offer.From < to && offer.To > from);

    TakeBack Old(Seat provider, OpenOffer offer) => new(cast.Ids.Of(FormattableString.Invariant($"take back offer {offer.Id}")), provider, offer.Id);
}
