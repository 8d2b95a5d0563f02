using System.Globalization;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;
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

/// <summary>What a collector sees of the exchange while a bid becomes a lease and the lease a payout.</summary>
[Trait("Pace", "any")]
public sealed class TracingTests : IAsyncLifetime
{
    /// <summary>The trace and the span of the buyer's own program.</summary>
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string BuyersSpan = "00f067aa0ba902b7";

    private readonly string _folder = Directory.CreateTempSubdirectory("cx-traced-").FullName;
    private readonly int _port = Checkout.FreePorts();
    private TracingReceiver _collector = null!;
    private RunningProgram? _host;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _collector = await TracingReceiver.Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is { HasExited: false }) await _host.KillHard();
        _host?.Dispose();
        await _collector.DisposeAsync();
        var postgres = await PrivatePostgres.Start(Path.Combine(_folder, "postgres"), CancellationToken.None);
        await postgres.Stop("immediate");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task One_trace_leads_from_the_buyers_own_span_over_a_restart_to_the_payout_and_every_promise_is_measured()
    {
        await StartHost();
        using var story = new Story(new ExchangeAddresses(Address), (await File.ReadAllTextAsync(Path.Combine(_folder, "keys", "operator"), Cancel)).Trim(), Cancel);
        var provider = await PlaceOfferAndBid(story);

        // The bid waits for its run while the exchange is stopped and started again; its trace stands in the journal.
        (await _host!.Interrupt(TimeSpan.FromSeconds(40))).ShouldBe(0);
        await StartHost();
        await ClearDeliverAndPay(story, provider);
        await Until(() => Of(Trace).Any(span => span.Name == "payout"), "the payout is in the trace");

        TheTraceIsWhole();
        TheRunHasATraceOfItsOwn();
        await ThePayoutHasATraceOfItsOwnThatLinksToTheLease();
        await Until(() => Missing().Count == 0, () => $"these metrics arrive: {string.Join(", ", Missing())}");
        Last("cx.settlement.breaks").Values.ShouldAllBe(breaks => breaks == 0);
        Last("cx.matching_engine.serving").Values.ShouldAllBe(serving => serving == 1);
    }

    private void TheTraceIsWhole()
    {
        var trace = Of(Trace);
        (string Service, string Name)[] expected =
        [
            ("order_book", "computeexchange.orderbook.v1.OrderBookService/PlaceBid"),
            ("matching_engine", "computeexchange.matchingengine.v1.EngineService/Submit"),
            ("matching_engine", "command PlaceBid"),
            ("order_book", "feed BidPlaced"),
            ("matching_engine", "sell lease"),
            ("order_book", "feed LeaseSold"),
            ("settlement", "feed LeaseSold"),
            ("settlement", "tell Settlement.V1.CapacityPaid"),
            ("provider_registry", "hear Settlement.V1.CapacityPaid"),
            ("provider_registry", "start lease"),
            ("provider_registry", "meter lease"),
            ("provider_registry", "end lease"),
            ("settlement", "hear ProviderRegistry.V1.LeaseMetered"),
            ("settlement", "release escrow"),
            ("settlement", "payout"),
        ];
        expected.Except(trace.Select(span => (span.Service, span.Name))).ShouldBeEmpty(Tree(trace));
        trace.Single(span => span.Name.EndsWith("/PlaceBid", StringComparison.Ordinal) && span.ParentId == BuyersSpan).Service.ShouldBe("order_book");
        Orphans(trace, BuyersSpan).ShouldBeEmpty(Tree(trace));
        trace.Select(span => span.SpanId).ShouldBeUnique();

        // Two hours of the lease were delivered whole and one half: three meters, three releases, one end.
        trace.Count(span => span.Name == "release escrow").ShouldBe(3);
        trace.Count(span => span.Name == "end lease").ShouldBe(1);
    }

    private void TheRunHasATraceOfItsOwn()
    {
        var (run, clearing) = Of(Trace).Single(span => span.Name == "sell lease").Links.ShouldHaveSingleItem();
        run.ShouldNotBe(Trace);
        var spans = Of(run);
        foreach (var part in (string[])["command CloseRun", "offer run", "solve auction", "command ClearRun", "verify and clear", "feed RunCleared"])
            spans.ShouldContain(span => span.Name == part, Tree(spans));
        spans.ShouldContain(span => span.SpanId == clearing);
        spans.Single(span => span.Name == "solve auction").Service.ShouldBe("auctioneer");
        spans.Single(span => span.ParentId == "").Name.ShouldBe("command CloseRun");
        Orphans(spans, "").ShouldBeEmpty(Tree(spans));
    }

    private async Task ThePayoutHasATraceOfItsOwnThatLinksToTheLease()
    {
        var payout = _collector.Spans.Single(span => span.Name == "pay out");
        payout.ParentId.ShouldBe("");
        payout.Links.ShouldHaveSingleItem().TraceId.ShouldBe(Trace);
        Of(Trace).Single(span => span.Name == "payout").Links.ShouldHaveSingleItem().ShouldBe((payout.TraceId, payout.SpanId));

        // Each service tells its spans when it gets round to it: what hears the payout may be told after it.
        await Until(() => Of(payout.TraceId).Any(span => span.Service == "participants" && span.Name == "hear Settlement.V1.PayoutMade"),
            "that the payout was heard is in its trace");
    }

    /// <summary>Returns the provider, for what follows.</summary>
    private async Task<ExchangeClient> PlaceOfferAndBid(Story story)
    {
        await story.MoveClock(Story.Start);
        await story.Ask(() => story.Operator.Markets.DefineMarketAsync(new DefineMarketRequest
        {
            RequestId = Story.Id("market"), Market = new DefineMarket { Market = Story.Market, State = MarketState.Open },
        }, cancellationToken: Cancel).ResponseAsync);
        await RunEvery(1_800, story);
        await story.Admit("rack owner", Role.Provider);
        await story.Admit("trainer", Role.Buyer);
        foreach (var name in (string[])["rack owner", "trainer"])
            await story.Ask(() => story.Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Story.Id("deposit", name), ParticipantId = Story.Id("participant", name), AmountMicros = 500 * Money.MicrosPerDollar,
            }, cancellationToken: Cancel).ResponseAsync);
        var provider = await story.As("rack owner");
        var buyer = await story.As("trainer");
        await story.Ask(() => provider.Registry.RegisterNodeAsync(new RegisterNodeRequest
        {
            RequestId = Story.Id("register"), NodeId = Story.Id("node"), Name = "rack 1", Market = Story.Market, GpuCount = 8, Location = "Virginia, US",
        }, cancellationToken: Cancel).ResponseAsync);
        await story.MoveClock(Story.Start);
        await story.Ask(() => provider.OrderBook.PlaceOfferAsync(new PlaceOfferRequest
        {
            RequestId = Story.Id("offer"), NodeId = Story.Id("node"), GpuCount = 8, FromTime = Story.Start.ToTimestamp(),
            ToTime = Story.Start.AddHours(24).ToTimestamp(), ReserveMicrosPerGpuHour = 2_000_000,
        }, cancellationToken: Cancel).ResponseAsync);

        var headers = new Metadata { { "traceparent", $"00-{Trace}-{BuyersSpan}-01" } };
        await story.Ask(() => buyer.OrderBook.PlaceBidAsync(Story.TheBid(), headers, cancellationToken: Cancel).ResponseAsync);

        // An answer that is not a mistake of the exchange: it is measured all the same.
        await Should.ThrowAsync<RpcException>(async () => await buyer.OrderBook.PlaceBidAsync(new PlaceBidRequest(), cancellationToken: Cancel));
        using var nobody = new ExchangeClient(new ExchangeAddresses(Address), "gpx_sim_nobody");
        await Should.ThrowAsync<RpcException>(async () => await nobody.OrderBook.PlaceBidAsync(Story.TheBid(), cancellationToken: Cancel));
        return provider;
    }

    private static async Task ClearDeliverAndPay(Story story, ExchangeClient provider)
    {
        // One run fills the bid; the day after it needs no more than one.
        await story.MoveClock(Story.Start.AddMinutes(30));
        await RunEvery(86_400, story);
        await story.MoveClock(Story.Start.AddHours(1));
        var lease = (await story.Ask(() => provider.Registry.ListLeasesAsync(new ListLeasesRequest(), cancellationToken: Cancel).ResponseAsync)).Leases.ShouldHaveSingleItem();
        foreach (var meter in lease.Meters)
        {
            await story.MoveClock(meter.ToTime.ToDateTimeOffset());
            await story.Ask(() => provider.Registry.ReportMeterAsync(new ReportMeterRequest
            {
                LeaseId = lease.LeaseId,
                SlotIndex = meter.SlotIndex,
                DeliveredGpuSeconds = meter.SlotIndex == 2 ? meter.SoldGpuSeconds / 2 : meter.SoldGpuSeconds,
            }, cancellationToken: Cancel).ResponseAsync);
        }
        await story.MoveClock(Story.Start.AddHours(26));
        await story.BooksAreExact();
    }

    private static async Task RunEvery(int seconds, Story story)
    {
        var settings = (await story.Ask(() => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = seconds;
        await story.Ask(() => story.Operator.Markets.ChangeSettingsAsync(
            new ChangeSettingsRequest { RequestId = Story.Id("run every", seconds), Settings = settings }, cancellationToken: Cancel).ResponseAsync);
    }

    /// <summary>What should have arrived by now, at least once and under this name.</summary>
    private List<string> Missing()
    {
        var arrived = _collector.Points.Keys.Select(point => point.Metric).ToHashSet();
        string[] promised =
        [
            "cx.matching_engine.commands", "cx.matching_engine.acknowledgement", "cx.matching_engine.group_size", "cx.matching_engine.commit",
            "cx.matching_engine.epoch", "cx.matching_engine.serving", "cx.matching_engine.halted", "cx.matching_engine.stand_downs",
            "cx.matching_engine.unknown_outcomes", "cx.matching_engine.sequence", "cx.matching_engine.feed_number", "cx.matching_engine.runs",
            "cx.matching_engine.runs_offered", "cx.matching_engine.run_gap", "cx.matching_engine.left_out", "cx.matching_engine.leases_sold",
            "cx.auctioneer.solve", "cx.auctioneer.solutions",
            "cx.facts.told", "cx.facts.applied", "cx.facts.lag", "cx.facts.last_number", "cx.facts.published_number", "cx.facts.applied_number",
            "cx.facts.commands_sent", "cx.clock.time",
            "cx.provider_registry.leases", "cx.provider_registry.gpu_time_sold", "cx.provider_registry.gpu_time_delivered",
            "cx.settlement.transfers", "cx.settlement.checks", "cx.settlement.breaks", "cx.settlement.checked_time",
            "cx.settlement.escrow_micros", "cx.settlement.open_leases_micros", "cx.settlement.payouts", "cx.settlement.paid_out_micros",
            "cx.doors.answered", "cx.doors.duration", "cx.access.denied", "cx.jobs.runs", "cx.jobs.lateness", "cx.participants.audit_rows",
            "dotnet.process.memory.working_set", "db.client.connection.count",
        ];
        return [.. promised.Where(metric => !arrived.Contains(metric))];
    }

    private Dictionary<ReceivedPoint, long> Last(string metric) =>
        _collector.Points.Where(point => point.Key.Metric == metric).ToDictionary(point => point.Key, point => point.Value);

    private List<ReceivedSpan> Of(string trace) => [.. _collector.Spans.Where(span => span.TraceId == trace)];

    private static List<ReceivedSpan> Orphans(List<ReceivedSpan> trace, string from)
    {
        var known = trace.Select(span => span.SpanId).Append(from).ToHashSet();
        return [.. trace.Where(span => !known.Contains(span.ParentId))];
    }

    private static string Tree(List<ReceivedSpan> trace) => string.Join('\n', trace);

    private Uri Address => new($"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}");

    private async Task StartHost()
    {
        _host?.Dispose();
        _host = Checkout.Start(
            Checkout.Program("Host", "ComputeExchange.Host"),
            [
                "--data", _folder, "--port", _port.ToString(CultureInfo.InvariantCulture), "--clock", "simulated",
                "--telemetry", $"http://127.0.0.1:{_collector.Port.ToString(CultureInfo.InvariantCulture)}",
            ],
            new Dictionary<string, string> { ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000", ["OTEL_BSP_SCHEDULE_DELAY"] = "200" });
        await Until(
            () => _host.Printed.Contains("listens on", StringComparison.Ordinal) || _host.HasExited,
            () => $"the exchange starts; it printed:\n{_host.Printed}", TimeSpan.FromSeconds(180));
        _host.HasExited.ShouldBeFalse(_host.Printed);
    }

    private static Task Until(Func<bool> isSo, string what) => Until(isSo, () => what);

    private static async Task Until(Func<bool> isSo, Func<string> what, TimeSpan? atMost = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (atMost ?? TimeSpan.FromSeconds(60)))
                throw new TimeoutException($"It did not happen that {what()}.");
            await Task.Delay(50, Cancel);
        }
    }
}
