using ComputeExchange.Access.V1;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>Gets an exchange ready for a plan: settings, markets, participants, keys, money, machines.</summary>
/// <remarks>All of it may be done again: what is there is left as it is.</remarks>
public sealed class SetUp(ReplayPlan plan, Keyring keys, Calls calls)
{
    /// <summary>Returns the exchange's time when everybody may trade.</summary>
    public async Task<DateTimeOffset> Run(DateTimeOffset clock, Action<string> tell)
    {
        // First of all the clock: what is made now, keys above all, is good for so long from now.
        if (clock < plan.Start)
        {
            var start = new AdvanceClockRequest { ToTime = plan.Start.ToTimestamp() };
            clock = (await calls.Ask(cancel => keys.Operator.Clock.AdvanceClockAsync(start, cancellationToken: cancel))).ClockTime.ToDateTimeOffset();
        }
        await RunEvery(plan.Options.StepMinutes);
        await Define(plan.Markets);
        foreach (var seat in plan.Seats) await Admit(seat);

        // The registry and the ledger must have heard of markets and participants before they are asked about them.
        await Rest.Wait(keys.Operator, calls);
        await keys.Open();
        foreach (var seat in plan.Seats) await Deposit(seat);
        foreach (var node in plan.Nodes) await Register(node);
        await Rest.Wait(keys.Operator, calls);
        tell(FormattableString.Invariant($"Ready: {plan.Markets.Count} markets, {plan.Seats.Count} participants, {plan.Nodes.Count} machines."));
        return clock;
    }

    /// <summary>Makes the exchange close a run every so many minutes.</summary>
    public async Task RunEvery(int minutes)
    {
        var known = await calls.Ask(cancel => keys.Operator.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: cancel));
        if (known.Settings.RunIntervalSeconds == minutes * 60) return;
        var settings = known.Settings.Clone();
        settings.RunIntervalSeconds = minutes * 60;

        // Not of the plan: settings may go back and forth, and an id of the plan would change them once only.
        var request = new ChangeSettingsRequest { RequestId = IdWords.Request(null), Settings = settings };
        await calls.Ask(cancel => keys.Operator.Markets.ChangeSettingsAsync(request, cancellationToken: cancel));
    }

    /// <summary>Makes the markets that are not there yet; whether there were any.</summary>
    public async Task<bool> Define(IReadOnlyList<string> markets)
    {
        var known = await calls.Ask(cancel => keys.Operator.Markets.ListMarketsAsync(new ListMarketsRequest(), cancellationToken: cancel));
        var missing = markets.Except(known.Markets.Select(market => market.Market)).ToList();
        foreach (var market in missing)
        {
            var request = new DefineMarketRequest
            {
                RequestId = plan.Ids.Of($"market {market}").ToString(),
                Market = new DefineMarket { Market = market, State = MarketState.Open },
            };
            await calls.Ask(cancel => keys.Operator.Markets.DefineMarketAsync(request, cancellationToken: cancel));
        }
        return missing.Count > 0;
    }

    /// <summary>Admits somebody.</summary>
    public async Task Admit(Seat seat)
    {
        // Of the seed alone, as the participant is: two replays of one seed share their people.
        var request = new AdmitParticipantRequest
        {
            RequestId = new PlanIds($"admit {seat.Id}").Of(seat.Name).ToString(),
            ParticipantId = seat.Id.ToString(),
            Name = seat.Name,
            Roles = { seat.IsProvider ? Role.Provider : Role.Buyer },
        };
        await calls.Ask(cancel => keys.Operator.Participants.AdmitParticipantAsync(request, cancellationToken: cancel));
    }

    async Task Deposit(Seat seat)
    {
        var request = new DepositRequest
        {
            RequestId = plan.Ids.Of($"deposit {seat.Name}").ToString(),
            ParticipantId = seat.Id.ToString(),
            AmountMicros = seat.Deposit.Micros,
        };
        await calls.Ask(cancel => keys.Operator.Settlement.DepositAsync(request, cancellationToken: cancel));
    }

    /// <summary>Registers a machine.</summary>
    public async Task Register(PlannedNode node)
    {
        var request = new RegisterNodeRequest
        {
            RequestId = plan.Ids.Of($"register {node.Id}").ToString(),
            NodeId = node.Id.ToString(),
            Name = node.Name,
            Market = node.Market,
            GpuCount = node.Gpus,
            Location = node.Place.Length <= 100 ? node.Place : node.Place[..100],
        };
        await calls.Ask(cancel => keys[node.Provider].Registry.RegisterNodeAsync(request, cancellationToken: cancel));
    }

    /// <summary>The exchange's clock, which must be simulated and must not run by itself.</summary>
    public async Task<DateTimeOffset> TakeClock()
    {
        var clock = await calls.Ask(cancel => keys.Operator.Clock.GetClockAsync(new GetClockRequest(), cancellationToken: cancel));
        if (!clock.Simulated)
            throw new InputException("The exchange's clock is real: a replay needs a simulated one. Start the exchange with a simulated clock, or use cx replay --plan to see what would be sent.");
        if (clock.Speed != 0) await calls.Ask(cancel => keys.Operator.Clock.RunClockAsync(new RunClockRequest(), cancellationToken: cancel));
        return clock.ClockTime.ToDateTimeOffset();
    }
}
