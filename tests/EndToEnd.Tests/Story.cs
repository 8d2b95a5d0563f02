using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Shouldly;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A GPU-hour from offer to payout, told through the public doors only. Every id follows from its name, so any part may be repeated.</summary>
internal sealed class Story(ExchangeAddresses addresses, string operatorKey, CancellationToken cancel) : IDisposable
{
    public const string Market = "H100-SXM-80GB.us-east";

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

    private readonly List<ExchangeClient> _clients = [];
    private ExchangeClient? _operator;

    /// <summary>One client for all that the operator asks.</summary>
    public ExchangeClient Operator => _operator ??= Remember(new ExchangeClient(addresses, operatorKey));

    public async Task<Guid> Admit(string name, params Role[] roles)
    {
        var request = new AdmitParticipantRequest { RequestId = Id("admit", name), ParticipantId = Id("participant", name), Name = name };
        request.Roles.AddRange(roles);
        await Ask(() => Operator.Participants.AdmitParticipantAsync(request, cancellationToken: cancel).ResponseAsync);
        return Guid.Parse(request.ParticipantId);
    }

    /// <param name="name">The participant.</param>
    /// <param name="key">Which of its keys: each is shown once.</param>
    public async Task<ExchangeClient> As(string name, string key = "key") => Remember(new ExchangeClient(addresses, await Key(name, key)));

    /// <summary>A key of a participant; shown once.</summary>
    public async Task<string> Key(string name, string key = "key") => (await Ask(() => Operator.Participants.CreateKeyAsync(
        new CreateKeyRequest { RequestId = Id(key, name), ParticipantId = Id("participant", name), Label = "test" }, cancellationToken: cancel).ResponseAsync)).Key;

    public Task MoveClock(DateTimeOffset to) => Ask(() => Operator.Clock.AdvanceClockAsync(
        new AdvanceClockRequest { ToTime = to.ToTimestamp() }, deadline: DateTime.MaxValue, cancellationToken: cancel).ResponseAsync);

    public Task<T> Ask<T>(Func<Task<T>> call) => Patience.Ask(call, Long, cancel);

