using System.Security.Cryptography;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Tests.Auctions;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;
using Google.Protobuf;
using Shouldly;
using Xunit;
using BidKind = ComputeExchange.MatchingEngine.Core.BidKind;

namespace ComputeExchange.MatchingEngine.Tests.Rules;

/// <summary>Histories that were told under earlier rules cause today what they caused then, byte for byte.</summary>
/// <remarks>The hashes were taken with the engine that knew those rules as its newest. They never change; a rule that changes gets a version.</remarks>
public class OldHistoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Markets = ["A.x", "B.x"];
    private static readonly Guid[] Buyers = [.. Enumerable.Range(1, 3).Select(i => DerivedId.From("buyer", i))];
    private static readonly Guid Provider = DerivedId.From("provider");
    private static readonly Guid[] Nodes = [.. Enumerable.Range(1, 2).Select(i => DerivedId.From("node", i))];

    [Theory]
    [InlineData("1", "d452b4cd0d76a1e5abb5f79b8041d2997d61659ce813ff234b227028f62027fa")]
    [InlineData("2", "f22d02aea3d30bf842028ae71be523215030510d82741602f86022c6662b5a42")]
    [InlineData("3", "853b22b792c03e56a214252818d8d596f8ff6c874a0b3f963d16a735dfae89e7")]
    [InlineData("4", "853b22b792c03e56a214252818d8d596f8ff6c874a0b3f963d16a735dfae89e7")]
    public void A_long_history_told_under_earlier_rules_causes_what_it_caused(string version, string hash)
    {
        var told = Play(version, out var kinds);
        kinds.Keys.ShouldBe(
            ["SettingsChanged", "MarketDefined", "ParticipantSet", "CollateralCredited", "NodeSet", "OfferPlaced", "BidPlaced", "RunClosed", "RunCleared", "LeaseSold", "BlockSold",
                "BidClosed", "OfferClosed", "CancelPending", "RunReopened", "BondSettled", "CollateralDebited", "Refused"], ignoreOrder: true);
        kinds["LeaseSold"].ShouldBeGreaterThan(50);
        told.ShouldBe(hash);
    }

    [Theory]
    [InlineData("4", "06cbbe92d33d27ad67e1a52c5becda6c5f919569d13db73d4dcdafc9079b041e")]
    public void So_does_one_with_standing_bids_resales_families_and_own_fees(string version, string hash)
    {
        var told = Play(version, out var kinds, wide: true);
        foreach (var kind in (string[])["StandingInterrupted", "StandingResumed", "FeesSet", "BlockSold", "Resold"]) kinds.Keys.ShouldContain(kind);
        kinds["LeaseSold"].ShouldBeGreaterThan(50);
        told.ShouldBe(hash);
    }

    private static string Play(string version, out Dictionary<string, int> kinds, bool wide = false)
    {
        var (exchange, random, now) = (new Exchange(), new Random(Seed: 4711), Noon);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var counts = new Dictionary<string, int>();
        var leases = new List<Event.LeaseSold>();
        IReadOnlyList<Event> Do(Command command)
        {
            var events = exchange.Apply(command, now, version);
            foreach (var happened in events)
            {
                var kind = happened is Event.LeaseSold { ResoldFrom: > 0 } ? "Resold" : happened is Event.LeaseSold { Slots.Count: > 1 } ? "BlockSold" : happened.GetType().Name;
                if (happened is Event.LeaseSold sold) leases.Add(sold);
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
                hash.AppendData(Wire.ToProto(happened, Nodes[0]).ToByteArray());
            }
            return events;
        }

        Do(new Command.ChangeSettings(Settings.Default with { HorizonSlots = 24, GateMinutes = 15 }));
        foreach (var market in Markets) Do(new Command.DefineMarket(market, Open: true));
        Do(new Command.SetParticipant(Provider, MayBuy: false, MaySell: true, Active: true));
        foreach (var buyer in Buyers) Do(new Command.SetParticipant(buyer, MayBuy: true, MaySell: false, Active: true));
        foreach (var id in (Guid[])[Provider, .. Buyers]) Do(new Command.CreditCollateral(id, Dollars(wide ? 20_000 : 2_000), "deposit"));
        for (var i = 0; i < Nodes.Length; i++) Do(new Command.SetNode(Nodes[i], Provider, Markets[i], 16));

        for (var step = 0; step < (wide ? 4_000 : 1_500); step++)
        {
            if (random.Next(6) == 0) now = now.AddMinutes(random.Next(1, 25));
            var hour = (int)(now - Noon).TotalHours + random.Next(-1, 10);
            var buyer = Buyers[random.Next(Buyers.Length)];
            switch (random.Next(wide ? 18 : 12))
            {
                case 0 or 1:
                    Do(new Command.PlaceOffer(
                        Provider, Nodes[random.Next(2)], random.Next(0, 9), At(hour), At(hour + random.Next(0, 12)), Per(random.Next(8, 25)), Per(random.Next(0, 9)),
                        random.Next(8) == 0 ? 2 : 1));
                    break;
                case 2 or 3 or 4:
                    Do(new Command.PlaceBid(buyer, BidKind.Divisible, [Markets[0]], random.Next(0, 12), At(hour), At(hour + random.Next(0, 8)), 0, Per(random.Next(5, 40))));
                    break;
                case 5 or 6:
                    var run = random.Next(1, 6);
                    Do(new Command.PlaceBid(
                        buyer, BidKind.Block, random.Next(9) == 0 ? Markets : [Markets[1]], random.Next(1, 9), At(hour), At(hour + run), random.Next(9) == 0 ? run + 1 : run, Per(random.Next(10, 40))));
                    break;
                case 7:
                    Do(random.Next(2) == 0 ? new Command.CancelBid(buyer, random.Next(1, 400)) : new Command.CancelOffer(Provider, random.Next(1, 150)));
                    break;
                case 8:
                    Do(new Command.SettleBond(random.Next(1, 100), random.Next(0, 3), new Money(random.Next(0, 400_000))));
                    break;
                case 9:
                    Do(random.Next(3) switch
                    {
                        0 => new Command.DebitCollateral(buyer, Dollars(random.Next(0, 500)), "out"),
                        1 => new Command.CreditCollateral(buyer, Dollars(random.Next(0, 500)), "in"),
                        _ => new Command.SetNode(Nodes[random.Next(2)], Provider, Markets[random.Next(2)], random.Next(5) == 0 ? 0 : 16),
                    });
                    break;
                case 12 or 13:
                    Do(new Command.PlaceBid(
                        buyer, BidKind.Standing, [Markets[0]], random.Next(1, 6), At(hour), random.Next(2) == 0 ? Command.PlaceBid.NoEnd : At(hour + 9), 0, Per(random.Next(10, 40))));
                    break;
                case 14:
                    if (leases.Count == 0) break;
                    var lease = leases[random.Next(Math.Max(0, leases.Count - 20), leases.Count)];
                    Do(new Command.PlaceOffer(lease.Buyer, Guid.Empty, random.Next(1, 4), lease.Slots[0].From, lease.Slots[0].To, Per(random.Next(0, 9)), Per(0), 1) { Lease = lease.Lease });
                    break;
                case 15:
                    Do(new Command.PlaceBid(buyer, BidKind.Block, [Markets[1]], random.Next(1, 9), At(hour), At(hour + 2), 2, Per(random.Next(10, 40)))
                    {
                        Group = random.Next(2) == 0 ? "night" : "", Parent = random.Next(3) == 0 ? random.Next(1, 900) : 0, NodeGpus = random.Next(3) == 0 ? 2 : 0,
                    });
                    break;
                case 16:
                    Do(new Command.SetFees(buyer, random.Next(2) == 0 ? null : random.Next(0, 5_000), null));
                    break;
                default:
                    Do(new Command.CloseRun());
                    if (exchange.ClearingRun is var closed && closed == 0) break;
                    if (random.Next(4) == 0) Do(new Command.CancelBid(buyer, random.Next(1, 400)));
                    if (random.Next(4) == 0) Do(new Command.CancelOffer(Provider, random.Next(1, 150)));
                    if (random.Next(9) == 0 || Do(new Command.ClearRun(closed, Answer(exchange.ClearingProblem!))) is [Event.Refused]) Do(new Command.ReopenRun(closed));
                    break;
            }
        }
        kinds = counts;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>An answer that needs no solver: the first market by merit order, and in the second one block at most.</summary>
    private static byte[] Answer(AuctionProblem problem)
    {
        var answer = MeritOrder.Clear(problem);
        var prices = answer.Prices.Select(row => row.ToArray()).ToArray();
        var fills = answer.Fills.ToList();
        foreach (var block in problem.Bids.Where(bid => bid.Kind == Values.Auctions.BidKind.Block))
        {
            var offer = problem.Offers
                .Where(offer => offer.Market == block.Markets[0] && offer.From <= block.From && offer.To >= block.To && offer.Gpus >= block.Gpus && offer.MinRun <= block.Run)
                .Where(offer => Enumerable.Range(block.From, block.Run).All(slot => offer.ReserveAt(slot) <= block.Limit))
                .MinBy(offer => offer.ReserveAt(block.From));
            if (offer is null) continue;
            for (var slot = block.From; slot < block.To; slot++) prices[offer.Market][slot] = offer.ReserveAt(slot);
            fills.Add(new AuctionFill(block.Id, offer.Id, block.From, block.To, block.Gpus));
            break;
        }
        var welfare = AuctionScenario.WelfareOf(problem, fills);
        return AuctionJson.WriteSolution(answer with
        {
            Status = fills.Count == 0 ? AuctionStatus.Empty : AuctionStatus.Feasible, Welfare = welfare, Bound = welfare, Prices = prices, Fills = fills,
            LeftOut = [.. problem.Bids.Where(bid => bid.Kind == Values.Auctions.BidKind.Block && !fills.Any(fill => fill.Bid == bid.Id) && InTheMoney(problem, bid, prices)).Select(bid => bid.Id)],
        });
    }

    private static bool InTheMoney(AuctionProblem problem, AuctionBid block, long?[][] prices)
    {
        var below = 0L;
        for (var slot = block.From; slot < block.To; slot++)
        {
            if (prices[block.Markets[0]][slot] is not { } price) return false;
            below += (block.Limit - price) * problem.MinutesOf(slot);
        }
        return below > 0;
    }

    private static DateTimeOffset At(int hour) => Noon.AddHours(hour);

    private static Money Dollars(int dollars) => new(dollars * Money.MicrosPerDollar);

    private static Price Per(int dimes) => new(dimes * Money.MicrosPerDollar / 10);
}
