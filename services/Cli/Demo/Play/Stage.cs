using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>Gets an exchange ready for a demo: what a replay or an earlier demo left is found again, what is missing is made.</summary>
public sealed class Stage(Cast cast, SetUp setUp, Keyring keys, Calls calls, Watch watch, Actors actors, Cashier cashier)
{
    const int AtOnce = 8;

    /// <summary>The hour of the first day in which a demo of an empty exchange begins: the working day does too.</summary>
    const int FirstHour = 7;

    /// <summary>GPUs of the cast's nodes as the exchange has them.</summary>
    public IReadOnlyDictionary<Guid, int> Gpus { get; private set; } = new Dictionary<Guid, int>();

    /// <summary>Returns when everybody has a key, money and machines, and the clock runs.</summary>
    public async Task Build(DateTimeOffset start, int runEveryMinutes, int speed)
    {
        var clock = await calls.Ask(cancel => keys.Operator.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel));
        if (clock.ClockTime.ToDateTimeOffset() < start)
            await calls.Ask(cancel => keys.Operator.Clock.AdvanceClockAsync(new AdvanceClockRequest { ToTime = start.AddHours(FirstHour).ToTimestamp() }, cancellationToken: cancel));
        await setUp.RunEvery(runEveryMinutes);
        var isNew = await setUp.Define([.. cast.Markets.Select(market => market.Name)]);
        isNew |= await Admit();

        // The registry and the ledger must have heard of markets and participants before they are asked about them.
        if (isNew) await Rest.Wait(keys.Operator, calls);
        await keys.Open();
        isNew = await Register();
        isNew |= await TopUp(await watch.Free());
        if (isNew) await Rest.Wait(keys.Operator, calls);
        await RunClock(speed);
    }

    /// <summary>Lets the exchange's clock run, or stops it.</summary>
    public Task RunClock(int speed) =>
        calls.Ask(cancel => keys.Operator.Clock.RunClockAsync(new RunClockRequest { Speed = speed }, cancellationToken: cancel));

    /// <summary>The first offers and bids, for a book that is not empty.</summary>
    public async Task Open(ProviderMind providers, BuyerMind buyers)
    {
        var sight = await watch.Look(null);
        await Each(cast.Providers, async provider =>
        {
            foreach (var decision in providers.Turn(provider, sight.Now, await watch.Of(provider, sight.Now, sight.Prices, Gpus), isOpening: true)) await actors.Do(decision);
        });
        var opening = buyers.Opening(sight.Now, new BuyersView(sight.Bids, sight.Free, sight.Prices));
        if (sight.Bids.Count < opening.Count / 2) await Each(opening, actors.Do);
    }

    async Task<bool> Admit()
    {
        var known = await Session.Pages<Participant>(async token =>
        {
            var request = new ListParticipantsRequest { PageSize = 1000, PageToken = token };
            var reply = await calls.Ask(cancel => keys.Operator.Participants.ListParticipantsAsync(request, cancellationToken: cancel));
            return (reply.Participants, reply.NextPageToken);
        });
        var missing = cast.Seats.ExceptBy(known.Select(participant => participant.ParticipantId), seat => seat.Id.ToString()).ToList();
        await Each(missing, setUp.Admit);
        return missing.Count > 0;
    }

    async Task<bool> Register()
    {
        var known = await Session.Pages<Node>(async token =>
        {
            var request = new ListNodesRequest { PageSize = 1000, PageToken = token };
            var reply = await calls.Ask(cancel => keys.Operator.Registry.ListNodesAsync(request, cancellationToken: cancel));
            return (reply.Nodes, reply.NextPageToken);
        });
        var gpus = known.ToDictionary(node => Guid.Parse(node.NodeId), node => node.GpuCount);
        var missing = cast.Nodes.Where(node => !gpus.ContainsKey(node.Node.Id)).ToList();
        await Each(missing, node => setUp.Register(node.Node));
        foreach (var node in missing) gpus[node.Node.Id] = node.Node.Gpus;
        Gpus = gpus;
        return missing.Count > 0;
    }

    async Task<bool> TopUp(IReadOnlyDictionary<Guid, Values.Money> free)
    {
        var clock = await calls.Ask(cancel => keys.Operator.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel));
        var due = cashier.Due(free, clock.ClockTime.ToDateTimeOffset());
        await Each(due, actors.Do);
        return due.Count > 0;
    }

    Task Each<T>(IEnumerable<T> things, Func<T, Task> act) => Parallel.ForEachAsync(
        things, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = calls.Cancel }, async (thing, _) => await act(thing));
}
