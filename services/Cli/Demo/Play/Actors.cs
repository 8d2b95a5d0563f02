using ComputeExchange.Cli.Demo.Minds;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Settlement.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Demo.Play;

/// <summary>Sends what the people of a demo decided, each with its own key, and counts what came of it.</summary>
/// <remarks>No refusal ends a demo: it is counted, and life goes on.</remarks>
public sealed class Actors(Keyring keys, Calls calls, Tally tally)
{
    /// <summary>Takes back, and then bids; only if what was taken back is gone.</summary>
    public async Task Do(BuyerDecision decision)
    {
        if (decision.Old is { } old && !await TakeBackBid(old)) return;
        if (decision.New is { } bid)
            await Try("bids", () => calls.Ask(cancel => keys[bid.By].OrderBook.PlaceBidAsync(Orders.Of(bid), cancellationToken: cancel)));
    }

    /// <summary>Takes back, and then offers; only if all that was taken back is gone.</summary>
    public async Task Do(ProviderDecision decision)
    {
        var gone = true;
        foreach (var old in decision.Old) gone &= await TakeBackOffer(old);
        if (!gone) return;
        foreach (var offer in decision.New)
            await Try("offers", () => calls.Ask(cancel => keys[offer.By].OrderBook.PlaceOfferAsync(Orders.Of(offer), cancellationToken: cancel)));
    }

    /// <summary>Books a deposit.</summary>
    public async Task Do(TopUp topUp)
    {
        var request = new DepositRequest { RequestId = topUp.RequestId.ToString(), ParticipantId = topUp.For.Id.ToString(), AmountMicros = topUp.Amount.Micros };
        await Try("deposits", () => calls.Ask(cancel => keys.Operator.Settlement.DepositAsync(request, cancellationToken: cancel)));
    }

    /// <summary>Does something that may be refused; its answer, or null.</summary>
    public async Task<T?> Try<T>(string what, Func<Task<T>> call) where T : class
    {
        try
        {
            var answer = await call();
            tally.Add(what);
            return answer;
        }
        catch (RpcException refused) when (!calls.Cancel.IsCancellationRequested)
        {
            tally.Refused(what, Orders.Refusal(refused) ?? refused.StatusCode.ToString());
            return null;
        }
    }

    /// <summary>While a run clears, a bid is not gone yet and may still be filled.</summary>
    async Task<bool> TakeBackBid(TakeBack old)
    {
        var request = new CancelBidRequest { RequestId = old.RequestId.ToString(), BidId = old.Number };
        return await Gone("bids taken back", async () => (await calls.Ask(cancel => keys[old.By].OrderBook.CancelBidAsync(request, cancellationToken: cancel))).Pending);
    }

    async Task<bool> TakeBackOffer(TakeBack old)
    {
        var request = new CancelOfferRequest { RequestId = old.RequestId.ToString(), OfferId = old.Number };
        return await Gone("offers taken back", async () => (await calls.Ask(cancel => keys[old.By].OrderBook.CancelOfferAsync(request, cancellationToken: cancel))).Pending);
    }

    async Task<bool> Gone(string what, Func<Task<bool>> cancel)
    {
        try
        {
            var pending = await cancel();
            tally.Add(what);
            return !pending;
        }
        catch (RpcException refused) when (Orders.Refusal(refused) is not null)
        {
            // Filled, sold or past meanwhile: there was nothing left to take back.
            return false;
        }
    }
}
