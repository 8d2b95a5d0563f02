using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;
using EnterOrdersRequest = ComputeExchange.OrderBook.V1.EnterOrdersRequest;

namespace ComputeExchange.EndToEnd.Tests;

public class FuturesKilledTests
{
    private const int BatchSize = 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_everything_is_killed_under_a_stream_every_order_is_there_once_and_fleeting_ones_go_after_a_grace()
    {
        await using var host = await RunningHost.Start("live");
        using var floor = new FuturesFloor(host, Cancel);
        var instrument = await floor.List("CX-KILL-2027-01");
        var ann = await floor.Trader("ann");
        var fleeting = FuturesFloor.Place(instrument, OrderSide.Buy, 1, 2_300, 1);
        fleeting.CancelOnDisconnect = true;
        (await floor.Enter(ann, fleeting)).State.ShouldBe(FuturesOrderState.Open);

        var answered = new Dictionary<long, long>();
        var batches = Enumerable.Range(0, 200).Select(Batch).ToList();
        var killing = KillSoon();
        await Send(batches);
        await killing;
        await host.StartAgain("live");
        var before = answered.Count;
        before.ShouldBeLessThan(batches.Count * BatchSize, "the kill came too late to say anything");

        // Everything unanswered again, until all of it has an answer.
        for (var attempt = 0; answered.Count < batches.Count * BatchSize && attempt < 20; attempt++)
        {
            await Send([.. batches.Where(batch => !answered.ContainsKey(batch.Orders[^1].ClientOrderId))]);
            await Task.Delay(200, Cancel);
        }
        answered.Count.ShouldBe(batches.Count * BatchSize);

        var orders = new List<FuturesOrder>();
        await floor.Until(async () => (await floor.Ask(() => ann.Futures.ListOrdersAsync(new ListOrdersRequest { PageSize = 1 }, cancellationToken: Cancel).ResponseAsync)).LastClientOrderId == 1 + (batches.Count * BatchSize));
        for (var token = ""; ;)
        {
            var page = await ann.Futures.ListOrdersAsync(new ListOrdersRequest { PageSize = 500, PageToken = token }, cancellationToken: Cancel);
            orders.AddRange(page.Orders);
            if ((token = page.NextPageToken).Length == 0) break;
        }
        orders.Count.ShouldBe(1 + (batches.Count * BatchSize));
        foreach (var order in orders.Where(order => order.ClientOrderId > 1)) answered[order.ClientOrderId].ShouldBe(order.OrderId);

        await floor.Until(async () => (await ann.Futures.GetOrderAsync(new GetOrderRequest { ClientOrderId = 1 }, cancellationToken: Cancel)).Order.State == FuturesOrderState.Cancelled);
        (await ann.Futures.GetOrderAsync(new GetOrderRequest { ClientOrderId = 1 }, cancellationToken: Cancel)).Order.CancelReason.ShouldBe(OrderCancelReason.Disconnected);

        EnterOrdersRequest Batch(int number) => new()
        {
            Orders = { Enumerable.Range(0, BatchSize).Select(n => FuturesFloor.Place(instrument, OrderSide.Buy, 1, 2_300 + (n % 50), 2 + (number * BatchSize) + n)) },
        };

        async Task KillSoon()
        {
            while (answered.Count < 400) await Task.Delay(1, Cancel);
            await host.KillHard();
        }

        async Task Send(IReadOnlyList<EnterOrdersRequest> waiting)
        {
            try
            {
                using var line = floor.Stream(ann);
                var writing = Write();
                while (await line.ResponseStream.MoveNext(Cancel))
                    foreach (var result in line.ResponseStream.Current.Results)
                    {
                        result.RejectReason.ShouldBe(OrderRejectReason.Unspecified, result.Message);
                        answered.TryAdd(result.ClientOrderId, result.OrderId).ShouldBeTrue();
                    }
                await writing;

                async Task Write()
                {
                    foreach (var batch in waiting) await line.RequestStream.WriteAsync(batch, Cancel);
                    await line.RequestStream.CompleteAsync();
                }
            }
            catch (Exception cut) when (cut is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal } or InvalidOperationException)
            {
            }
        }
    }
}
