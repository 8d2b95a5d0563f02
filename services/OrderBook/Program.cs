using ComputeExchange.Hosting;
using ComputeExchange.OrderBook;

return await ServiceProcess.Run(args, OrderBookModule.Build);
