using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Solver;
using ComputeExchange.Values.Auctions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Auctioneer;

/// <summary>While a run is open: solves every few seconds what is open now, under a small budget, and tells the market what it would clear at.</summary>
/// <remarks>
/// Nothing depends on it: a try that fails is left, the next one is due in a moment. The engine hands the open problem to one
/// auctioneer at a time, so that several do not solve the same.
/// </remarks>
internal sealed class IndicatePrices(ExchangeClient exchange, ServiceOptions options, ILogger<IndicatePrices> log) : BackgroundService
{
    /// <summary>The clock may cut it short: an indication that is late is worth less than a rough one.</summary>
    private static readonly SolverBudget Budget = new(200_000, TimeSpan.FromSeconds(1), TimeProvider.System);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.IndicateEvery == TimeSpan.Zero) return;
        using var due = new PeriodicTimer(options.IndicateEvery);
        while (await due.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(tick => tick.IsCompletedSuccessfully && tick.Result, TaskScheduler.Default))
        {
            try
            {
                await Indicate(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException away)
            {
                log.LogDebug("No indicative prices this time: {Reason}", away.Status.Detail);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                log.LogWarning(failure, "No indicative prices this time.");
            }
        }
    }

    private async Task Indicate(CancellationToken cancel)
    {
        var request = new GetOpenProblemRequest { UnlessWithinSeconds = (int)options.IndicateEvery.TotalSeconds - 1 };
        var open = await exchange.Engine.GetOpenProblemAsync(request, cancellationToken: cancel);
        if (open.ProblemJson.IsEmpty) return;
        var problem = AuctionJson.ReadProblem(open.ProblemJson.Memory);
        var indicative = Prices(problem, AuctionSolver.Solve(problem, Budget), open.FirstSlotTime.ToDateTimeOffset());
        indicative.ComputedTime = open.ClockTime;
        indicative.BidCount = open.BidCount;
        indicative.OfferCount = open.OfferCount;
        await exchange.OrderBook.TellIndicativePricesAsync(new TellIndicativePricesRequest { Indicative = indicative }, cancellationToken: cancel);
        Measures.Indicated();
    }

    /// <summary>The price of each market and slot in which something would be sold, and how much.</summary>
    public static GetIndicativePricesResponse Prices(AuctionProblem problem, AuctionSolution solution, DateTimeOffset firstSlot)
    {
        var markets = problem.Offers.ToDictionary(offer => offer.Id, offer => offer.Market);
        var sold = new SortedDictionary<(int Market, int Slot), int>();
        foreach (var fill in solution.Fills)
            for (var slot = fill.From; slot < fill.To; slot++)
                sold[(markets[fill.Offer], slot)] = sold.GetValueOrDefault((markets[fill.Offer], slot)) + fill.Gpus;
        var told = new GetIndicativePricesResponse();
        told.Prices.AddRange(sold.Select(cell => new IndicativePrice
        {
            Market = problem.Markets[cell.Key.Market],
            SlotTime = firstSlot.AddMinutes(cell.Key.Slot * problem.SlotMinutes).ToTimestamp(),
            PriceMicrosPerGpuHour = solution.Prices[cell.Key.Market][cell.Key.Slot] ?? 0,
            GpuCount = cell.Value,
        }));
        return told;
    }
}
