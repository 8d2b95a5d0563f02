using BenchmarkDotNet.Attributes;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.Values;

namespace ComputeExchange.Benchmarks;

/// <summary>The engine's rules in memory: a bid that is checked, reserved and taken back.</summary>
[MemoryDiagnoser]
public class EngineBenchmarks
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Buyer = DerivedId.From("buyer");

    private Exchange _exchange = null!;
    private long _last;

    /// <summary>Bids that rest in the book meanwhile.</summary>
    [Params(100, 10_000)]
    public int OpenBids { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _exchange = new Exchange();
        _exchange.Apply(new Command.ChangeSettings(Settings.Default with { MostOpenBids = 1_000_000 }), Noon);
        _exchange.Apply(new Command.DefineMarket("A.b", Open: true), Noon);
        _exchange.Apply(new Command.SetParticipant(Buyer, MayBuy: true, MaySell: false, Active: true), Noon);
        _exchange.Apply(new Command.CreditCollateral(Buyer, new Money(1_000_000_000_000_000), "all the money"), Noon);
        for (var i = 0; i < OpenBids; i++) _last = Place();
    }

    [Benchmark]
    public int Place_and_cancel() => _exchange.Apply(new Command.CancelBid(Buyer, Place()), Noon).Count;

    private long Place()
    {
        var events = _exchange.Apply(
            new Command.PlaceBid(Buyer, BidKind.Divisible, ["A.b"], 4, Noon.AddHours(2), Noon.AddHours(5), 0, new Price(2_000_000)), Noon);
        return ((Event.BidPlaced)events[0]).Id;
    }
}
