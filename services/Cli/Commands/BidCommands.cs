using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx bid</c>: capacity wanted; <c>cx bids</c>: what became of it.</summary>
public static class BidCommands
{
    static readonly Argument<long> Id = CommandShape.Whole<long>("id", "The bid's number.");
    static readonly Option<string?> State = States.Option<OrderState>();

    /// <summary><c>cx bid MARKET</c>, <c>cx bid standing MARKET</c>, <c>cx bid show ID</c>, <c>cx bid cancel ID</c>.</summary>
    public static Command Make() => CommandShape.Make("bid", "Bid for GPUs; show or cancel a bid.", [BidWords.Market, .. BidWords.OfBid,
            CommandShape.Make("standing", "Bid hour after hour until you cancel: interruptible, told at the gate when outbid, back by itself.", [BidWords.Market, .. BidWords.OfStanding])
                .Needs("cx bid standing H100-SXM-80GB.us --gpus 8 --limit 2.50", BidWords.Gpus, BidWords.Limit).Does(session => Place(session, isStanding: true)),
            CommandShape.Make("show", "One bid and what it bought.", Id).Does(Show),
            CommandShape.Make("cancel", "Take a bid's unfilled part back.", Id, CommandShape.RequestId).Does(Cancel)])
        .Needs("cx bid H100-SXM-80GB.us --gpus 8 --from +3h --hours 6 --limit 2.50", BidWords.Gpus, BidWords.From, BidWords.Hours, BidWords.Limit)
        .Does(session => Place(session, isStanding: false));

    /// <summary><c>cx bids</c>.</summary>
    public static Command MakeList() => CommandShape.Make("bids", "Your bids, newest first; operators see everyone's.", State, States.Most)
        .Does(async session => session.Print.Rows(Rows.Bids, await List(session, States.Read<OrderState>(session, State), session.Line.GetValue(States.Most))));

    /// <summary>The caller's bids.</summary>
    public static Task<List<Bid>> List(Session session, OrderState state, int most) => Session.Pages<Bid>(async token =>
    {
        var request = new ListBidsRequest { State = state, PageSize = most is > 0 and < 500 ? most : 500, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.ListBidsAsync(request, cancellationToken: cancel));
        return (reply.Bids, reply.NextPageToken);
    }, most);

    static async Task Place(Session session, bool isStanding)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = await BidWords.Read(session, id, isStanding);
        if (session.Line.GetValue(BidWords.Preview))
        {
            BidWords.Tell(session, request, await session.Ask(cancel => session.Exchange.OrderBook.PreviewBidAsync(new PreviewBidRequest { Bid = request }, cancellationToken: cancel)));
            return;
        }
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.PlaceBidAsync(request, cancellationToken: cancel));
        var bid = reply.Bid;
        session.Print.Say(string.Create(CultureInfo.InvariantCulture,
            $"bid {bid.BidId} {Output.Show.Word(bid.State)}: {bid.GpuCount} x {string.Join(" or ", bid.Markets)} {BidWords.HoursOf(bid)} up to {Output.Show.Price(bid.LimitMicrosPerGpuHour)}, {Output.Show.Money(bid.ReservedMicros)} reserved (request {id})"));
        foreach (var warning in reply.Warnings) await session.Error.WriteLineAsync(warning);
        if (session.Print.IsJson) session.Print.Card(Rows.Bids, bid);
        session.Print.Field("reserved_micros", bid.ReservedMicros);
        session.Print.Field("request_id", id);
    }

    static async Task Show(Session session)
    {
        var request = new GetBidRequest { BidId = session.Line.GetValue(Id) };
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.GetBidAsync(request, cancellationToken: cancel));
        session.Print.Card(Rows.Bids
            .Price("Needed limit", "needed_limit_micros_per_gpu_hour", bid => bid.Why is { NeededLimitMicrosPerGpuHour: > 0 } why ? why.NeededLimitMicrosPerGpuHour : null)
            .Text("Reason", "reason", bid => bid.Reason)
            .Text("Block", "block", BidWords.BlockOf)
            .Text("Where", "where", bid => bid.Where)
            .Word("Standing", "standing", bid => bid.Standing?.State ?? StandingState.Unspecified)
            .Time("Held until", "held_until_time", bid => bid.Standing?.HeldUntilTime)
            .Money("Reserved at first", "reserved_micros", bid => bid.ReservedMicros), reply.Bid);
        session.Print.Say("");
        session.Print.Rows(Rows.Trades, reply.Trades);
    }

    static async Task Cancel(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new CancelBidRequest { RequestId = id, BidId = session.Line.GetValue(Id) };
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.CancelBidAsync(request, cancellationToken: cancel));
        session.Print.Say(reply.Pending
            ? $"bid {request.BidId} is in a run that clears now: the cancel takes effect when it ends (request {id})"
            : $"bid {request.BidId} cancelled: {Output.Show.Money(reply.ReleasedMicros)} is free again (request {id})");
        session.Print.Field("bid_id", request.BidId);
        session.Print.Field("pending", reply.Pending);
        session.Print.Field("released_micros", reply.ReleasedMicros);
        session.Print.Field("request_id", id);
    }
}
