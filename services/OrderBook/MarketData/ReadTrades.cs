using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.MarketData;

/// <summary>What was sold: public, without names.</summary>
public sealed class ReadTrades(OrderBookDb db)
{
    /// <summary>Trades, newest first.</summary>
    public async Task<ListTradesResponse> List(ListTradesRequest request, Caller caller, CancellationToken cancel)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 500);
        var leases = db.Leases.AsNoTracking();
        if (request.Market.Length > 0) leases = leases.Where(lease => lease.Market == request.Market);
        if (request.Mine)
        {
            var buyer = caller.Participant;
            leases = leases.Where(lease => lease.BuyerId == buyer);
        }
        var page = await leases.OrderByDescending(lease => lease.LeaseId).Skip(skip).Take(size).ToListAsync(cancel);
        return new ListTradesResponse
        {
            Trades = { page.Select(lease => lease.ToMessage(caller)) },
            NextPageToken = Refuse.NextPage(skip, size, page.Count),
        };
    }
}

/// <summary>Leases as trades.</summary>
public static class TradeMessages
{
    /// <summary>The trade as this caller may see it: the bid only for its buyer and for those who see all.</summary>
    public static Trade ToMessage(this LeaseRow lease, Caller caller) => new()
    {
        LeaseId = lease.LeaseId,
        RunId = lease.RunId,
        Market = lease.Market,
        GpuCount = lease.GpuCount,
        FromTime = lease.FromTime.ToTimestamp(),
        ToTime = lease.ToTime.ToTimestamp(),

        // Rounded down, as the message says: for people; no money is made from it.
        MeanPriceMicrosPerGpuHour = (long)((Int128)lease.CostMicros * 60 / Math.Max(1, lease.GpuMinutes)),
        CostMicros = lease.CostMicros,
        HappenedTime = lease.HappenedTime.ToTimestamp(),
        BidId = caller.SeesAll || caller.ParticipantId == lease.BuyerId ? lease.BidId : 0,
        Own = lease.IsOwn,
    };
}
