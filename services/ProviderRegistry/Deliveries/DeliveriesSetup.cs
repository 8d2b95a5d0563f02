using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Disputes;
using ComputeExchange.ProviderRegistry.Webhooks;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>What the life of deliveries needs.</summary>
internal static class DeliveriesSetup
{
    private static readonly TimeSpan EngineAnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>Adds deliveries, disputes and webhooks to the service: doors, handlers, loops.</summary>
    public static ExchangeService AddDeliveries(this ExchangeService service)
    {
        service.Serve<DeliveryGrpc>();
        service.Builder.Services
            .AddDeliverySlices(TimeProvider.System)
            .AddSingleton<Secrets>(provider => new Secrets(provider.GetRequiredService<ServiceOptions>()))
            .AddSingleton<WebhookCaller>(provider => new WebhookCaller(provider.GetRequiredService<ServiceOptions>()))
            .AddSingleton<Submit>(provider => (request, cancel) => provider.GetRequiredService<ExchangeClient>().Engine.SubmitAsync(
                request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + EngineAnswersWithin, cancellationToken: cancel).ResponseAsync)
            .AddHostedService<DeliveryLoop>()
            .AddHostedService<WebhookLoop>();
        return service;
    }

    /// <summary>What answers the door's calls and runs the deliveries, without the loops.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="real">The real time.</param>
    internal static IServiceCollection AddDeliverySlices(this IServiceCollection services, TimeProvider real) => services
        .AddSingleton(new RealWait(real))
        .AddScoped<RunDelivery>().AddScoped<GetDeliveryHandler>().AddScoped<SetWorkloadHandler>().AddScoped<ReadDeliveryLogHandler>()
        .AddScoped<ExtendLeaseHandler>().AddScoped<EndDeliveryHandler>().AddScoped<SetRebidHandler>()
        .AddScoped<OpenDisputeHandler>().AddScoped<DecideDisputeHandler>().AddScoped<ListDisputesHandler>()
        .AddScoped<ManageWebhooksHandler>();
}
