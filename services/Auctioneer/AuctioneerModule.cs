using ComputeExchange.Client;
using ComputeExchange.Hosting;

namespace ComputeExchange.Auctioneer;

/// <summary>The auctioneer as a service: it keeps nothing, so there may be as many as one likes.</summary>
public static class AuctioneerModule
{
    /// <summary>The service, ready to be started.</summary>
    public static WebApplication Build(ServiceOptions options)
    {
        var service = ExchangeService.Create(ServiceNames.Auctioneer, options);
        service.Builder.Services.AddHostedService<SolveClosedAuctions>();
        return service.Build();
    }
}
