using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Pricing.Feed;
using ComputeExchange.Pricing.Indexes;
using ComputeExchange.Pricing.Spot;
using ComputeExchange.Pricing.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeExchange.Pricing;

/// <summary>The prices that trades made: of every slot and run, and the daily indexes.</summary>
public static class PricingModule
{
    private static readonly TimeSpan EngineAnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>The service, ready to be started.</summary>
    public static WebApplication Build(ServiceOptions options)
    {
        var service = ExchangeService.Create(ServiceNames.Pricing, options)
            .AddStorage<PricingDb>()
            .ReadFeed<KeepPrices>()
            .Schedule<PublishProvisionalIndexes>("index-provisional", "0 30 0 * * ?")
            .Schedule<PublishFinalIndexes>("index-final", "0 0 12 * * ?")
            .Serve<PricingGrpc>();
        service.Builder.Services
            .AddSingleton<FeedEnd>(provider => async cancel => (await provider.GetRequiredService<ExchangeClient>().Engine.GetEngineStatusAsync(
                new GetEngineStatusRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime + EngineAnswersWithin, cancellationToken: cancel)).FeedNumber)
            .AddSlices();
        return service.Build();
    }

    /// <summary>What the door and the clock call.</summary>
    public static IServiceCollection AddSlices(this IServiceCollection services) => services
        .AddScoped<ReadSpotPrices>().AddScoped<ReadSlotPrices>().AddScoped<ReadIndexValues>()
        .AddScoped<PublishIndexes>().AddScoped<PublishProvisionalIndexes>().AddScoped<PublishFinalIndexes>();
}
