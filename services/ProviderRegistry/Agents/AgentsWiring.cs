using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.ProviderRegistry.Deliveries;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>What serves nodes with an agent.</summary>
internal static class AgentsWiring
{
    /// <summary>Agents can enrol and connect, and the engine is told of their nodes.</summary>
    public static ExchangeService AddAgents(this ExchangeService service, AgentTimes times)
    {
        var services = service.Builder.Services;
        services.AddSingleton(times);
        services.TryAddSingleton<Secrets>();
        services.AddSingleton<NodesChanged>().AddSingleton<Pulses>().AddSingleton<NodeKeys>().AddSingleton<FailedTries>();
        services.AddSingleton<INodeTokens, NodeTokens>();
        services.AddSingleton<NodeStreams>();
        Loop<Greetings>(services);
        Loop<Records>(services);
        Loop<Logs>(services);
        Loop<GpuWatch>(services);
        Loop<LossWatch>(services);
        Loop<DesiredPush>(services);
        Loop<NodeWatch>(services);
        services.AddSingleton(new DeclaredNodes(service.Options.DeclaredNodes ?? service.Options.Simulated));
        services.AddScoped<CreateEnrolmentTokenHandler>().AddScoped<EnrolHandler>();
        services.AddScoped<GetNodeHandler>().AddScoped<ListNodeEventsHandler>().AddScoped<TestNodeHandler>().AddScoped<SetNodeStateHandler>();
        return service.Serve<AgentGrpc>().Serve<NodesGrpc>();
    }

    private static void Loop<T>(IServiceCollection services)
        where T : BackgroundService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());
}
