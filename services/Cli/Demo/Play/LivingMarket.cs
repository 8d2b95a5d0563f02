using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Values;
using Grpc.Core;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>A market that lives until somebody has had enough: the exchange's own clock runs, and everybody acts when they see that something is due.</summary>
/// <remarks>
/// Watching, bidding, offering and metering go on side by side, so that a service that is away stops only what needs it. What
/// fell due meanwhile is done when it is back: what is due is asked of the exchange and not remembered here.
/// </remarks>
public sealed class LivingMarket(Cast cast, Pace pace, Stage stage, Watch watch, Actors actors, DueMeters meters, Cashier cashier, Calls calls, Story story, Action<string> tell)
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Between the turns of two providers.</summary>
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(1.5);

    /// <summary>Minutes at most for which bids are made up for when time has passed unseen.</summary>
    const int MostMinutesAtOnce = 60;

    readonly Weather _weather = new(cast.Seed);
    volatile Sight? _seen;
    long _failuresSeen;
    DateTimeOffset _bidUntil;

    // What buyers have left of the money that was counted last, and the bids they have taken back since.
    IReadOnlyDictionary<Guid, Money>? _counted;
    Dictionary<Guid, Money> _purse = [];
    readonly HashSet<long> _gone = [];

    /// <summary>Opens the market and lives until the token says stop.</summary>
    public async Task Live(CancellationToken stop)
    {
        var (providers, buyers) = (new ProviderMind(cast, _weather), new BuyerMind(cast, _weather, pace));
        await stage.Open(providers, buyers);
        _failuresSeen = calls.Failures;
        _seen = await watch.Look(null);
        var next = 0;
        await Task.WhenAll(
            Every(Second, Look, stop),
            Every(TimeSpan.FromMilliseconds(200), () => Bid(buyers), stop),
            Every(Turn, () => TakeTurn(providers, cast.Providers[next++ % cast.Providers.Count]), stop),
            Every(Second * 2, () => meters.Report(_seen!.Now, pace), stop),
            Every(Second * 5, Tell, stop));
    }

    Task Tell()
    {
        if (!calls.IsAway) tell(story.Line(_seen!, _weather));
        return Task.CompletedTask;
    }

    async Task Look()
    {
        var failures = calls.Failures;
        var seen = await watch.Look(_seen);
        story.Saw(seen);

        // A clock that stands after the exchange was away was stopped by its end, not by a person. What fails during a look
        // counts for the next one: its clock may have been read before.
        if (seen.Speed == 0 && failures != _failuresSeen) await stage.RunClock(pace.Speed);
        _failuresSeen = failures;
        var isNew = !ReferenceEquals(seen.Free, _seen!.Free);
        _seen = seen;
        if (!isNew) return;
        foreach (var topUp in cashier.Due(seen.Free, seen.Now)) await actors.Do(topUp);
    }

    /// <summary>What buyers do in each minute that has passed, spread over a second.</summary>
    async Task Bid(BuyerMind buyers)
    {
        var now = _seen!.Now.AddTicks(-(_seen.Now.UtcTicks % TimeSpan.TicksPerMinute));
        if (_bidUntil == default) _bidUntil = now;
        if (now - _bidUntil > TimeSpan.FromMinutes(MostMinutesAtOnce)) _bidUntil = now.AddMinutes(-MostMinutesAtOnce);
        for (; _bidUntil < now; _bidUntil = _bidUntil.AddMinutes(1))
        {
            var seen = _seen;
            if (!ReferenceEquals(seen.Free, _counted))
            {
                (_counted, _purse) = (seen.Free, new Dictionary<Guid, Money>(seen.Free));
                _gone.IntersectWith(seen.Bids.Select(bid => bid.Id));
            }
            var bids = seen.Bids.Where(bid => !_gone.Contains(bid.Id)).ToList();
            var decisions = buyers.Minute(_bidUntil.AddMinutes(1), new BuyersView(bids, _purse, seen.Prices));
            foreach (var decision in decisions)
            {
                if (decision.Old is { } old) _gone.Add(old.Number);
                if (decision.New is { } bid) _purse[bid.Buyer.Id] -= buyers.CostOf(bid);
                await actors.Do(decision);
                if (pace.Speed <= Pace.Usual) await Task.Delay(Second / (decisions.Count + 2), calls.Cancel);
            }
        }
    }

    async Task TakeTurn(ProviderMind providers, Replay.Plan.Seat provider)
    {
        var seen = _seen!;
        foreach (var decision in providers.Turn(provider, seen.Now, await watch.Of(provider, seen.Now, seen.Prices, stage.Gpus))) await actors.Do(decision);
    }

    /// <summary>Does something again and again; what a call cannot do now is tried again the next time.</summary>
    async Task Every(TimeSpan pause, Func<Task> act, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await act();
                await Task.Delay(pause, stop);
            }
            catch (Exception end) when (end is OperationCanceledException or RpcException && stop.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException refused)
            {
                tell($"The exchange says: {refused.Status.Detail}");
                await Task.Delay(Second, CancellationToken.None);
            }
        }
    }
}