    /// <summary>From an empty exchange to money in the provider's bank, with one hour that failed.</summary>
    public async Task Tell()
    {
        await MoveClock(Start);
        await Ask(() => Operator.Markets.DefineMarketAsync(new DefineMarketRequest
        {
            RequestId = Id("market"),
            Market = new DefineMarket { Market = Market, State = MarketState.Open },
        }, cancellationToken: cancel).ResponseAsync);
        var settings = (await Ask(() => Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: cancel).ResponseAsync)).Settings;
        settings.RunIntervalSeconds = 1_800;
        await Ask(() => Operator.Markets.ChangeSettingsAsync(
            new ChangeSettingsRequest { RequestId = Id("settings"), Settings = settings }, cancellationToken: cancel).ResponseAsync);
        await Admit("rack owner", Role.Provider);
        await Admit("trainer", Role.Buyer);
        foreach (var name in (string[])["rack owner", "trainer"])
            await Ask(() => Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Id("deposit", name),
                ParticipantId = Id("participant", name),
                AmountMicros = 500 * Money.MicrosPerDollar,
            }, cancellationToken: cancel).ResponseAsync);
        var provider = await As("rack owner");
        var buyer = await As("trainer");
        await Ask(() => provider.Registry.RegisterNodeAsync(new RegisterNodeRequest
        {
            RequestId = Id("register"), NodeId = Id("node"), Name = "rack 1", Market = Market, GpuCount = 8, Location = "Virginia, US",
        }, cancellationToken: cancel).ResponseAsync);
        await MoveClock(Start);

        await Ask(() => provider.OrderBook.PlaceOfferAsync(new PlaceOfferRequest
        {
            RequestId = Id("offer"), NodeId = Id("node"), GpuCount = 8, FromTime = Start.ToTimestamp(), ToTime = Start.AddHours(24).ToTimestamp(),
            ReserveMicrosPerGpuHour = 2_000_000,
        }, cancellationToken: cancel).ResponseAsync);
        var placed = await Ask(() => buyer.OrderBook.PlaceBidAsync(TheBid(), cancellationToken: cancel).ResponseAsync);
        placed.Bid.ReservedMicros.ShouldBe(8 * 3 * 2_500_000L * 10_015 / 10_000);

        // The run clears, the lease starts, ends, and is metered: two hours whole, the last one half.
        await MoveClock(Start.AddMinutes(30));
        var filled = await Ask(() => buyer.OrderBook.GetBidAsync(new GetBidRequest { BidId = placed.Bid.BidId }, cancellationToken: cancel).ResponseAsync);
        filled.Bid.State.ShouldBe(OrderState.Filled);
        var trade = filled.Trades.ShouldHaveSingleItem();
        await MoveClock(Start.AddHours(1));
        var lease = (await Ask(() => buyer.Registry.ListLeasesAsync(new ListLeasesRequest(), cancellationToken: cancel).ResponseAsync)).Leases.ShouldHaveSingleItem();
        lease.State.ShouldBe(LeaseState.Active);
        foreach (var meter in lease.Meters)
        {
            await MoveClock(meter.ToTime.ToDateTimeOffset());
            await Ask(() => provider.Registry.ReportMeterAsync(new ReportMeterRequest
            {
                LeaseId = lease.LeaseId,
                SlotIndex = meter.SlotIndex,
                DeliveredGpuSeconds = meter.SlotIndex == 2 ? meter.SoldGpuSeconds / 2 : meter.SoldGpuSeconds,
            }, cancellationToken: cancel).ResponseAsync);
        }
        await MoveClock(Start.AddHours(26));

        // The price is the middle between reserve and limit; two and a half of three hours were delivered.
        trade.MeanPriceMicrosPerGpuHour.ShouldBe(2_250_000);
        var payout = (await Ask(() => provider.Settlement.ListPayoutsAsync(new ListPayoutsRequest(), cancellationToken: cancel).ResponseAsync)).Payouts.ShouldHaveSingleItem();
        payout.AmountMicros.ShouldBe(2_250_000L * 20 * 9_985 / 10_000);
        var bought = await Ask(() => buyer.Settlement.GetAccountAsync(new GetAccountRequest(), cancellationToken: cancel).ResponseAsync);
        bought.EscrowMicros.ShouldBe(0);
        bought.ReservedMicros.ShouldBe(0);

        // The buyer paid for twenty GPU-hours with the fee, and got a tenth of the price of the missing four from the bond.
        bought.FreeMicros.ShouldBe((500 * Money.MicrosPerDollar) - (2_250_000L * 20 * 10_015 / 10_000) + (225_000L * 4));
        await BooksAreExact();
    }

    public static PlaceBidRequest TheBid()
    {
        var request = new PlaceBidRequest
        {
            RequestId = Id("bid"), Kind = BidKind.Block, GpuCount = 8, FromTime = Start.AddHours(1).ToTimestamp(), ToTime = Start.AddHours(4).ToTimestamp(),
            LimitMicrosPerGpuHour = 2_500_000, Confirm = true,
        };
        request.Markets.Add(Market);
        return request;
    }

    public async Task BooksAreExact()
    {
        var balance = await Ask(() => Operator.Settlement.GetTrialBalanceAsync(new GetTrialBalanceRequest(), cancellationToken: cancel).ResponseAsync);
        balance.TotalMicros.ShouldBe(0);
        balance.Rows.Sum(row => row.BalanceMicros).ShouldBe(0);
        var reconciled = await Ask(() => Operator.Settlement.ReconcileAsync(new ReconcileRequest(), cancellationToken: cancel).ResponseAsync);
        reconciled.Breaks.ShouldBeEmpty();
        reconciled.CheckCount.ShouldBeGreaterThan(0);
    }

    /// <summary>Waits until every service has applied all that the others have told; says who has not when that takes too long.</summary>
    public async Task EveryFactIsApplied()
    {
        List<string> behind = [];
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < Long; await Task.Delay(100, cancel))
        {
            var services = new List<GetProgressResponse>();
            foreach (var service in ServiceNames.Keepers)
                services.Add(await Ask(() => Operator.FactsOf(service).GetProgressAsync(new GetProgressRequest(), cancellationToken: cancel).ResponseAsync));
            var told = services.ToDictionary(service => service.Service, service => service.LastNumber);
            told[ServiceNames.Feed] = (await Ask(() => Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: cancel).ResponseAsync)).FeedNumber;
            behind =
            [
                .. from service in services
                   from heard in service.Heard
                   where told.TryGetValue(heard.Producer, out var last) && heard.AppliedNumber != last
                   select $"{service.Service} has applied {heard.AppliedNumber} of {heard.Producer}'s {told[heard.Producer]}",
                .. services.Where(service => service.PendingCount > 0).Select(service => $"{service.Service} has {service.PendingCount} things to do"),
            ];
            if (behind.Count == 0) return;
        }
        behind.ShouldBeEmpty();
    }

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
    }

    public static string Id(params object[] cause) => DerivedId.From(cause).ToString();

    private ExchangeClient Remember(ExchangeClient client)
    {
        _clients.Add(client);
        return client;
    }
}
