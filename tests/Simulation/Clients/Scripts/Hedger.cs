using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Trades futures: places, replaces and cancels orders of every kind, some requests at a time.</summary>
internal sealed class Hedger(string id, int batches) : Script
{
    /// <summary>The reference price of every instrument, in ticks.</summary>
    public const int Reference = 2_000;

    /// <summary>One at a time: client order ids count up in the order in which they are sent.</summary>
    public override int Lanes => 1;

    public override TimeSpan Pause => TimeSpan.FromMilliseconds(500);

    public override bool IsOver(Notebook notebook) => notebook.Wishes.Count >= batches;

    public override Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now)
    {
        var requests = new OrderRequest[dice.Between(1, 4)];
        var clientOrderId = (ulong)notebook.Wishes.Sum(wish => wish.Orders!.Requests.Length / OrderRequest.Size);
        var accepted = Accepted(notebook);
        for (var i = 0; i < requests.Length; i++) requests[i] = Request(++clientOrderId, accepted, dice);
        return notebook.Write(new OrderBatch(Guid.Parse(id), MemoryMarshal.AsBytes<OrderRequest>(requests).ToArray()));
    }

    private static OrderRequest Request(ulong clientOrderId, List<ulong> accepted, Dice dice)
    {
        var request = new OrderRequest
        {
            Kind = OrderKind.Place,
            Side = dice.OnceIn(2) ? Side.Buy : Side.Sell,
            Type = dice.Below(10) switch { 0 => OrderType.Market, 1 => OrderType.Stop, 2 => OrderType.StopLimit, _ => OrderType.Limit },
            TimeInForce = dice.Below(8) switch { 0 => TimeInForce.ImmediateOrCancel, 1 => TimeInForce.FillOrKill, 2 => TimeInForce.Day, _ => TimeInForce.GoodTillCancelled },
            Instrument = (ushort)dice.Below(2),
            Flags = (OrderFlags)dice.OneOf([0, 0, 0, 1, 2]),
            SelfTrade = (SelfTrade)dice.Below(4),
            Quantity = (uint)dice.Between(0, 10),
            Price = Reference + (int)dice.Between(-30, 30),
            StopPrice = Reference + (int)dice.Between(-30, 30),
            ClientOrderId = clientOrderId,
        };
        if (accepted.Count == 0 || dice.OnceIn(2)) return request;
        request.Kind = dice.OnceIn(2) ? OrderKind.Cancel : OrderKind.Replace;
        request.Order = dice.OneOf(accepted);
        return request;
    }

    private static List<ulong> Accepted(Notebook notebook)
    {
        var orders = new List<ulong>();
        foreach (var wish in notebook.Wishes)
        {
            if (wish.Answer is null) continue;
            foreach (ref readonly var happened in MemoryMarshal.Cast<byte, OrderEvent>(wish.Answer.Events[0].OrdersHandled.Events.Span))
                if (happened.Kind == OrderEventKind.Accepted) orders.Add(happened.Order);
        }
        return orders;
    }
}
