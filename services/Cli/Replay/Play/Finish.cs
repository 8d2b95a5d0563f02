using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>The end of a replay: what is open is taken back, and the clock runs on until all is delivered, metered and paid.</summary>
public sealed class Finish(
    ReplayPlan plan, Keyring keys, Calls calls, Score score, Meters meters, Func<DateTimeOffset, Task<DateTimeOffset>> advance, Action<string> tell)
{
    /// <summary>Days after which a replay is not waited for any longer.</summary>
    const int MostDays = 4;

    /// <summary>Returns when all is settled, or says what is not.</summary>
    public async Task Run(DateTimeOffset clock)
    {
        foreach (var seat in plan.Seats) await TakeBack(seat);
        tell("Settling.");
        var last = plan.End.AddDays(MostDays);
        while (true)
        {
            await meters.Report(clock);
            var unmetered = await Unmetered(clock);
            if (unmetered is null) await Rest.Wait(keys.Operator, calls);
            score.Unsettled = unmetered ?? await Unpaid() ?? "";
            if (score.Unsettled.Length == 0 || clock >= last) return;

            // Meters are due hour by hour; when all are read, what is left waits for the day's payouts.
            clock = await advance(clock.AddHours(unmetered is null ? 3 : 1));
        }
    }

    async Task TakeBack(Seat seat)
    {
        var client = keys[seat].OrderBook;
        if (seat.IsProvider)
        {
            var open = await calls.Ask(cancel => client.ListOffersAsync(new ListOffersRequest { State = OrderState.Open, PageSize = 500 }, cancellationToken: cancel));
            foreach (var offer in open.Offers.OrderBy(offer => offer.OfferId))
            {
                var request = new CancelOfferRequest { RequestId = plan.Ids.Of(FormattableString.Invariant($"take back offer {offer.OfferId}")).ToString(), OfferId = offer.OfferId };
                await Quietly(() => calls.Ask(cancel => client.CancelOfferAsync(request, cancellationToken: cancel)));
            }
        }
        else
        {
            var open = await calls.Ask(cancel => client.ListBidsAsync(new ListBidsRequest { State = OrderState.Open, PageSize = 500 }, cancellationToken: cancel));
            foreach (var bid in open.Bids.OrderBy(bid => bid.BidId))
            {
                var request = new CancelBidRequest { RequestId = plan.Ids.Of(FormattableString.Invariant($"take back bid {bid.BidId}")).ToString(), BidId = bid.BidId };
                await Quietly(() => calls.Ask(cancel => client.CancelBidAsync(request, cancellationToken: cancel)));
            }
        }
    }

    /// <summary>What came to its end meanwhile needs no cancel.</summary>
    static async Task Quietly<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound)
        {
        }
    }

    async Task<string?> Unmetered(DateTimeOffset clock)
    {
        foreach (var seat in plan.Seats.Where(seat => seat.IsProvider))
        {
            var request = new ListLeasesRequest { UnmeteredBeforeTime = Later(clock, plan.End).ToTimestamp(), PageSize = 1 };
            var reply = await calls.Ask(cancel => keys[seat].Registry.ListLeasesAsync(request, cancellationToken: cancel));
            if (reply.Leases.Count > 0) return FormattableString.Invariant($"lease {reply.Leases[0].LeaseId} of {seat.Name} is not metered to its end");
        }
        return null;
    }

    async Task<string?> Unpaid()
    {
        foreach (var seat in plan.Seats)
        {
            var account = await calls.Ask(cancel => keys[seat].Settlement.GetAccountAsync(new GetAccountRequest(), cancellationToken: cancel));
            if (account.EscrowMicros != 0) return $"{seat.Name} has {new Values.Money(account.EscrowMicros)} in escrow";
            if (account.EarningsMicros != 0 && await PaysWithoutBankAccount(seat)) return $"{seat.Name} has {new Values.Money(account.EarningsMicros)} that is not paid out";
            if (account.TransitMicros != 0) return $"{seat.Name} has {new Values.Money(account.TransitMicros)} on its way";
        }
        return null;
    }

    /// <summary>The players name no bank account: over a rail that needs one, their earnings wait for it.</summary>
    async Task<bool> PaysWithoutBankAccount(Seat seat) =>
        (await calls.Ask(cancel => keys[seat].Payments.GetPaymentInstructionsAsync(new GetPaymentInstructionsRequest(), cancellationToken: cancel))).Rail == "manual";

    static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
