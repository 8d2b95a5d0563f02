using ComputeExchange.Client;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Leases;
using ComputeExchange.ProviderRegistry.Meters;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Policies;
using ComputeExchange.ProviderRegistry.Storage;

namespace ComputeExchange.ProviderRegistry;

/// <summary>Providers' nodes, the leases on them, and what was really delivered.</summary>
public static class ProviderRegistryModule
{
    /// <summary>The service: what it stores, hears, does by the clock, and serves.</summary>
    public static WebApplication Build(ServiceOptions options) => Build(options, new AgentTimes());

    /// <summary>The same, with other patience for agents.</summary>
    public static WebApplication Build(ServiceOptions options, AgentTimes times)
    {
        var service = ExchangeService.Create(ServiceNames.ProviderRegistry, options)
            .AddStorage<ProviderRegistryDb>()
            .ReadFeed<FollowEngine>()
            .Hear<CapacityPaid, ScheduleLease>(ServiceNames.Settlement)
            .Schedule<RunLeases>("run leases", "0 0/10 * * * ?")
            .Serve<ProviderRegistryGrpc>()
            .AddAgents(times)
            .AddDeliveries()
            .AddSelling();
        service.Builder.Services
            .AddScoped<RegisterNodeHandler>().AddScoped<ListNodesHandler>()
            .AddScoped<ListLeasesHandler>().AddScoped<ReportMeterHandler>();
        return service.Build();
    }
}
