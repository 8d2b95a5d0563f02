using ComputeExchange.Hosting;
using ComputeExchange.Settlement;

return await ServiceProcess.Run(args, SettlementModule.Build);
