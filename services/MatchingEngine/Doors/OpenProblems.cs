using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values.Auctions;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>Hands the open problem to auctioneers, who solve it for indicative prices: however many there are, to one of them at a time.</summary>
/// <remarks>It is made between two groups of commands, from the state as it is committed; nothing of it is journaled.</remarks>
internal sealed class OpenProblems(Engine engine)
{
    private const int MostSeconds = 3_600;

    private readonly Lock _gate = new();
    private long? _handedOut;

    /// <summary>The open problem; empty while a run clears, when nothing could trade, and when it was handed out a short while ago.</summary>
    public async Task<GetOpenProblemResponse> Get(GetOpenProblemRequest request, CancellationToken cancel)
    {
        if (request.UnlessWithinSeconds is < 0 or > MostSeconds)
            throw Refuse.Field("unless_within_seconds", $"is {request.UnlessWithinSeconds}; it can be 0 to {MostSeconds}.");
        if (!MayTake(TimeSpan.FromSeconds(request.UnlessWithinSeconds))) return new GetOpenProblemResponse();

        var (open, now) = await EngineGrpc.Answer(() => engine.Ask((exchange, _) => (exchange.MakeOpenProblem(), exchange.Now), cancel));
        return open is null ? new GetOpenProblemResponse() : new GetOpenProblemResponse
        {
            ProblemJson = UnsafeByteOperations.UnsafeWrap(AuctionJson.WriteProblem(open.Problem)),
            FirstSlotTime = open.FirstSlot.ToTimestamp(),
            ClockTime = now.ToTimestamp(),
            BidCount = open.Bids,
            OfferCount = open.Offers,
        };
    }

    private bool MayTake(TimeSpan unlessWithin)
    {
        lock (_gate)
        {
            if (_handedOut is { } last && TimeProvider.System.GetElapsedTime(last) < unlessWithin) return false;
            _handedOut = TimeProvider.System.GetTimestamp();
            return true;
        }
    }
}
