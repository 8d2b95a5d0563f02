using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Shouldly;
using BidKind = ComputeExchange.MatchingEngine.Core.BidKind;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>A small market to tell stories with: one market, one provider with a node of eight, two buyers with money; a second market and more nodes where a story asks for them.</summary>
internal sealed class Market
{
    public const string Name = "H100-SXM-80GB.us-east";

    public const string West = "H100-SXM-80GB.us-west";

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Guid Provider = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000001");
    public static readonly Guid Node = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000002");
    public static readonly Guid OtherNode = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000003");
    public static readonly Guid WestNode = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000004");
    public static readonly Guid Ann = Guid.Parse("bbbbbbbb-0000-7000-8000-000000000001");
    public static readonly Guid Bob = Guid.Parse("bbbbbbbb-0000-7000-8000-000000000002");

    private readonly string _version;

    /// <param name="exchange">Where it takes place; a new one where there is none.</param>
    /// <param name="version">The rules it is told under.</param>
    public Market(Exchange? exchange = null, string version = Exchange.Version)
    {
        _version = version;
        Exchange = exchange ?? new Exchange();
        Now = Noon;
        Do(new Command.DefineMarket(Name, Open: true));
        Do(new Command.SetParticipant(Provider, MayBuy: false, MaySell: true, Active: true));
        Do(new Command.SetParticipant(Ann, MayBuy: true, MaySell: false, Active: true));
        Do(new Command.SetParticipant(Bob, MayBuy: true, MaySell: false, Active: true));
        Do(new Command.CreditCollateral(Provider, Dollars(1_000), "deposit"));
        Do(new Command.CreditCollateral(Ann, Dollars(1_000), "deposit"));
        Do(new Command.CreditCollateral(Bob, Dollars(1_000), "deposit"));
        Do(new Command.SetNode(Node, Provider, Name, 8));
    }

    public Exchange Exchange { get; set; }

    public DateTimeOffset Now { get; set; }

    public static Money Dollars(decimal dollars) => new((long)(dollars * Money.MicrosPerDollar));

    public static Price Per(decimal dollars) => new((long)(dollars * Money.MicrosPerDollar));

    /// <summary>The lease that was sold last; 0 before the first.</summary>
    public long LastLease { get; private set; }

    public IReadOnlyList<Event> Do(Command command)
    {
        var events = Exchange.Apply(command, Now, _version);
        LastLease = events.OfType<Event.LeaseSold>().LastOrDefault()?.Lease ?? LastLease;
        return events;
    }

    /// <summary>A second node in the same market, and one in another.</summary>
    public Market WithMoreNodes()
    {
        Do(new Command.DefineMarket(West, Open: true));
        Do(new Command.SetNode(OtherNode, Provider, Name, 8));
        Do(new Command.SetNode(WestNode, Provider, West, 8));
        return this;
    }

    public long Offer(int gpus = 8, int fromHour = 0, int hours = 24, decimal reserve = 2m, decimal? prompt = null, int leastRun = 1, Guid? node = null) =>
        Do(new Command.PlaceOffer(
            Provider, node ?? Node, gpus, Noon.AddHours(fromHour), Noon.AddHours(fromHour + hours), Per(reserve), Per(prompt ?? reserve), leastRun))
        .ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>().Id;

    public Command.PlaceBid BidFor(Guid buyer, int gpus, int fromHour, int hours, decimal limit, bool block = false) => new(
        buyer, block ? BidKind.Block : BidKind.Divisible, [Name], gpus, Noon.AddHours(fromHour), Noon.AddHours(fromHour + hours),
        block ? hours : 0, Per(limit));

    public long Bid(Guid buyer, int gpus, int fromHour, int hours, decimal limit, bool block = false) =>
        Do(BidFor(buyer, gpus, fromHour, hours, limit, block)).ShouldHaveSingleItem().ShouldBeOfType<Event.BidPlaced>().Id;

    /// <summary>A block of a run of hours that may start anywhere in a window.</summary>
    public Command.PlaceBid BlockFor(Guid buyer, int gpus, int fromHour, int toHour, int run, decimal limit) => new(
        buyer, BidKind.Block, [Name], gpus, Noon.AddHours(fromHour), Noon.AddHours(toHour), run, Per(limit));

    public Command.PlaceBid StandingFor(Guid buyer, int gpus, decimal limit, int? toHour = null, int fromHour = 0) => new(
        buyer, BidKind.Standing, [Name], gpus, Noon.AddHours(fromHour), toHour is { } end ? Noon.AddHours(end) : Command.PlaceBid.NoEnd, 0, Per(limit));

    public long Placed(Command.PlaceBid bid) => Do(bid).ShouldHaveSingleItem().ShouldBeOfType<Event.BidPlaced>().Id;

    public string Refusal(Command command) => Do(command).ShouldHaveSingleItem().ShouldBeOfType<Event.Refused>().Reason;

    /// <summary>Closes a run, solves it, and clears it.</summary>
    public IReadOnlyList<Event> Run()
    {
        var closed = Do(new Command.CloseRun());
        if (closed.OfType<Event.RunClosed>().SingleOrDefault() is not { } run) return closed;
        var solution = AuctionSolver.Solve(run.Problem, new SolverBudget(10_000));
        var cleared = Do(new Command.ClearRun(run.Run, AuctionJson.WriteSolution(solution)));
        cleared[0].ShouldBeOfType<Event.RunCleared>();
        return cleared;
    }

    /// <summary>Closes a run and tells its problem.</summary>
    public AuctionProblem Closed() => Do(new Command.CloseRun()).OfType<Event.RunClosed>().ShouldHaveSingleItem().Problem;

    /// <summary>Clears the closed run with these fills, each at a price of its own for all of its slots.</summary>
    public IReadOnlyList<Event> Clear(params (string Bid, string Offer, int From, int To, int Gpus, decimal Price)[] fills)
    {
        var problem = Exchange.ClearingProblem!;
        var prices = problem.Markets.Select(_ => new long?[problem.Slots]).ToList();
        var welfare = 0L;
        foreach (var (bidId, offerId, from, to, gpus, price) in fills)
        {
            var (bid, offer) = (problem.Bids.Single(b => b.Id == bidId), problem.Offers.Single(o => o.Id == offerId));
            for (var slot = from; slot < to; slot++)
            {
                prices[offer.Market][slot] = Per(price).MicrosPerGpuHour;
                welfare += gpus * (bid.Limit - offer.ReserveAt(slot)) * problem.MinutesOf(slot);
            }
        }
        var solution = new AuctionSolution
        {
            Status = AuctionStatus.Feasible,
            Welfare = welfare / 60,
            Bound = welfare / 60,
            Prices = prices,
            Fills = [.. fills.Select(fill => new AuctionFill(fill.Bid, fill.Offer, fill.From, fill.To, fill.Gpus))],
            LeftOut = [],
            LeftOutOffers = [],
        };
        var events = Do(new Command.ClearRun(Exchange.ClearingRun, AuctionJson.WriteSolution(solution)));
        if (events is [Event.Refused refused]) throw new ShouldAssertException(refused.Message);
        return events;
    }

    public Holding Of(Guid participant) => Exchange.HoldingOf(participant)!;
}
