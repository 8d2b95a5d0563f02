using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using BidKind = ComputeExchange.MatchingEngine.Core.BidKind;
using Shouldly;

namespace ComputeExchange.Cli.Tests;

/// <summary>A demo played on the engine's own rules, in memory: what the people decide goes in, what they see comes out.</summary>
sealed class DemoWorld
{
    readonly Exchange _exchange = new();
    readonly ProviderMind _providers;
    readonly BuyerMind _buyers;
    readonly Cashier _cashier;
    readonly Dictionary<long, OpenBid> _bids = [];
    readonly Dictionary<long, OpenOffer> _offers = [];
    readonly List<(DateTimeOffset To, long Lease, int Slots)> _running = [];
    readonly List<SoldGpus> _sold = [];
    readonly Dictionary<(string, DateTimeOffset), Price> _prices = [];
    int _turn;

    public DemoWorld(Cast cast, DateTimeOffset now, int speed = 60)
    {
        (Cast, Now) = (cast, now);
        var (weather, pace) = (new Weather(cast.Seed), new Pace(speed));
        (_providers, _buyers, _cashier) = (new ProviderMind(cast, weather), new BuyerMind(cast, weather, pace), new Cashier(cast, pace));
        foreach (var market in cast.Markets) Apply(new Command.DefineMarket(market.Name, true));
        foreach (var seat in cast.Seats) Apply(new Command.SetParticipant(seat.Id, !seat.IsProvider, seat.IsProvider, true));
        foreach (var node in cast.Nodes) Apply(new Command.SetNode(node.Node.Id, node.Node.Provider.Id, node.Node.Market, node.Node.Gpus));
        TopUp();
        foreach (var provider in cast.Providers)
            foreach (var decision in _providers.Turn(provider, Now, View(provider), isOpening: true)) Do(decision);
        foreach (var decision in _buyers.Opening(Now, View())) Do(decision);
    }

    public Cast Cast { get; }

    public DateTimeOffset Now { get; private set; }

    /// <summary>Every decision as a line, in order.</summary>
    public List<string> Decided { get; } = [];

    /// <summary>Why the engine said no.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>The price of the next hour after each run, by market.</summary>
    public Dictionary<string, List<long>> Course { get; } = [];

    public IReadOnlyCollection<OpenBid> Bids => _bids.Values;

    public IReadOnlyCollection<OpenOffer> Offers => _offers.Values;

    public int Leases { get; private set; }

    /// <summary>Lets so many exchange minutes pass, a run every five.</summary>
    public DemoWorld Pass(int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            Apply(new Command.AdvanceClock(Now.AddMinutes(1)));
            Now = Now.AddMinutes(1);
            foreach (var decision in _buyers.Minute(Now, View())) Do(decision);
            var provider = Cast.Providers[_turn++ % Cast.Providers.Count];
            foreach (var decision in _providers.Turn(provider, Now, View(provider))) Do(decision);
            if (Now.Minute % 5 == 0) Run();
            TopUp();
        }
        return this;
    }

    BuyersView View() => new([.. _bids.Values], Free(), new LastPrices(_prices));

    ProviderView View(Seat provider) => new(
        Cast.Nodes.ToDictionary(node => node.Node.Id, node => node.Node.Gpus),
        [.. _offers.Values.Where(offer => Cast.Nodes.Single(node => node.Node.Id == offer.Node).Node.Provider.Id == provider.Id)], _sold, new LastPrices(_prices));

    Dictionary<Guid, Money> Free() => _exchange.Holdings.ToDictionary(holding => holding.Participant, holding => holding.Free);

    void Do(BuyerDecision decision)
    {
        Decided.Add(decision.ToString());
        if (decision.Old is { } old && !Apply(new Command.CancelBid(old.By.Id, old.Number))) return;
        if (decision.New is not { } bid) return;
        (bid.Limit.MicrosPerGpuHour % Cast.Terms.TickMicros).ShouldBe(0);
        var hours = (int)(bid.To - bid.From).TotalHours;
        Apply(new Command.PlaceBid(bid.Buyer.Id, bid.IsBlock ? BidKind.Block : BidKind.Divisible, [bid.Market], bid.Gpus, bid.From, bid.To, bid.IsBlock ? hours : 0, bid.Limit));
    }

    void Do(ProviderDecision decision)
    {
        Decided.Add($"{string.Join(",", decision.Old)} {string.Join(",", decision.New)}");
        foreach (var old in decision.Old) Apply(new Command.CancelOffer(old.By.Id, old.Number));
        foreach (var offer in decision.New) Apply(new Command.PlaceOffer(offer.By.Id, offer.Node.Id, offer.Gpus, offer.From, offer.To, offer.Ask, offer.Prompt, 1));
    }

    void TopUp()
    {
        foreach (var topUp in _cashier.Due(Free(), Now)) Apply(new Command.CreditCollateral(topUp.For.Id, topUp.Amount, "top up"));
    }

    void Run()
    {
        Apply(new Command.CloseRun());
        if (_exchange.ClearingProblem is { } problem)
            Apply(new Command.ClearRun(_exchange.ClearingRun, AuctionJson.WriteSolution(AuctionSolver.Solve(problem, new SolverBudget(20_000)))));
        foreach (var market in Cast.Markets)
        {
            if (new LastPrices(_prices).Around(market.Name, SlotRules.HourOf(Now).AddHours(1)) is not { } price) continue;
            if (!Course.TryGetValue(market.Name, out var course)) Course[market.Name] = course = [];
            course.Add(price.MicrosPerGpuHour);
        }

        // What was delivered frees its bond; here everything is.
        foreach (var (_, lease, slots) in _running.Where(lease => lease.To <= Now))
            for (var slot = 0; slot < slots; slot++) Apply(new Command.SettleBond(lease, slot, Money.Zero));
        _running.RemoveAll(lease => lease.To <= Now);
        _sold.RemoveAll(lease => lease.To <= Now);
    }

    bool Apply(Command command)
    {
        var done = true;
        foreach (var happened in _exchange.Apply(command, Now))
        {
            switch (happened)
            {
                case Event.Refused refused:
                    Refusals.Add($"{Now:HH:mm} {refused.Reason} {refused.Message} {command}");
                    done = false;
                    break;
                case Event.BidPlaced placed:
                    _bids[placed.Id] = new OpenBid(placed.Id, placed.Bid.Buyer, placed.Bid.Markets[0], placed.Bid.Kind == BidKind.Block, placed.Bid.Gpus, placed.Bid.From, placed.Bid.To, placed.Bid.Limit);
                    break;
                case Event.BidClosed closed: _bids.Remove(closed.Id); break;
                case Event.OfferPlaced placed:
                    _offers[placed.Id] = new OpenOffer(placed.Id, placed.Offer.Node, placed.Offer.Gpus, placed.Offer.From, placed.Offer.To, placed.Offer.Reserve);
                    break;
                case Event.OfferClosed closed: _offers.Remove(closed.Id); break;
                case Event.LeaseSold sold:
                    Leases++;
                    _sold.Add(new SoldGpus(sold.Node, sold.Gpus, sold.Slots[0].From, sold.Slots[^1].To));
                    _running.Add((sold.Slots[^1].To, sold.Lease, sold.Slots.Count));
                    break;
                case Event.RunCleared cleared:
                    foreach (var price in cleared.Prices) _prices[(price.Market, price.Slot)] = price.Price;
                    break;
            }
        }
        return done;
    }
}
