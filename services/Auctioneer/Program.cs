using ComputeExchange.Auctioneer;
using ComputeExchange.Hosting;

return await ServiceProcess.Run(args, AuctioneerModule.Build);
