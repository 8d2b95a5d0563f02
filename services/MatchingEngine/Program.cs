using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine;

return await ServiceProcess.Run(args, MatchingEngineModule.Build);
