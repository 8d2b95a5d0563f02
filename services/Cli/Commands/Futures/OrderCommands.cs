using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Instrument = ComputeExchange.OrderBook.V1.Instrument;

namespace ComputeExchange.Cli.Commands.Futures;

/// <summary><c>cx order</c>: futures orders placed, changed, taken back.</summary>
public static class OrderCommands
{
    static readonly Argument<string> Name = CommandShape.Needed("instrument", "The instrument; cx instruments lists them.");
    static readonly Argument<long> Lots = CommandShape.Whole<long>("lots", "How many lots.");
    static readonly Option<string?> Price = CommandShape.May("--price", "PRICE", "The worst acceptable price: whole ticks, or dollars for one lot with a dollar sign ('$1,825.00'). Without it: at market.");
    static readonly Option<string?> Type = CommandShape.May("--type", "TYPE", "limit, market, stop or stop-limit. Default: what --price and --stop say.");
    static readonly Option<string?> Tif = CommandShape.May("--tif", "WORD", "How long it stands: gtc, day, ioc, fok, or a time. Default: gtc; ioc for market orders.");
    static readonly Option<string?> Stop = CommandShape.May("--stop", "PRICE", "The price that brings the order into the market.");
    static readonly Option<long> Peak = CommandShape.Whole<long>("--peak", "LOTS", "An iceberg: show only so many lots at a time.");
    static readonly Option<bool> PostOnly = new("--post-only") { Description = "Refuse the order rather than trade at once." };
    static readonly Option<bool> ReduceOnly = new("--reduce-only") { Description = "Never make the position larger." };
    static readonly Option<string?> SelfTrade = CommandShape.May("--self-trade", "RULE", "Instead of a trade with yourself cancel the: newest (default), oldest, both; or decrement both.");
    static readonly Option<long> ClientId = CommandShape.Whole<long>("--id", "N", "Your own number for the request, above every one you used before: the same number never acts twice. Default: the next one.");
    static readonly Argument<long> Order = CommandShape.Whole<long>("order", "The order's number.");
    static readonly Option<string?> OnlyInstrument = CommandShape.May("--instrument", "NAME", "Only of this instrument.");
    static readonly Option<string?> OnlySide = CommandShape.May("--side", "SIDE", "Only buy or sell.");

    /// <summary>The command.</summary>
    public static Command Make()
    {
        Symbol[] parts = [Name, Lots, Price, Type, Tif, Stop, Peak, PostOnly, ReduceOnly, SelfTrade, ClientId];
        return CommandShape.Make("order", "Place, change or take back a futures order.",
            CommandShape.Make("buy", "Buy lots.", parts).Does(session => Place(session, OrderSide.Buy)),
            CommandShape.Make("sell", "Sell lots.", parts).Does(session => Place(session, OrderSide.Sell)),
            CommandShape.Make("show", "One order.", Order).Does(Show),
            CommandShape.Make("replace", "Another price or quantity; a smaller quantity alone keeps the place in the queue.", Order, Lots, Price, Stop, ClientId).Does(Replace),
            CommandShape.Make("cancel", "Take an order back.", Order).Does(Cancel),
            CommandShape.Make("cancel-all", "Take all of your open orders back.", OnlyInstrument, OnlySide, CommandShape.RequestId).Does(CancelAll));
    }

    static async Task Place(Session session, OrderSide side)
    {
        var instrument = await InstrumentCommands.Of(session, session.Line.GetRequiredValue(Name));
        var order = new OrderRequest
        {
            Instrument = instrument.Terms.Name,
            Side = side,
            LotCount = session.Line.GetValue(Lots),
            PriceTicks = Ticks(session, Price, instrument),
            StopPriceTicks = Ticks(session, Stop, instrument),
            PeakLotCount = session.Line.GetValue(Peak),
            PostOnly = session.Line.GetValue(PostOnly),
            ReduceOnly = session.Line.GetValue(ReduceOnly),
            SelfTradeRule = RuleOf(session.Line.GetValue(SelfTrade)),
        };
        order.Type = TypeOf(session.Line.GetValue(Type), order);
        await Stand(session, order, session.Line.GetValue(Tif));
        var result = await Numbered(session, async (id, doubt) =>
        {
            order.ClientOrderId = id;
            return (await session.Ask(cancel => session.Exchange.Futures.PlaceOrderAsync(new PlaceOrderRequest { Order = order }, cancellationToken: cancel), doubt)).Result;
        });
        Print(session, result, $"{(side == OrderSide.Buy ? "buy" : "sell")} {order.LotCount} {order.Instrument}");
    }

    static async Task Replace(Session session)
    {
        var request = new ReplaceOrderRequest { OrderId = session.Line.GetValue(Order), LotCount = session.Line.GetValue(Lots) };
        var found = (await session.Ask(cancel => session.Exchange.Futures.GetOrderAsync(new GetOrderRequest { OrderId = request.OrderId }, cancellationToken: cancel))).Order;
        var instrument = await InstrumentCommands.Of(session, found.Instrument);
        request.PriceTicks = session.Line.GetValue(Price) is null ? found.PriceTicks : Ticks(session, Price, instrument);
        request.StopPriceTicks = Ticks(session, Stop, instrument);
        var result = await Numbered(session, async (id, doubt) =>
        {
            request.ClientOrderId = id;
            return (await session.Ask(cancel => session.Exchange.Futures.ReplaceOrderAsync(request, cancellationToken: cancel), doubt)).Result;
        });
        Print(session, result, $"replaced, {(result.KeptPlace ? "its place kept" : "at the back of its price")}");
    }

