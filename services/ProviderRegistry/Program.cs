using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry;

return await ServiceProcess.Run(args, ProviderRegistryModule.Build);
