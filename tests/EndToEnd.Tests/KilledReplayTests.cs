using System.Text.Json;
using ComputeExchange.Client;
using ComputeExchange.OrderBook.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

public class KilledReplayTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replay_whose_exchange_is_killed_again_and_again_ends_with_the_same_trades_and_exact_books()
    {
        var undisturbed = await Replay(kills: 0, new Random(1));
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var killed = await Replay(kills: 4, new Random(seed));

        killed.Trades.Count.ShouldBeGreaterThan(20);
        killed.Trades.ShouldBe(undisturbed.Trades);
        killed.Bids.ShouldBe(undisturbed.Bids);
    }

    private async Task<(List<string> Trades, List<string> Bids)> Replay(int kills, Random random)
    {
        await using var host = await RunningHost.Start();
        var scenario = Path.Combine(Checkout.Root, "deploy", "scenario");
        using var replay = Checkout.Start(
            Checkout.Program("Cli", "cx"),
            [
                "replay", "--offers", Path.Combine(scenario, "offers.csv"), "--requests", Path.Combine(scenario, "requests.csv"),
                "--tokens-per-gpu", Path.Combine(scenario, "tokens_per_gpu.csv"), "--token-prices", Path.Combine(scenario, "token_prices.csv"),
                "--model", "llama3.1-8b", "--days", "1", "--seed", "7", "--json",
            ],
            new Dictionary<string, string> { ["CX_DATA"] = host.Folder, ["CX_ADDRESS"] = $"http://127.0.0.1:{host.Port}" });

        var killed = 0;
        while (!replay.HasExited && killed < kills)
        {
            await Task.Delay(random.Next(300, 2_500), Cancel);
            if (replay.HasExited) break;
            await host.KillHard();
            killed++;
            await host.StartAgain();
        }
        (await replay.Exit(TimeSpan.FromMinutes(4))).ShouldBe(0, replay.Printed);
        output.WriteLine($"killed {killed} times");
        if (kills > 0) killed.ShouldBeGreaterThan(1);

        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        await story.BooksAreExact();
        var trades = new List<string>();
        for (var page = ""; ;)
        {
            var answer = await story.Operator.OrderBook.ListTradesAsync(new ListTradesRequest { PageSize = 500, PageToken = page }, cancellationToken: Cancel);
            trades.AddRange(answer.Trades.Select(trade => JsonSerializer.Serialize(trade.ToString())));
            if ((page = answer.NextPageToken) == "") break;
        }
        var bids = new List<string>();
        for (var page = ""; ;)
        {
            var answer = await story.Operator.OrderBook.ListBidsAsync(new ListBidsRequest { PageSize = 500, PageToken = page }, cancellationToken: Cancel);
            bids.AddRange(answer.Bids.Select(bid => bid.ToString()));
            if ((page = answer.NextPageToken) == "") break;
        }
        return (trades, bids);
    }
}
