using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Solver;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Shouldly;
using BidKind = ComputeExchange.MatchingEngine.Core.BidKind;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>A small market to tell stories with: one market, one provider with a node of eight, two buyers with money.</summary>
internal sealed class Market
{
    public const string Name = "H100-SXM-80GB.us-east";

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Guid Provider = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000001");
    public static readonly Guid Node = Guid.Parse("aaaaaaaa-0000-7000-8000-000000000002");
    public static readonly Guid Ann = Guid.Parse("bbbbbbbb-0000-7000-8000-000000000001");
    public static readonly Guid Bob = Guid.Parse("bbbbbbbb-0000-7000-8000-000000000002");

    public Market(Exchange? exchange = null)
    {
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

    public IReadOnlyList<Event> Do(Command command) => Exchange.Apply(command, Now);

    public long Offer(int gpus = 8, int fromHour = 0, int hours = 24, decimal reserve = 2m, decimal? prompt = null, int leastRun = 1) =>
        Do(new Command.PlaceOffer(
            Provider, Node, gpus, Noon.AddHours(fromHour), Noon.AddHours(fromHour + hours), Per(reserve), Per(prompt ?? reserve), leastRun))
        .ShouldHaveSingleItem().ShouldBeOfType<Event.OfferPlaced>().Id;

    public Command.PlaceBid BidFor(Guid buyer, int gpus, int fromHour, int hours, decimal limit, bool block = false) => new(
        buyer, block ? BidKind.Block : BidKind.Divisible, [Name], gpus, Noon.AddHours(fromHour), Noon.AddHours(fromHour + hours),
        block ? hours : 0, Per(limit));

    public long Bid(Guid buyer, int gpus, int fromHour, int hours, decimal limit, bool block = false) =>
        Do(BidFor(buyer, gpus, fromHour, hours, limit, block)).ShouldHaveSingleItem().ShouldBeOfType<Event.BidPlaced>().Id;

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

    public Holding Of(Guid participant) => Exchange.HoldingOf(participant)!;
}
