using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Pricing.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>Looks at the exchange through its public doors, as its operator and as its providers.</summary>
public sealed class Watch(Cast cast, Keyring keys, Calls calls, int runEveryMinutes)
{
    const int HoursShown = 48;

    readonly Dictionary<string, Guid> _buyers = cast.Buyers.ToDictionary(buyer => buyer.Seat.Id.ToString(), buyer => buyer.Seat.Id);

    /// <summary>The time and, where there was a run since, everything that it changed.</summary>
    public async Task<Sight> Look(Sight? before)
    {
        var clock = await calls.Ask(cancel => keys.Operator.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel));
        if (before is { LastRun.ClearedTime: not null } && clock.ClockTime.ToDateTimeOffset() < before.NextRun)
            return before with { Now = clock.ClockTime.ToDateTimeOffset(), Speed = clock.Speed };
        var runs = await calls.Ask(cancel => keys.Operator.OrderBook.ListRunsAsync(new ListRunsRequest { PageSize = 1 }, cancellationToken: cancel));
        var (now, run) = (clock.ClockTime.ToDateTimeOffset(), runs.Runs.FirstOrDefault());
        return before is not null && run?.RunId == before.LastRun?.RunId && run?.ClearedTime == before.LastRun?.ClearedTime
            ? before with { Now = now, Speed = clock.Speed }
            : new Sight(now, clock.Speed, run, await Prices(now), await Bids(), await Free(), run?.ClosedTime.ToDateTimeOffset().AddMinutes(runEveryMinutes) ?? now);
    }

    /// <summary>Money that everybody may still bid with or offer on.</summary>
    public async Task<IReadOnlyDictionary<Guid, Money>> Free()
    {
        var held = await calls.Ask(cancel => keys.Operator.Engine.GetHoldingsAsync(new GetHoldingsRequest(), cancellationToken: cancel));
        return held.Holdings.ToDictionary(holding => Guid.Parse(holding.ParticipantId), holding => new Money(holding.FreeMicros));
    }

    /// <summary>A provider's own offers and leases.</summary>
    public async Task<ProviderView> Of(Replay.Plan.Seat provider, DateTimeOffset now, LastPrices prices, IReadOnlyDictionary<Guid, int> gpus)
    {
        var offers = await Session.Pages<Offer>(async token =>
        {
            var request = new ListOffersRequest { State = OrderState.Open, PageSize = 500, PageToken = token };
            var reply = await calls.Ask(cancel => keys[provider].OrderBook.ListOffersAsync(request, cancellationToken: cancel));
            return (reply.Offers, reply.NextPageToken);
        });

        var leases = new List<Lease>();
        foreach (var state in (LeaseState[])[LeaseState.Active, LeaseState.Scheduled]) leases.AddRange(await Leases(keys[provider], state));
        return new ProviderView(
            gpus,
            [.. offers.Select(offer => new OpenOffer(offer.OfferId, Guid.Parse(offer.NodeId), offer.GpuCount, offer.FromTime.ToDateTimeOffset(), offer.ToTime.ToDateTimeOffset(), new Price(offer.ReserveMicrosPerGpuHour)))],
            [.. leases.Where(lease => lease.ProviderId == provider.Id.ToString()).Select(lease => new SoldGpus(Guid.Parse(lease.NodeId), lease.GpuCount, lease.FromTime.ToDateTimeOffset(), lease.ToTime.ToDateTimeOffset()))],
            prices);
    }

    Task<List<Lease>> Leases(ExchangeClient provider, LeaseState state) => Session.Pages<Lease>(async token =>
    {
        var request = new ListLeasesRequest { State = state, PageSize = 1000, PageToken = token };
        var reply = await calls.Ask(cancel => provider.Registry.ListLeasesAsync(request, cancellationToken: cancel));
        return (reply.Leases, reply.NextPageToken);
    });

    async Task<LastPrices> Prices(DateTimeOffset now)
    {
        var hour = SlotRules.HourOf(now);
        var found = new Dictionary<(string, DateTimeOffset), Price>();
        await Session.Pages<SlotPrice>(async token =>
        {
            var request = new ListSlotPricesRequest { FromTime = hour.AddHours(-6).ToTimestamp(), ToTime = hour.AddHours(HoursShown).ToTimestamp(), PageSize = 5000, PageToken = token };
            var reply = await calls.Ask(cancel => keys.Operator.Pricing.ListSlotPricesAsync(request, cancellationToken: cancel));
            foreach (var price in reply.Prices) found[(price.Market, price.SlotTime.ToDateTimeOffset())] = new Price(price.LastPriceMicrosPerGpuHour);
            return (reply.Prices, reply.NextPageToken);
        });
        return new LastPrices(found);
    }

    async Task<IReadOnlyList<OpenBid>> Bids()
    {
        var bids = await Session.Pages<Bid>(async token =>
        {
            var request = new ListBidsRequest { State = OrderState.Open, PageSize = 500, PageToken = token };
            var reply = await calls.Ask(cancel => keys.Operator.OrderBook.ListBidsAsync(request, cancellationToken: cancel));
            return (reply.Bids, reply.NextPageToken);
        });
        return [.. bids.Where(bid => _buyers.ContainsKey(bid.BuyerId)).Select(bid => new OpenBid(
            bid.BidId, _buyers[bid.BuyerId], bid.Markets[0], bid.Kind == BidKind.Block, bid.GpuCount,
            bid.FromTime.ToDateTimeOffset(), bid.ToTime.ToDateTimeOffset(), new Price(bid.LimitMicrosPerGpuHour)))];
    }
}
