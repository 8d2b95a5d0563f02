using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx bid</c>: capacity wanted; <c>cx bids</c>: what became of it.</summary>
public static class BidCommands
{
    static readonly Argument<string?> Market = CommandShape.Optional("market", "The market, for example H100-SXM-80GB.us.");
    static readonly Option<int> Gpus = CommandShape.Whole<int>("--gpus", "N", "GPUs in each hour.");
    static readonly Option<string?> From = CommandShape.May("--from", "TIME", "When it begins: 2026-03-01T09:00Z, now, +3h, \"tomorrow 09:00\".");
    static readonly Option<string?> Hours = CommandShape.May("--hours", "H", "How many hours, for example 6.");
    static readonly Option<string?> Limit = CommandShape.May("--limit", "PRICE", "The most you pay: dollars for one GPU for one hour, for example 2.50.");
    static readonly Option<bool> Block = new("--block") { Description = "All of it for all of the hours, or nothing; otherwise any part, each hour by itself." };
    static readonly Argument<long> Id = CommandShape.Whole<long>("id", "The bid's number.");
    static readonly Option<string?> State = States.Option<OrderState>();

    /// <summary><c>cx bid MARKET</c>, <c>cx bid show ID</c>, <c>cx bid cancel ID</c>.</summary>
    public static Command Make()
    {
        var place = CommandShape.Make("bid", "Bid for GPUs; show or cancel a bid.", Market, Gpus, From, Hours, Limit, Block, CommandShape.RequestId,
            CommandShape.Make("show", "One bid and what it bought.", Id).Does(Show),
            CommandShape.Make("cancel", "Take a bid's unfilled part back.", Id, CommandShape.RequestId).Does(Cancel));

        // Only the command itself needs these; its two subcommands do not.
        place.Validators.Add(result =>
        {
            if (result.GetResult(Market)?.Tokens.Count is null or 0) result.AddError("market: name one, for example cx bid H100-SXM-80GB.us --gpus 8 --from +3h --hours 6 --limit 2.50.");
            foreach (var option in new Option[] { Gpus, From, Hours, Limit })
            {
                if (result.GetResult(option) is null) result.AddError($"{option.Name}: is missing: {option.Description}");
            }
        });
        return place.Does(Place);
    }

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

    static async Task Place(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var (from, to) = await Window.Read(session, From, Hours);
        var request = new PlaceBidRequest
        {
            RequestId = id,
            Kind = session.Line.GetValue(Block) ? BidKind.Block : BidKind.Divisible,
            Markets = { session.Line.GetRequiredValue(Market)! },
            GpuCount = session.Line.GetValue(Gpus),
            FromTime = from,
            ToTime = to,
            LimitMicrosPerGpuHour = MoneyWords.Price("--limit", session.Line.GetRequiredValue(Limit)!).MicrosPerGpuHour,
        };
        var bid = (await session.Ask(cancel => session.Exchange.OrderBook.PlaceBidAsync(request, cancellationToken: cancel))).Bid;
        session.Print.Say(string.Create(CultureInfo.InvariantCulture,
            $"bid {bid.BidId} {Output.Show.Word(bid.State)}: {bid.GpuCount} x {bid.Markets[0]} {Output.Show.Window(bid.FromTime, bid.ToTime)} up to {Output.Show.Price(bid.LimitMicrosPerGpuHour)}, {Output.Show.Money(bid.ReservedMicros)} reserved (request {id})"));
        if (session.Print.IsJson) session.Print.Card(Rows.Bids, bid);
        session.Print.Field("reserved_micros", bid.ReservedMicros);
        session.Print.Field("request_id", id);
    }

    static async Task Show(Session session)
    {
        var request = new GetBidRequest { BidId = session.Line.GetValue(Id) };
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.GetBidAsync(request, cancellationToken: cancel));
        session.Print.Card(Rows.Bids.Money("Reserved at first", "reserved_micros", bid => bid.ReservedMicros), reply.Bid);
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
