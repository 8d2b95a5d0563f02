using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Words;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>Makes a plan of the files: who takes part, what is offered each day, who bids for it and when.</summary>
/// <remarks>
/// Each day's machines are those of that day's snapshot, the last repeated. Their owners offer a day at noon of the day
/// before, at that day's prices, and the first day at the start; so an offer never outlives its price, and a machine that is gone
/// is not offered. Buyers bid a share of what a GPU earns with the model's tokens, from <see cref="LowestLimit"/> to
/// <see cref="HighestLimit"/> per mille, evenly spread and dealt out by the seed. A few are too poor for what they want.
/// </remarks>
public sealed class Planner
{
    /// <summary>Buyers.</summary>
    public const int Buyers = 40;

    /// <summary>Buyers who serve requests that people wait for; the others only have batch work.</summary>
    public const int Services = 16;

    /// <summary>Buyers whose deposit is far below what they want to spend.</summary>
    public const int PoorBuyers = 3;

    /// <summary>The most careful buyer's limit, per mille of a GPU's revenue.</summary>
    public const int LowestLimit = 600;

    /// <summary>The boldest buyer's limit, per mille of a GPU's revenue.</summary>
    public const int HighestLimit = 1_100;

    readonly ReplayFiles _files;
    readonly PlanOptions _options;
    readonly ExchangeTerms _terms;
    readonly DateTimeOffset _start;
    readonly string _key;
    readonly string _seed;
    readonly PlanIds _ids;
    readonly PriceHistory _prices;
    readonly Dictionary<string, ServedClass> _served;
    readonly List<Snapshot> _days;

    Planner(ReplayFiles files, PlanOptions options, ExchangeTerms terms)
    {
        (_files, _options, _terms) = (files, options, terms);
        if (files.Offers.Snapshots.Count == 0)
            throw new InputException($"--offers: holds no usable machine{Why(files.Offers.Skipped)}.", exitCode: 2);
        _prices = PricesFile.Match(options.Model, files.Tokens, files.Prices);
        _start = options.Start ?? new DateTimeOffset(files.Offers.Snapshots[0].Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        if (_start.UtcTicks % TimeSpan.TicksPerHour != 0) throw new InputException("--start: is a full hour.");
        _key = files.KeyOf(options, terms, _start);
        _seed = FormattableString.Invariant($"seed {options.Seed}");
        _ids = new PlanIds(_key);
        _served = Serve();
        _days = [.. Enumerable.Range(0, options.Days).Select(day => files.Offers.Snapshots[Math.Min(day, files.Offers.Snapshots.Count - 1)])
            .Select(day => day with { Machines = [.. day.Machines.Where(machine => _served.ContainsKey(machine.Class.Name))] })];
    }

    /// <summary>The plan; the same for the same files, options and terms.</summary>
    public static ReplayPlan Make(ReplayFiles files, PlanOptions options, ExchangeTerms terms) => new Planner(files, options, terms).Make();

    ReplayPlan Make()
    {
        var providers = Providers();
        var nodes = Nodes(providers);
        var steps = new SortedDictionary<DateTimeOffset, List<(int Rank, PlannedAction Action)>>();
        for (var time = _start; time < _start.AddDays(_options.Days); time = time.AddMinutes(_options.StepMinutes)) steps[time] = [];

        Offer(nodes, steps);
        var buyers = Bid(steps, out var onlineShare, out var servicesLikeIt);
        var order = new Dice(_key, "order");
        return new ReplayPlan
        {
            Key = _key,
            Options = _options,
            Start = _start,
            Markets = [.. nodes.Values.Select(node => node.Market).Distinct().Order(StringComparer.Ordinal)],
            Seats = [.. providers.Values, .. buyers],
            Nodes = [.. nodes.Values],
            Steps = [.. steps.Select(step => new Step(step.Key, Sorted(step.Value, order)))],
            Served = [.. _served.Values.OrderBy(served => served.Name, StringComparer.Ordinal)],
            Unserved = Unserved(),
            Demand = new DemandFacts(_prices.Id, _prices.StandsIn, _prices.On(Date(0)), servicesLikeIt, onlineShare, Demand.BatchShare(onlineShare)),
            Deliveries = new Deliveries(_seed, [.. nodes.Values], _start, _options.Days),
            Ids = _ids,
        };
    }

    /// <summary>The classes on offer that have a published throughput.</summary>
    Dictionary<string, ServedClass> Serve()
    {
        var rates = _files.Tokens.Of(_options.Model);
        var listed = _files.Offers.Snapshots.SelectMany(day => day.Machines).Select(machine => machine.Class.Name).Distinct().ToList();
        var served = listed.Where(rates.ContainsKey).ToDictionary(name => name, name => new ServedClass(name, rates[name],
            [.. Enumerable.Range(0, _options.Days).Select(day => ModelWorth.RevenuePerGpuHour(rates[name], _prices.On(Date(day)), _files.Requests))]));
        if (served.Count > 0) return served;
        var working = _files.Tokens.Models
            .Where(model => _files.Prices.Find(model) is not null && listed.Any(_files.Tokens.Of(model).ContainsKey)).ToList();
        throw new InputException($"--model: \"{_options.Model}\" has published throughput for {string.Join(", ", rates.Keys.Order(StringComparer.Ordinal))}, "
            + $"and none of these is on offer. {(working.Count == 0 ? "No model can be served by these offers" : $"These work: {string.Join(", ", working)}")}.");
    }

    List<UnservedClass> Unserved() =>
        [.. _files.Offers.Snapshots[0].Machines.Where(machine => !_served.ContainsKey(machine.Class.Name))
            .GroupBy(machine => machine.Class.Name).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new UnservedClass(group.Key, group.Count(), group.Sum(machine => machine.Gpus)))];

