using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>Every service a process of its own, RabbitMQ between them. The story was told while each of them was killed; each test leaves the exchange running.</summary>
public class ProcessesTests(KilledInTurn exchange) : IClassFixture<KilledInTurn>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_story_ends_as_it_should_although_every_service_the_broker_and_the_database_were_killed_in_turn()
    {
        exchange.Killed.Count.ShouldBe(KilledInTurn.Victims.Count);
        await exchange.Story.EveryFactIsApplied();
        await exchange.Story.BooksAreExact();
    }

    [Fact]
    public async Task A_broker_that_loses_everything_while_bids_flow_costs_no_fact()
    {
        var story = exchange.Story;
        var now = (await story.Ask(() => story.Operator.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: Cancel).ResponseAsync)).ClockTime.ToDateTimeOffset();
        await story.Admit("night owner", Role.Provider);
        await story.Admit("night trainer", Role.Buyer);
        foreach (var name in (string[])["night owner", "night trainer"])
            await story.Ask(() => story.Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Story.Id("deposit", name), ParticipantId = Story.Id("participant", name), AmountMicros = 9_000 * Money.MicrosPerDollar,
            }, cancellationToken: Cancel).ResponseAsync);
        var provider = await story.As("night owner");
        var buyer = await story.As("night trainer");
        await story.Ask(() => provider.Registry.RegisterNodeAsync(new RegisterNodeRequest
        {
            RequestId = Story.Id("register", "night"), NodeId = Story.Id("node", "night"), Name = "rack 2", Market = Story.Market, GpuCount = 8, Location = "Virginia, US",
        }, cancellationToken: Cancel).ResponseAsync);
        await story.MoveClock(now.AddMinutes(1));
        await story.Ask(() => provider.OrderBook.PlaceOfferAsync(new PlaceOfferRequest
        {
            RequestId = Story.Id("offer", "night"), NodeId = Story.Id("node", "night"), GpuCount = 8,
            FromTime = now.AddHours(2).ToTimestamp(), ToTime = now.AddHours(8).ToTimestamp(), ReserveMicrosPerGpuHour = 2_000_000,
        }, cancellationToken: Cancel).ResponseAsync);

        // Bids flow without a pause, a run clears; the broker's data go, and the broker dies; another run clears.
        using var enough = new CancellationTokenSource();
        var flow = Task.WhenAll(Enumerable.Range(0, 2).Select(stream => PlaceBids(story, buyer, stream, now, enough.Token)));
        await story.MoveClock(now.AddMinutes(31));
        Directory.Move(Path.Combine(exchange.Host.Folder, "rabbitmq", "mnesia"), Path.Combine(exchange.Host.Folder, "rabbitmq", "lost"));
        await exchange.Kill("beam.smp");
        await story.MoveClock(now.AddMinutes(61));
        await story.MoveClock(now.AddMinutes(91));
        await enough.CancelAsync();
        var placed = (await flow).SelectMany(ids => ids).ToList();
        await story.MoveClock(now.AddHours(30));
        await story.EveryFactIsApplied();
        await story.BooksAreExact();
        Directory.Exists(Path.Combine(exchange.Host.Folder, "rabbitmq", "mnesia")).ShouldBeTrue();

        // Every bid is there once, and every trade became one lease, metered to its end.
        var bids = await Pages<Bid>(async page =>
        {
            var answer = await story.Ask(() => buyer.OrderBook.ListBidsAsync(new ListBidsRequest { PageSize = 500, PageToken = page }, cancellationToken: Cancel).ResponseAsync);
            return (answer.Bids, answer.NextPageToken);
        });
        placed.Count.ShouldBeGreaterThan(50);
        bids.Select(bid => bid.BidId).Order().ShouldBe(placed.Order());
        var trades = await Pages<Trade>(async page =>
        {
            var answer = await story.Ask(() => buyer.OrderBook.ListTradesAsync(new ListTradesRequest { Mine = true, PageSize = 500, PageToken = page }, cancellationToken: Cancel).ResponseAsync);
            return (answer.Trades, answer.NextPageToken);
        });
        var leases = await Pages<Lease>(async page =>
        {
            var answer = await story.Ask(() => buyer.Registry.ListLeasesAsync(new ListLeasesRequest { PageSize = 500, PageToken = page }, cancellationToken: Cancel).ResponseAsync);
            return (answer.Leases, answer.NextPageToken);
        });
        trades.Count.ShouldBeGreaterThan(5);
        leases.Count.ShouldBe(trades.Count);
        leases.SelectMany(lease => lease.Meters).ShouldAllBe(meter => meter.Metered);

        // Nobody reported an hour, so every one was paid back, once, with a tenth of its price from the bond.
        var account = await story.Ask(() => buyer.Settlement.GetAccountAsync(new GetAccountRequest(), cancellationToken: Cancel).ResponseAsync);
        (account.EscrowMicros, account.ReservedMicros).ShouldBe((0, 0));
        account.FreeMicros.ShouldBe((9_000 * Money.MicrosPerDollar) + trades.Sum(trade => trade.MeanPriceMicrosPerGpuHour / 10));
    }

    [Fact]
    public async Task A_program_asked_whether_it_is_healthy_answers_for_the_one_that_runs_with_its_settings()
    {
        (await AskForHealth(exchange.Host.Addresses.Of(ServiceNames.Pricing))).ShouldBe(0);
        (await AskForHealth(new Uri($"http://127.0.0.1:{Checkout.FreePorts(1)}"))).ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_outlives_a_killed_supervisor_and_what_it_leaves_goes_on_in_one_process_and_in_many()
    {
        var (host, story) = (exchange.Host, exchange.Story);
        await story.EveryFactIsApplied();
        var before = await StateOf(story.Operator);
        var all = host.Processes;
        all.Count(process => process.Command.Contains("ComputeExchange.", StringComparison.Ordinal)).ShouldBeGreaterThan(KilledInTurn.Services.Count);

        await host.KillHard();
        for (var i = 0; i < 300 && all.Any(process => process.Lives); i++) await Task.Delay(50, Cancel);
        all.Where(process => process.Lives).ShouldBeEmpty();

        await host.StartAgain();
        using var together = new Story(host.Addresses, host.OperatorKey, Cancel);
        (await StateOf(together.Operator)).ShouldBe(before);
        await together.BooksAreExact();
        (await host.Stop()).ExitCode.ShouldBe(0);

        await host.StartAgain(processes: true);
        (await StateOf(story.Operator)).ShouldBe(before);
        await story.BooksAreExact();
        var again = host.Processes;
        var (code, printed) = await host.Stop();
        code.ShouldBe(0);
        printed.ShouldContain("Stopped. Everything is kept.");
        again.Where(process => process.Lives).ShouldBeEmpty();
        await host.StartAgain(processes: true);
    }

    private async Task<int> AskForHealth(Uri listen)
    {
        using var program = Checkout.Start(Checkout.Program("Pricing", "ComputeExchange.Pricing"), ["--healthcheck"], new Dictionary<string, string>
        {
            ["Exchange__Listen"] = listen.ToString(),
            ["Exchange__ServiceKeyFile"] = Path.Combine(exchange.Host.Folder, "service-token.key"),
            ["Exchange__DatabaseFile"] = Path.Combine(exchange.Host.Folder, "secrets", "database"),
            ["Exchange__RabbitMqFile"] = Path.Combine(exchange.Host.Folder, "secrets", "rabbitmq"),
        });
        return await program.Exit(TimeSpan.FromMinutes(1));
    }

    private static Task<string> StateOf(ExchangeClient client) => Patience.Ask(
        async () => (await client.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel)).StateHash, TimeSpan.FromSeconds(30), Cancel);

    /// <summary>Places one bid after the other for one GPU and one hour; returns those that were acknowledged.</summary>
    private static async Task<List<long>> PlaceBids(Story story, ExchangeClient buyer, int stream, DateTimeOffset now, CancellationToken enough)
    {
        var placed = new List<long>();
        for (var i = 0; i < 400 && !enough.IsCancellationRequested; i++)
        {
            var request = new PlaceBidRequest
            {
                RequestId = Story.Id("night", stream, i), Kind = BidKind.Divisible, GpuCount = 1, LimitMicrosPerGpuHour = 2_500_000, Confirm = true,
                FromTime = now.AddHours(3 + (i % 4)).ToTimestamp(), ToTime = now.AddHours(4 + (i % 4)).ToTimestamp(),
            };
            request.Markets.Add(Story.Market);
            placed.Add((await story.Ask(() => buyer.OrderBook.PlaceBidAsync(request, cancellationToken: Cancel).ResponseAsync)).Bid.BidId);
            await Task.Delay(20, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return placed;
    }

    private static async Task<List<T>> Pages<T>(Func<string, Task<(IEnumerable<T> Page, string Next)>> read)
    {
        var all = new List<T>();
        for (var page = ""; ;)
        {
            var (found, next) = await read(page);
            all.AddRange(found);
            if ((page = next) == "") return all;
        }
    }
}
