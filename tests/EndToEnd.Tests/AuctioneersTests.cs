using System.Diagnostics;
using System.Globalization;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>Two auctioneers, real processes, share the runs of an exchange; one is frozen and one is killed while it solves.</summary>
public sealed class AuctioneersTests(ITestOutputHelper output)
{
    private const int Racks = 10;
    private const int BlocksARun = 150;

    private static readonly string[] Buyers = ["ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_whose_auctioneer_freezes_or_dies_is_cleared_once_by_the_other()
    {
        await using var host = await RunningHost.Start(processes: true, auctioneers: 2);
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        var provider = await Open(story);
        using var auditor = host.Client(await story.Key("auditor"));

        // Frozen in the middle: the engine offers the run again, and the other one answers.
        var buyers = new List<ExchangeClient>();
        foreach (var name in Buyers) buyers.Add(await story.As(name));
        await Offer(story, provider, run: 1);
        await Bid(story, buyers, run: 1);
        var clearing = Clear(story, Story.Start.AddMinutes(30));
        var frozen = await TheOneThatSolves(host, clearing);
        Signal(frozen, "STOP");
        long first;
        string before;
        try
        {
            var began = TimeProvider.System.GetTimestamp();
            await clearing;
            output.WriteLine($"cleared {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s after one was frozen");
            first = (await Cleared(auditor)).ShouldHaveSingleItem(host.Logs());
            before = await StateOf(story);
        }
        finally
        {
            // A frozen process does not see that its exchange is gone.
            Signal(frozen, "CONT");
        }

        // It wakes and answers late: refused, and nothing changes.
        while (await Load(frozen) > 0.05) await Task.Delay(500, Cancel);
        (await StateOf(story)).ShouldBe(before);
        (await Cleared(auditor)).ShouldBe([first]);

        // Killed in the middle: its work goes to the other one.
        await Offer(story, provider, run: 2);
        await Bid(story, buyers, run: 2);
        clearing = Clear(story, Story.Start.AddMinutes(60));
        var killed = await TheOneThatSolves(host, clearing);
        Signal(killed, "KILL");
        var killing = TimeProvider.System.GetTimestamp();
        await clearing;
        output.WriteLine($"cleared {TimeProvider.System.GetElapsedTime(killing).TotalSeconds:0.0} s after one was killed");
        (await Cleared(auditor)).ShouldBe([first, first + 1]);

        host.Logs().ShouldNotContain("refused the solution");
        await story.EveryFactIsApplied();
        await story.BooksAreExact();
    }

    /// <summary>Moves the clock over a run, and waits for as long as it takes to clear.</summary>
    private static async Task Clear(Story story, DateTimeOffset to)
    {
        while (true)
        {
            try
            {
                await story.MoveClock(to);
                return;
            }
            catch (RpcException slow) when (slow.StatusCode == StatusCode.DeadlineExceeded)
            {
                // The exchange has not come to rest yet: the run still clears.
            }
        }
    }

    /// <summary>The auctioneer that is busy, as long as the run is not cleared.</summary>
    private static async Task<RunningProcess> TheOneThatSolves(RunningHost host, Task clearing)
    {
        var auctioneers = host.Processes.Where(process => process.Command.Contains("ComputeExchange.Auctioneer.dll", StringComparison.Ordinal)).ToList();
        auctioneers.Count.ShouldBe(2);
        while (true)
        {
            var loads = await Task.WhenAll(auctioneers.Select(Load));
            if (clearing.IsCompleted)
            {
                await clearing;
                Assert.Fail("The run was cleared before an auctioneer was seen to solve it: give it more to do.");
            }

            // The other one has nothing to do; how much the busy one gets depends on what else runs on this machine.
            var busy = Array.IndexOf(loads, loads.Max());
            if (loads[busy] > 0.15 && loads.Where((_, at) => at != busy).All(load => load < loads[busy] / 3)) return auctioneers[busy];
        }
    }

    /// <summary>How much of a processor a process takes, over half a second.</summary>
    private static async Task<double> Load(RunningProcess process)
    {
        var began = TimeProvider.System.GetTimestamp();
        var before = Used();
        await Task.Delay(500, Cancel);
        return (Used() - before) / TimeProvider.System.GetElapsedTime(began);

        TimeSpan Used()
        {
            using var running = Process.GetProcessById(process.Id);
            return running.TotalProcessorTime;
        }
    }

    private static void Signal(RunningProcess process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The runs that the engine's feed says were cleared with a solution, in its order.</summary>
    private static async Task<List<long>> Cleared(ExchangeClient auditor)
    {
        var cleared = new List<long>();
        using var feed = auditor.Engine.ReadFeed(new ReadFeedRequest { FromNumber = 1 }, cancellationToken: Cancel);
        while (await feed.ResponseStream.MoveNext(Cancel))
        {
            var page = feed.ResponseStream.Current;
            cleared.AddRange(page.Entries.Select(entry => entry.Event.RunCleared).Where(run => run is { SolutionJson.IsEmpty: false }).Select(run => run.RunId));
            if (page.Entries.Count > 0 && page.Entries[^1].Number == page.LastNumber) return cleared;
        }
        return cleared;
    }

    private static async Task<string> StateOf(Story story) =>
        (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).StateHash;

    /// <summary>A market, racks of eight, and buyers with money; returns the owner of the racks.</summary>
    private static async Task<ExchangeClient> Open(Story story)
    {
        await story.MoveClock(Story.Start);
        await story.Ask(() => story.Operator.Markets.DefineMarketAsync(new DefineMarketRequest
        {
            RequestId = Story.Id("market"), Market = new DefineMarket { Market = Story.Market, State = MarketState.Open },
        }, cancellationToken: Cancel).ResponseAsync);
        var settings = (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = 1_800;
        settings.SolverNodeCountMax = 1_000_000;
        settings.SolveAgainSeconds = 15;
        await story.Ask(() => story.Operator.Markets.ChangeSettingsAsync(
            new ChangeSettingsRequest { RequestId = Story.Id("settings"), Settings = settings }, cancellationToken: Cancel).ResponseAsync);
        await story.Admit("auditor", Role.Auditor);
        await story.Admit("rack owner", Role.Provider);
        foreach (var name in Buyers) await story.Admit(name, Role.Buyer);
        foreach (var name in (string[])["rack owner", .. Buyers])
            await story.Ask(() => story.Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Story.Id("deposit", name), ParticipantId = Story.Id("participant", name), AmountMicros = 200_000 * Money.MicrosPerDollar,
            }, cancellationToken: Cancel).ResponseAsync);
        var provider = await story.As("rack owner");
        for (var rack = 0; rack < 2 * Racks; rack++)
            await story.Ask(() => provider.Registry.RegisterNodeAsync(new RegisterNodeRequest
            {
                RequestId = Story.Id("register", rack), NodeId = Story.Id("node", rack), Name = $"rack {rack}", Market = Story.Market, GpuCount = 8, Location = "Virginia, US",
            }, cancellationToken: Cancel).ResponseAsync);
        await story.MoveClock(Story.Start);
        return provider;
    }

    /// <summary>Half of the racks, for a run of their own.</summary>
    private static async Task Offer(Story story, ExchangeClient provider, int run)
    {
        for (var rack = (run - 1) * Racks; rack < run * Racks; rack++)
        {
            var request = new PlaceOfferRequest
            {
                RequestId = Story.Id("offer", rack), NodeId = Story.Id("node", rack), GpuCount = 8, FromTime = Story.Start.AddHours(1).ToTimestamp(),
                ToTime = Story.Start.AddHours(70).ToTimestamp(), ReserveMicrosPerGpuHour = 1_000_000 + (rack % Racks * 37_000),
            };
            await story.Ask(() => provider.OrderBook.PlaceOfferAsync(request, cancellationToken: Cancel).ResponseAsync);
        }
    }

    /// <summary>Blocks that do not fit together well: so many GPUs for so many hours that choosing the best of them takes a while.</summary>
    private static async Task Bid(Story story, List<ExchangeClient> buyers, int run)
    {
        var random = new Random(run);
        for (var block = 0; block < BlocksARun; block++)
        {
            var (from, hours) = (random.Next(2, 48), random.Next(3, 14));
            var request = new PlaceBidRequest
            {
                RequestId = Story.Id("block", run, block), Kind = BidKind.Block, GpuCount = random.Next(5, 40), Markets = { Story.Market },
                FromTime = Story.Start.AddHours(from).ToTimestamp(), ToTime = Story.Start.AddHours(from + hours).ToTimestamp(),
                LimitMicrosPerGpuHour = 1_500_000 + (random.Next(1_000) * 1_000L), Confirm = true,
            };
            await story.Ask(() => buyers[block % buyers.Count].OrderBook.PlaceBidAsync(request, cancellationToken: Cancel).ResponseAsync);
        }
    }
}
