using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands.Futures;

/// <summary><c>cx trades</c>, <c>cx positions</c>, <c>cx trade bust</c>, <c>cx trader limit</c>.</summary>
public static class TradeCommands
{
    static readonly Argument<string?> Of = CommandShape.Optional("instrument", "Everyone's trades of this instrument, without names. Default: your own.");
    static readonly Argument<long> Trade = CommandShape.Whole<long>("trade", "The trade's number.");
    static readonly Option<string> Reason = CommandShape.Required("--reason", "TEXT", "Why, for the trail.");
    static readonly Argument<string> Who = CommandShape.Needed("participant", "The participant, by UUID.");
    static readonly Option<int> Rate = CommandShape.Whole<int>("--orders-per-second", "N", "Order requests a second for long; 0: no limit.", orElse: 50);
    static readonly Option<int> Burst = CommandShape.Whole<int>("--burst", "N", "Order requests that may come at once.", orElse: 200);
    static readonly Option<int> OpenOrders = CommandShape.Whole<int>("--open-orders", "N", "The most open orders.", orElse: 200);
    static readonly Option<bool> Stopped = new("--stop") { Description = "Take no new orders; open ones stay." };

    /// <summary><c>cx trades</c>.</summary>
    public static Command MakeList() => CommandShape.Make("trades", "What you bought and sold in futures, newest first; or the trades of an instrument.", Of, States.Most)
        .Does(async session => session.Print.Rows(FuturesRows.Trades, await Session.Pages<FuturesTrade>(token => Page(session, token), session.Line.GetValue(States.Most))));

    /// <summary><c>cx positions</c>.</summary>
    public static Command MakePositions() => CommandShape.Make("positions", "Your futures positions with their gains; operators see everyone's.")
        .Does(async session => session.Print.Rows(
            FuturesRows.Positions, (await session.Ask(cancel => session.Exchange.Futures.ListPositionsAsync(new ListPositionsRequest(), cancellationToken: cancel))).Positions));

    /// <summary><c>cx trade bust</c>.</summary>
    public static Command Make() => CommandShape.Make("trade", "What operators do with trades.",
        CommandShape.Make("bust", "Undo a trade: a second operator must say the same.", Trade, Reason, CommandShape.RequestId).Does(Bust));

    /// <summary><c>cx trader limit</c>.</summary>
    public static Command MakeTrader() => CommandShape.Make("trader", "What operators let traders do.",
        CommandShape.Make("limit", "Set how many orders a participant may send and have open.", Who, Rate, Burst, OpenOrders, Stopped, CommandShape.RequestId).Does(Limit));

    static async Task<(IEnumerable<FuturesTrade> Rows, string Next)> Page(Session session, string token)
    {
        if (session.Line.GetValue(Of) is { Length: > 0 } instrument)
        {
            var all = await session.Ask(cancel => session.Exchange.Futures.ListInstrumentTradesAsync(
                new ListInstrumentTradesRequest { Instrument = instrument, PageSize = 500, PageToken = token }, cancellationToken: cancel));
            return (all.Trades, all.NextPageToken);
        }
        var own = await session.Ask(cancel => session.Exchange.Futures.ListFuturesTradesAsync(
            new ListFuturesTradesRequest { PageSize = 500, PageToken = token }, cancellationToken: cancel));
        return (own.Trades, own.NextPageToken);
    }

    static async Task Bust(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new BustTradeRequest { RequestId = id, TradeId = session.Line.GetValue(Trade), Reason = session.Line.GetRequiredValue(Reason) };
        var answer = await session.Ask(cancel => session.Exchange.Futures.BustTradeAsync(request, cancellationToken: cancel));
        session.Print.Say(answer.Busted
            ? $"trade {answer.TradeId} undone (request {id})"
            : $"trade {answer.TradeId}: another operator must say the same before {Show.Time(answer.UntilTime)} (request {id})");
        session.Print.Field("trade_id", answer.TradeId);
        session.Print.Field("busted", answer.Busted);
        session.Print.Field("request_id", id);
    }

    static async Task Limit(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new SetAccountLimitsRequest
        {
            RequestId = id,
            ParticipantId = IdWords.Uuid("participant", session.Line.GetRequiredValue(Who)),
            Limits = new AccountLimits
            {
                MayTrade = !session.Line.GetValue(Stopped),
                OrdersPerSecond = session.Line.GetValue(Rate),
                OrderBurst = session.Line.GetValue(Burst),
                OpenOrderCountMax = session.Line.GetValue(OpenOrders),
            },
        };
        var now = (await session.Ask(cancel => session.Exchange.Futures.SetAccountLimitsAsync(request, cancellationToken: cancel))).Account;
        session.Print.Say($"participant {now.ParticipantId} may {(now.Limits.MayTrade ? "trade" : "not trade")}: {now.Limits.OrdersPerSecond} orders a second, {now.Limits.OrderBurst} at once, {now.Limits.OpenOrderCountMax} open (request {id})");
        session.Print.Field("participant_id", now.ParticipantId);
        session.Print.Field("request_id", id);
    }
}
