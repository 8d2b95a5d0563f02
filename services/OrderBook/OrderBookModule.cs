using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.Bids;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.Feed;
using ComputeExchange.OrderBook.Futures;
using ComputeExchange.OrderBook.Futures.Entry;
using ComputeExchange.OrderBook.Futures.Instruments;
using ComputeExchange.OrderBook.Futures.MarketData;
using ComputeExchange.OrderBook.Futures.Orders;
using ComputeExchange.OrderBook.Live;
using ComputeExchange.OrderBook.MarketData;
using ComputeExchange.OrderBook.Markets;
using ComputeExchange.OrderBook.Offers;
using ComputeExchange.OrderBook.Runs;
using ComputeExchange.OrderBook.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeExchange.OrderBook;

/// <summary>The trading edge: bids, offers and markets go in through it, and what became of them is read here.</summary>
public static class OrderBookModule
{
    /// <summary>How long the engine may take to answer before the caller is told to ask again.</summary>
    private static readonly TimeSpan EngineAnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>The service, ready to be started.</summary>
    public static WebApplication Build(ServiceOptions options)
    {
        var service = ExchangeService.Create(ServiceNames.OrderBook, options)
            .AddStorage<OrderBookDb>()
            .ReadFeed<KeepBook>()
            .Serve<OrderBookGrpc>()
            .Serve<MarketGrpc>()
            .Serve<FuturesGrpc>();
        service.Builder.Services
            .AddSingleton<Submit>(provider => (request, cancel) => provider.GetRequiredService<ExchangeClient>().Engine.SubmitAsync(
                request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + EngineAnswersWithin, cancellationToken: cancel).ResponseAsync)
            .AddSingleton<OpenOrderLine>(provider => cancel =>
                new GrpcOrderLine(provider.GetRequiredService<ExchangeClient>().Engine.EnterOrders(cancellationToken: cancel)))
            .AddSlices()
            .AddScoped<StreamMarketData>()
            .AddSingleton<MarketTape>().AddSingleton(provider => new IndicativePrices(provider.GetRequiredService<MarketTape>(), TimeProvider.System))
            .AddHostedService(provider => provider.GetRequiredService<MarketTape>());
        return service.Build();
    }

    /// <summary>What the doors call.</summary>
    public static IServiceCollection AddSlices(this IServiceCollection services) => services
        .AddScoped<EngineDoor>()
        .AddScoped<PlaceBidHandler>().AddScoped<PreviewBidHandler>().AddScoped<CancelBidHandler>().AddScoped<ReadBids>()
        .AddScoped<PlaceOfferHandler>().AddScoped<PlaceResaleHandler>().AddScoped<CancelOfferHandler>().AddScoped<ReadOffers>()
        .AddScoped<DefineMarketHandler>().AddScoped<ChangeSettingsHandler>().AddScoped<ReadMarkets>()
        .AddScoped<ReadTrades>().AddScoped<ReadDepth>().AddScoped<MakeQuote>()
        .AddScoped<ReadRuns>().AddSingleton<LastRunSheet>()
        .AddSingleton<InstrumentNames>().AddSingleton<FirstOutcomes>().AddSingleton<OrderEntry>()
        .AddScoped<EnterOneOrder>().AddScoped<CancelAll>().AddScoped<ReadOrders>().AddScoped<ReadFuturesTrades>().AddScoped<ReadPositions>()
        .AddScoped<ReadInstruments>().AddScoped<OperateInstruments>().AddScoped<ReadBook>().AddScoped<ReadTape>();
}
