using ComputeExchange.Hosting;
using ComputeExchange.Pricing;

return await ServiceProcess.Run(args, PricingModule.Build);