    /// <summary>One provider for each host, with a bond for everything that it will ever offer.</summary>
    SortedDictionary<string, Seat> Providers()
    {
        var wanted = new Dictionary<string, Money>(StringComparer.Ordinal);
        foreach (var machine in _days.SelectMany(day => day.Machines))
        {
            // No bond is more than the reserve or, where that is less, a dollar a GPU-hour.
            var most = new Price(Math.Max(machine.Ask.MicrosPerGpuHour, Money.MicrosPerDollar)).CostOf(machine.Gpus * 24 * 60);
            var name = NameOf(machine.HostId);
            wanted[name] = wanted.GetValueOrDefault(name) + most;
        }
        var seats = new SortedDictionary<string, Seat>(StringComparer.Ordinal);
        foreach (var (name, bond) in wanted) seats[name] = new Seat(name, SeatId(name), true, RoundedUp(bond));
        return seats;
    }

    SortedDictionary<string, PlannedNode> Nodes(SortedDictionary<string, Seat> providers)
    {
        var nodes = new SortedDictionary<string, PlannedNode>(StringComparer.Ordinal);
        foreach (var machine in _days.SelectMany(day => day.Machines))
        {
            var key = NodeKey(machine);
            var known = nodes.GetValueOrDefault(key);
            nodes[key] = new PlannedNode(
                new PlanIds(_seed).Of($"node {key}"), providers[NameOf(machine.HostId)], $"machine-{machine.MachineId}", machine.Market, machine.Class.Name,
                Math.Max(machine.Gpus, known?.Gpus ?? 0), machine.Place, machine.ReliabilityPpm);
        }
        return nodes;
    }

    void Offer(SortedDictionary<string, PlannedNode> nodes, SortedDictionary<DateTimeOffset, List<(int, PlannedAction)>> steps)
    {
        for (var day = 0; day < _options.Days; day++)
        {
            var from = _start.AddDays(day);
            var told = StepAt(from.AddHours(-12));
            foreach (var machine in _days[day].Machines)
            {
                var node = nodes[NodeKey(machine)];
                var id = _ids.Of(FormattableString.Invariant($"offer {day} {node.Id}"));
                steps[told].Add((0, new OfferAction(id, node, machine.Gpus, from, from.AddDays(1), machine.Ask, machine.Prompt)));
            }
        }
    }

    /// <summary>Every bid and every change of mind; then the buyers, with money for what they will want.</summary>
    List<Seat> Bid(SortedDictionary<DateTimeOffset, List<(int Rank, PlannedAction Action)>> steps, out decimal firstOnlineShare, out int servicesLikeIt)
    {
        var names = Enumerable.Range(1, Buyers).Select(number => FormattableString.Invariant($"buyer-{number:00}")).ToList();
        var limits = Enumerable.Range(0, Buyers).Select(i => LowestLimit + (HighestLimit - LowestLimit) * i / (Buyers - 1)).ToList();
        new Dice(_seed, "limits").Shuffle(limits);
        var order = Enumerable.Range(0, Buyers).ToList();
        new Dice(_seed, "poor").Shuffle(order);
        var poor = order.Take(PoorBuyers).ToHashSet();

        var demand = new Demand(_seed, _options.Scale, Services, Buyers);
        var wishes = new List<(int Day, Wish Wish)>();
        (firstOnlineShare, servicesLikeIt) = (0, 0);
        for (var day = 0; day < _options.Days; day++)
        {
            var supply = _days[day].Machines.GroupBy(machine => machine.Market).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (Market: group.Key, Gpus: group.Sum(machine => machine.Gpus), _served[group.First().Class.Name].Rate)).ToList();
            if (supply.Count == 0) continue;
            var share = Demand.OnlineShare(_files.Requests, supply.Select(market => (market.Gpus, market.Rate)));
            if (servicesLikeIt == 0) servicesLikeIt = Demand.ServicesLikeIt(share);
            share *= servicesLikeIt;
            if (firstOnlineShare == 0) firstOnlineShare = share;
            foreach (var market in supply)
            {
                foreach (var wish in demand.Of(Date(day), market.Market, market.Gpus, share, 0)) wishes.Add((day, wish));
            }
        }

