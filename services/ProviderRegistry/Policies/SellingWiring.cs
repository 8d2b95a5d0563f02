using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Feed;
using ComputeExchange.ProviderRegistry.Maintenance;
using ComputeExchange.ProviderRegistry.Packing;
using ComputeExchange.ProviderRegistry.Search;

namespace ComputeExchange.ProviderRegistry.Policies;

/// <summary>What sells idle GPUs, and finds them.</summary>
internal static class SellingWiring
{
    /// <summary>Policies are followed, maintenance is announced, and what is free can be searched.</summary>
    public static ExchangeService AddSelling(this ExchangeService service)
    {
        service.Builder.Services.AddSingleton<NodeKinds>()
            .AddScoped<SellNodes>().AddScoped<PackLeases>().AddHostedService<SellingLoop>()
            .AddScoped<SellingDoor>().AddScoped<SetNodePolicyHandler>().AddScoped<ScheduleMaintenanceHandler>().AddScoped<CancelMaintenanceHandler>();
        service.Builder.Services.AddSingleton<FreeNow>().AddScoped<SearchCapacityHandler>();
        return service.Serve<SearchGrpc>();
    }
}
