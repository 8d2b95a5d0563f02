using System.Reflection;
using ComputeExchange.Client;
using ComputeExchange.Hosting;

namespace ComputeExchange.Auctioneer;

/// <summary>The auctioneer as a service: it keeps nothing, so there may be as many as one likes.</summary>
public static class AuctioneerModule
{
    /// <summary>What is said of who solved a run: this program and its version.</summary>
    public static string Version { get; } = "auctioneer " + (typeof(AuctioneerModule).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    /// <summary>The service, ready to be started.</summary>
    public static WebApplication Build(ServiceOptions options)
    {
        var service = ExchangeService.Create(ServiceNames.Auctioneer, options);
        service.Builder.Services.AddHostedService<SolveClosedAuctions>().AddHostedService<IndicatePrices>();
        return service.Build();
    }
}
