using System.Globalization;
using BenchmarkDotNet.Running;
using ComputeExchange.Benchmarks;
using ComputeExchange.Benchmarks.Study;

if (args is ["recovery", ..])
{
    int Argument(int place, int orElse) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : orElse;
    await RecoveryBench.Run(Argument(1, 10_000_000), Argument(2, 256));
    return;
}
if (args is ["ledger", ..])
{
    await LedgerBench.Run(
        args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 4_096);
    return;
}
if (args is ["nodes", ..])
{
    await NodesBench.Run(
        args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20_000, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 60);
    return;
}
if (args is ["nodes-registry", var database, var port, var certificate])
{
    await NodesBench.RunRegistry(database, int.Parse(port, CultureInfo.InvariantCulture), certificate);
    return;
}
if (args is ["auction", ..])
{
    AuctionCurve.Run(args[1..]);
    return;
}
if (args is ["study", ..])
{
    MarketStudy.Run(args[1..]);
    return;
}
if (args is ["placement", ..])
{
    PlacementBench.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000);
    return;
}
BenchmarkSwitcher.FromAssembly(typeof(AuctionBenchmarks).Assembly).Run(args);