        var needs = new Money[Buyers];
        var jitter = new Dice(_seed, "jitter");
        var bids = wishes.Select((entry, number) => (entry.Day, entry.Wish, Number: number, Limit: LimitOf(entry.Day, entry.Wish, limits, jitter))).ToList();
        foreach (var bid in bids)
            needs[bid.Wish.Buyer] += bid.Limit.CostOf(Math.Min(bid.Wish.Gpus, _terms.BidGpus) * bid.Wish.Hours * 60L);
        var seats = names.Select((name, i) => new Seat(name, SeatId(name), false, DepositOf(needs[i], poor.Contains(i)))).ToList();

        foreach (var (day, wish, number, limit) in bids)
        {
            var from = _start.AddDays(day).AddHours(wish.Hour);
            var sent = StepAt(from - wish.Lead);
            var id = _ids.Of(FormattableString.Invariant($"bid {number}"));
            var bid = new BidAction(id, seats[wish.Buyer], wish.Market, wish.IsBlock, wish.IsOnline,
                Math.Min(wish.Gpus, _terms.BidGpus), from, from.AddHours(wish.Hours), limit);
            steps[sent].Add((2, bid));
            var regretted = sent.AddMinutes(wish.CancelAfterSteps * _options.StepMinutes);
            if (wish.CancelAfterSteps > 0 && regretted < bid.To && steps.TryGetValue(regretted, out var then))
                then.Add((1, new CancelAction(_ids.Of(FormattableString.Invariant($"cancel {number}")), bid)));
        }
        return seats;
    }

    /// <summary>A buyer's share of the revenue, a little different for each bid, in whole ticks.</summary>
    Price LimitOf(int day, Wish wish, List<int> limits, Dice jitter)
    {
        var className = wish.Market[..wish.Market.LastIndexOf('.')];
        var revenue = (Int128)_served[className].RevenueByDay[day].MicrosPerGpuHour;
        var micros = revenue * limits[wish.Buyer] * jitter.Between(970, 1_030) / 1_000_000;
        var capped = (long)Int128.Min(micros, _terms.HighestPriceMicros);
        return new Price(Math.Max(capped / _terms.TickMicros, 1) * _terms.TickMicros);
    }

    /// <summary>Enough for every bid at its limit with the largest fee there is; the poor have three cents for every dollar of it.</summary>
    static Money DepositOf(Money need, bool isPoor) => isPoor
        ? RoundedUp(new Money(need.Micros * 3 / 100))
        : RoundedUp(new Money(need.Micros + need.Micros / 9));

    /// <summary>Up to the next ten dollars, and never nothing.</summary>
    static Money RoundedUp(Money money)
    {
        const long step = 10 * Money.MicrosPerDollar;
        return new Money((money.Micros / step + 1) * step);
    }

    /// <summary>Offers, then cancels, then bids; the bids in an order of their own, so that nobody is always first.</summary>
    static List<PlannedAction> Sorted(List<(int Rank, PlannedAction Action)> actions, Dice order)
    {
        var bids = actions.Where(entry => entry.Rank == 2).Select(entry => entry.Action).ToList();
        order.Shuffle(bids);
        return [.. actions.Where(entry => entry.Rank < 2).OrderBy(entry => entry.Rank).Select(entry => entry.Action), .. bids];
    }

    static string Why(SkippedRows skipped) => skipped.Count == 0 ? "" : $": {string.Join(", ", skipped.ByReason.Select(reason => FormattableString.Invariant($"{reason.Key} ({reason.Value})")))}";

    DateTimeOffset StepAt(DateTimeOffset time)
    {
        if (time <= _start) return _start;
        var step = TimeSpan.FromMinutes(_options.StepMinutes).Ticks;
        return _start.AddTicks((time - _start).Ticks / step * step);
    }

    DateOnly Date(int day) => DateOnly.FromDateTime(_start.UtcDateTime).AddDays(day);

    Guid SeatId(string name) => new PlanIds(_seed).Of($"participant {name}");

    static string NodeKey(Machine machine) => $"{machine.MachineId} {machine.Market}";

    static string NameOf(string hostId) =>
        hostId.All(char.IsAsciiLetterOrDigit) ? $"host-{hostId}" : $"host-{new PlanIds("host").Of(hostId):N}"[..17];
}
