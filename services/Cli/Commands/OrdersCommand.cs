using System.CommandLine;
using ComputeExchange.Cli.Commands.Futures;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx orders</c>: everything of yours that is in the market: bids, offers, futures orders.</summary>
public static class OrdersCommand
{
    static readonly Option<bool> All = new("--all") { Description = "Also what is filled, cancelled or expired." };

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("orders", "Your open bids, offers and futures orders.", All, States.Most)
        .Does(async session =>
        {
            var state = session.Line.GetValue(All) ? OrderState.Unspecified : OrderState.Open;
            var most = session.Line.GetValue(States.Most);
            session.Print.Rows(Rows.Bids, await OrNone(() => BidCommands.List(session, state, most)));
            session.Print.Rows(Rows.Offers, await OrNone(() => OfferCommands.List(session, state, most)));
            session.Print.Rows(FuturesRows.Orders, await OrNone(() => Futures(session, most)));
        });

    static Task<List<FuturesOrder>> Futures(Session session, int most) => Session.Pages<FuturesOrder>(async token =>
    {
        var reply = await session.Ask(cancel => session.Exchange.Futures.ListOrdersAsync(new ListOrdersRequest { PageSize = 500, PageToken = token }, cancellationToken: cancel));
        var isOpen = !session.Line.GetValue(All);
        return (reply.Orders.Where(order => !isOpen || order.State is FuturesOrderState.Open or FuturesOrderState.Waiting), reply.NextPageToken);
    }, most);

    /// <summary>Who only buys has no offers, and the other way round.</summary>
    static async Task<List<T>> OrNone<T>(Func<Task<List<T>>> list)
    {
        try
        {
            return await list();
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.PermissionDenied)
        {
            return [];
        }
    }
}
