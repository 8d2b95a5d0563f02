using BenchmarkDotNet.Running;
using ComputeExchange.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(AuctionBenchmarks).Assembly).Run(args);
