using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Markets;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook;

/// <summary>The door to the markets and their settings.</summary>
public sealed class MarketGrpc(DefineMarketHandler define, ChangeSettingsHandler change, ReadMarkets markets)
    : MarketService.MarketServiceBase
{
    /// <inheritdoc />
    public override Task<ListMarketsResponse> ListMarkets(ListMarketsRequest request, ServerCallContext context) =>
        markets.List(context.CancellationToken);

    /// <inheritdoc />
    public override Task<DefineMarketResponse> DefineMarket(DefineMarketRequest request, ServerCallContext context) =>
        define.Handle(request, Caller.Of(context), context.CancellationToken);

    /// <inheritdoc />
    public override Task<ChangeSettingsResponse> ChangeSettings(ChangeSettingsRequest request, ServerCallContext context) =>
        change.Handle(request, Caller.Of(context), context.CancellationToken);
}
