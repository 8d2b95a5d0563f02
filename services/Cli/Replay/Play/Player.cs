using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>Plays a plan through an exchange: at each step what is due is sent, in order, and then the clock moves on.</summary>
/// <remarks>
/// One command after another: their order is their priority. The clock is moved only when everything is sent, and answers
/// only when everything that follows is done; so the same plan makes the same trades. A replay that was broken off goes on
/// where it stopped: what was sent before is repeated under its old id and answered with its first outcome.
/// </remarks>
public sealed class Player(ReplayPlan plan, Keyring keys, Calls calls, Score score, Action<string> tell)
{
    readonly Dictionary<Guid, long> _bids = [];
    readonly Meters _meters = new(plan, keys, calls, score);

    /// <summary>Plays every step.</summary>
    public async Task Run(DateTimeOffset clock)
    {
        var began = TimeProvider.System.GetTimestamp();
        var metered = plan.Start;
        foreach (var step in plan.Steps)
        {
            foreach (var action in step.Actions) await Send(action);
            var next = step.Time.AddMinutes(plan.Options.StepMinutes);
            if (clock >= next) continue;
            if (metered.AddHours(1) <= step.Time)
            {
                await _meters.Report(step.Time);
                metered = step.Time.AddTicks(-(step.Time.UtcTicks % TimeSpan.TicksPerHour));
            }
            clock = await Advance(next);
            if (next.Hour % 6 == 0 && next.Minute == 0)
                tell(FormattableString.Invariant($"{next:yyyy-MM-dd HH:mm}Z  {score.BidsAccepted} bids accepted, {score.RefusedBids.Values.Sum()} refused, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s"));
        }
        score.Played = TimeProvider.System.GetElapsedTime(began);
        await new Finish(plan, keys, calls, score, _meters, Advance, tell).Run(clock);
    }

    async Task<DateTimeOffset> Advance(DateTimeOffset to)
    {
        var request = new AdvanceClockRequest { ToTime = to.ToTimestamp() };
        return (await calls.Ask(cancel => keys.Operator.Clock.AdvanceClockAsync(request, cancellationToken: cancel))).ClockTime.ToDateTimeOffset();
    }

    Task Send(PlannedAction action) => action switch
    {
        OfferAction offer => Send(offer),
        BidAction bid => Send(bid),
        CancelAction cancel => Send(cancel),
        _ => throw new System.Diagnostics.UnreachableException($"Nobody sends {action}."),
    };

    async Task Send(OfferAction offer)
    {
        try
        {
            await calls.Ask(cancel => keys[offer.By].OrderBook.PlaceOfferAsync(Orders.Of(offer), cancellationToken: cancel));
            score.AcceptedOffer(offer.RequestId);
        }
        catch (RpcException refused) when (Orders.Refusal(refused) is { } reason)
        {
            score.RefusedOffer(reason);
        }
    }

    async Task Send(BidAction bid)
    {
        try
        {
            var reply = await calls.Ask(cancel => keys[bid.By].OrderBook.PlaceBidAsync(Orders.Of(bid), cancellationToken: cancel));
            _bids[bid.RequestId] = reply.Bid.BidId;
            score.BidsAccepted++;
        }
        catch (RpcException refused) when (Orders.Refusal(refused) is { } reason)
        {
            score.RefusedBid(reason);
        }
    }

    async Task Send(CancelAction cancellation)
    {
        if (!_bids.TryGetValue(cancellation.Bid.RequestId, out var bid)) return;
        var request = new CancelBidRequest { RequestId = cancellation.RequestId.ToString(), BidId = bid };
        try
        {
            await calls.Ask(cancel => keys[cancellation.By].OrderBook.CancelBidAsync(request, cancellationToken: cancel));
            score.BidsCancelled++;
        }
        catch (RpcException refused) when (Orders.Refusal(refused) is not null)
        {
            // Filled or past already: there was nothing left to take back.
        }
    }
}
