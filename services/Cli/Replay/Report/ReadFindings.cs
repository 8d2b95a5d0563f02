using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Client;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Pricing.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>Asks an exchange what became of a replay, as its operator.</summary>
public sealed class ReadFindings(ReplayPlan plan, ExchangeClient operators, Calls calls)
{
    readonly HashSet<string> _seats = [.. plan.Seats.Select(seat => seat.Id.ToString())];
    readonly HashSet<string> _nodes = [.. plan.Nodes.Select(node => node.Id.ToString())];

    /// <summary>Everything.</summary>
    public async Task<Findings> Run()
    {
        var balance = await calls.Ask(cancel => operators.Settlement.GetTrialBalanceAsync(new GetTrialBalanceRequest(), cancellationToken: cancel));
        var reconciled = await calls.Ask(cancel => operators.Settlement.ReconcileAsync(new ReconcileRequest(), cancellationToken: cancel));
        var leases = await Leases();
        return new Findings
        {
            Leases = leases,
            Prices = await Prices(),
            Runs = await Runs(),
            Moved = await Moved(leases),
            Payouts = await Payouts(),
            TrialBalance = new Money(balance.TotalMicros),
            Checks = reconciled.CheckCount,
            Breaks = [.. reconciled.Breaks],
        };
    }

    async Task<List<SoldLease>> Leases()
    {
        var costs = (await Session.Pages<Trade>(async token =>
        {
            var reply = await calls.Ask(cancel => operators.OrderBook.ListTradesAsync(new ListTradesRequest { PageSize = 500, PageToken = token }, cancellationToken: cancel));
            return (reply.Trades, reply.NextPageToken);
        })).ToDictionary(trade => trade.LeaseId, trade => trade.CostMicros);
        var leases = await Session.Pages<Lease>(async token =>
        {
            var reply = await calls.Ask(cancel => operators.Registry.ListLeasesAsync(new ListLeasesRequest { PageSize = 1000, PageToken = token }, cancellationToken: cancel));
            return (reply.Leases, reply.NextPageToken);
        });
        return [.. leases
            .Where(lease => _nodes.Contains(lease.NodeId) && lease.ToTime.ToDateTimeOffset() > plan.Start && lease.FromTime.ToDateTimeOffset() < plan.End)
            .OrderBy(lease => lease.LeaseId)
            .Select(lease => new SoldLease(
                lease.LeaseId, lease.Market, Guid.Parse(lease.NodeId), Guid.Parse(lease.BuyerId), lease.GpuCount, new Money(costs.GetValueOrDefault(lease.LeaseId)),
                [.. lease.Meters.Select(meter => new SoldHour(meter.FromTime.ToDateTimeOffset(), meter.SoldGpuSeconds, meter.DeliveredGpuSeconds, meter.Metered))]))];
    }

    async Task<List<HourPrice>> Prices()
    {
        var prices = await Session.Pages<SlotPrice>(async token =>
        {
            var request = new ListSlotPricesRequest { FromTime = plan.Start.ToTimestamp(), ToTime = plan.End.ToTimestamp(), PageSize = 5000, PageToken = token };
            var reply = await calls.Ask(cancel => operators.Pricing.ListSlotPricesAsync(request, cancellationToken: cancel));
            return (reply.Prices, reply.NextPageToken);
        });
        return [.. prices.Where(price => plan.Markets.Contains(price.Market))
            .Select(price => new HourPrice(price.Market, price.SlotTime.ToDateTimeOffset(), new Price(price.MeanPriceMicrosPerGpuHour),
                new Price(price.LastPriceMicrosPerGpuHour), price.GpuMinutes, price.RunCount))
            .OrderBy(price => price.Market, StringComparer.Ordinal).ThenBy(price => price.Slot)];
    }

    async Task<List<ClearedRun>> Runs()
    {
        var runs = await Session.Pages<Run>(async token =>
        {
            var reply = await calls.Ask(cancel => operators.OrderBook.ListRunsAsync(new ListRunsRequest { PageSize = 200, PageToken = token }, cancellationToken: cancel));
            return (reply.Runs, reply.NextPageToken);
        });
        return [.. runs.Where(run => run.ClearedTime is not null && run.ClosedTime.ToDateTimeOffset() > plan.Start && run.ClosedTime.ToDateTimeOffset() <= plan.End)
            .OrderBy(run => run.RunId)
            .Select(run => new ClearedRun(run.RunId, run.BidCount, run.OfferCount, run.LeaseCount, new Money(run.WelfareMicros), new Money(run.BoundMicros), run.LeftOutCount))];
    }

    async Task<List<MoneyMoved>> Moved(List<SoldLease> leases)
    {
        // An account of a participant ends in its id, "collateral:0192…"; an escrow is named after its lease, "escrow:55".
        var escrows = leases.Select(lease => FormattableString.Invariant($"escrow:{lease.Id}")).ToHashSet();
        bool IsOurs(string account) => escrows.Contains(account) || _seats.Contains(account[(account.LastIndexOf(':') + 1)..]);
        var kinds = new SortedDictionary<string, (long Count, long Micros)>(StringComparer.Ordinal);
        foreach (var transfer in await Session.Pages<Transfer>(async token =>
        {
            var reply = await calls.Ask(cancel => operators.Settlement.ListTransfersAsync(new ListTransfersRequest { PageSize = 1000, PageToken = token }, cancellationToken: cancel));
            return (reply.Transfers, reply.NextPageToken);
        }))
        {
            if (!IsOurs(transfer.DebitAccount) && !IsOurs(transfer.CreditAccount)) continue;
            var known = kinds.GetValueOrDefault(transfer.Kind);
            kinds[transfer.Kind] = (known.Count + 1, known.Micros + transfer.AmountMicros);
        }
        return [.. kinds.Select(kind => new MoneyMoved(kind.Key, kind.Value.Count, new Money(kind.Value.Micros)))];
    }

    async Task<List<Money>> Payouts()
    {
        var payouts = await Session.Pages<Payout>(async token =>
        {
            var reply = await calls.Ask(cancel => operators.Settlement.ListPayoutsAsync(new ListPayoutsRequest { PageSize = 1000, PageToken = token }, cancellationToken: cancel));
            return (reply.Payouts, reply.NextPageToken);
        });
        return [.. payouts.Where(payout => _seats.Contains(payout.ProviderId)).Select(payout => new Money(payout.AmountMicros))];
    }
}