    static async Task Cancel(Session session)
    {
        var request = new CancelOrderRequest { OrderId = session.Line.GetValue(Order) };
        Print(session, (await session.Ask(cancel => session.Exchange.Futures.CancelOrderAsync(request, cancellationToken: cancel))).Result, "taken back");
    }

    static async Task CancelAll(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new CancelOrdersRequest
        {
            RequestId = id,
            Instrument = session.Line.GetValue(OnlyInstrument) ?? "",
            Side = session.Line.GetValue(OnlySide) switch
            {
                null => OrderSide.Unspecified,
                "buy" => OrderSide.Buy,
                "sell" => OrderSide.Sell,
                var other => throw new InputException($"{OnlySide.Name}: \"{other}\" is no side: buy or sell."),
            },
        };
        var count = (await session.Ask(cancel => session.Exchange.Futures.CancelOrdersAsync(request, cancellationToken: cancel))).CancelledOrderCount;
        session.Print.Say($"{count} orders cancelled (request {id})");
        session.Print.Field("cancelled_order_count", count);
        session.Print.Field("request_id", id);
    }

    static async Task Show(Session session)
    {
        var request = new GetOrderRequest { OrderId = session.Line.GetValue(Order) };
        session.Print.Card(FuturesRows.Orders, (await session.Ask(cancel => session.Exchange.Futures.GetOrderAsync(request, cancellationToken: cancel))).Order);
    }

    /// <summary>
    /// Asks under the caller's number, or under the next one after the last that the exchange knows. Another order that was placed a moment
    /// ago may have taken it: then the one after is tried.
    /// </summary>
    static async Task<OrderResult> Numbered(Session session, Func<long, Action<RpcException>, Task<OrderResult>> ask)
    {
        if (session.Line.GetValue(ClientId) is var given and not 0) return await ask(given, _ => { });
        var known = await session.Ask(cancel => session.Exchange.Futures.ListOrdersAsync(new ListOrdersRequest { PageSize = 1 }, cancellationToken: cancel));
        for (var id = known.LastClientOrderId + 1; ; id++)
        {
            var isDoubtful = false;
            try
            {
                // Known when it was sent only once: then it was another request in the same words.
                var result = await ask(id, _ => isDoubtful = true);
                if (!result.RepeatedRequest || isDoubtful) return result;
            }
            catch (RpcException taken) when (RpcFailure.From(taken).Reason is "CLIENT_ORDER_ID_REUSED" or "CLIENT_ORDER_ID_NOT_RISING" && id < known.LastClientOrderId + 1_000)
            {
            }
        }
    }

    static long Ticks(Session session, Option<string?> option, Instrument instrument) =>
        session.Line.GetValue(option) is { } text ? TickWords.Ticks(option.Name, text, instrument) : 0;

    static OrderType TypeOf(string? word, OrderRequest order) => word switch
    {
        null => (order.PriceTicks, order.StopPriceTicks) switch
        {
            (0, 0) => OrderType.Market,
            (_, 0) => OrderType.Limit,
            (0, _) => OrderType.Stop,
            _ => OrderType.StopLimit,
        },
        "limit" => OrderType.Limit,
        "market" => OrderType.Market,
        "stop" => OrderType.Stop,
        "stop-limit" => OrderType.StopLimit,
        _ => throw new InputException($"{Type.Name}: \"{word}\" is no type: limit, market, stop or stop-limit."),
    };

    static SelfTradeRule RuleOf(string? word) => word switch
    {
        null or "newest" => SelfTradeRule.CancelNewest,
        "oldest" => SelfTradeRule.CancelOldest,
        "both" => SelfTradeRule.CancelBoth,
        "decrement" => SelfTradeRule.Decrement,
        _ => throw new InputException($"{SelfTrade.Name}: \"{word}\" is no rule: newest, oldest, both or decrement."),
    };

    static async Task Stand(Session session, OrderRequest order, string? word)
    {
        order.TimeInForce = word switch
        {
            null => order.Type == OrderType.Market ? TimeInForce.ImmediateOrCancel : TimeInForce.GoodTillCancelled,
            "gtc" => TimeInForce.GoodTillCancelled,
            "day" => TimeInForce.Day,
            "ioc" => TimeInForce.ImmediateOrCancel,
            "fok" => TimeInForce.FillOrKill,
            _ => TimeInForce.GoodTillDate,
        };
        if (order.TimeInForce == TimeInForce.GoodTillDate) order.ExpirySeconds = (await session.Time(Tif.Name, word!)).ToUnixTimeSeconds();
    }

    static void Print(Session session, OrderResult result, string what)
    {
        var filled = result.FilledLotCount == 0 ? ""
            : $", {result.FilledLotCount} filled at {Output.Show.Money(result.FilledValueMicros / result.FilledLotCount)}";
        var ended = result.CancelReason == 0 ? "" : $" ({Output.Show.Word(result.CancelReason)})";
        session.Print.Say($"order {result.OrderId} {Output.Show.Word(result.State)}{ended}: {what}{filled}, {result.OpenLotCount} open{(result.ClientOrderId == 0 ? "" : $" (id {result.ClientOrderId})")}");
        session.Print.Field("order_id", result.OrderId);
        session.Print.Field("client_order_id", result.ClientOrderId);
        session.Print.Field("state", Output.Show.Word(result.State).Replace(' ', '_'));
        session.Print.Field("filled_lot_count", result.FilledLotCount);
        session.Print.Field("filled_value_micros", result.FilledValueMicros);
        session.Print.Field("open_lot_count", result.OpenLotCount);
        session.Print.Field("cancel_reason", result.CancelReason == 0 ? null : Output.Show.Word(result.CancelReason).Replace(' ', '_'));
        session.Print.Field("repeated_request", result.RepeatedRequest);
    }
}
