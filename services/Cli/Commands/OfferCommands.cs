using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx offers</c>: capacity for sale.</summary>
public static class OfferCommands
{
    static readonly Argument<string> Node = CommandShape.Needed("node", "The node, by its UUID.");
    static readonly Option<string> Reserve = CommandShape.Required("--reserve", "PRICE", "The least you take: dollars for one GPU for one hour, for example 1.85.");
    static readonly Option<string?> Prompt = CommandShape.May("--prompt", "PRICE", "The least you take for an hour that would otherwise perish. Default: the reserve.");
    static readonly Option<int> MinRun = CommandShape.Whole<int>("--min-run", "N", "Serve only blocks of at least so many hours.");
    static readonly Argument<long> Id = CommandShape.Whole<long>("id", "The offer's number.");
    static readonly Option<string?> State = States.Option<OrderState>();

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("offers", "Your offers: list, place, cancel.", State, States.Most,
            CommandShape.Make("list", "Your offers, newest first; operators see everyone's.", State, States.Most).Does(List),
            CommandShape.Make("place", "Offer a node's GPUs.", Node, Window.Gpus, Window.From, Window.Hours, Reserve, Prompt, MinRun, CommandShape.RequestId).Does(Place),
            CommandShape.Make("cancel", "Take an offer's unsold capacity back.", Id, CommandShape.RequestId).Does(Cancel))
        .Does(List);

    /// <summary>The caller's offers.</summary>
    public static Task<List<Offer>> List(Session session, OrderState state, int most) => Session.Pages<Offer>(async token =>
    {
        var request = new ListOffersRequest { State = state, PageSize = most is > 0 and < 500 ? most : 500, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.ListOffersAsync(request, cancellationToken: cancel));
        return (reply.Offers, reply.NextPageToken);
    }, most);

    static async Task List(Session session) =>
        session.Print.Rows(Rows.Offers, await List(session, States.Read<OrderState>(session, State), session.Line.GetValue(States.Most)));

    static async Task Place(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var (from, to) = await Window.Read(session);
        var request = new PlaceOfferRequest
        {
            RequestId = id,
            NodeId = IdWords.Uuid("node", session.Line.GetRequiredValue(Node)),
            GpuCount = session.Line.GetValue(Window.Gpus),
            FromTime = from,
            ToTime = to,
            ReserveMicrosPerGpuHour = MoneyWords.Price("--reserve", session.Line.GetRequiredValue(Reserve)).MicrosPerGpuHour,
            RunSlotCountMin = session.Line.GetValue(MinRun),
        };
        if (session.Line.GetValue(Prompt) is { } prompt) request.PromptReserveMicrosPerGpuHour = MoneyWords.Price("--prompt", prompt).MicrosPerGpuHour;
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.PlaceOfferAsync(request, cancellationToken: cancel));
        var offer = reply.Offer;
        session.Print.Say(string.Create(CultureInfo.InvariantCulture,
            $"offer {offer.OfferId} {Show.Word(offer.State)}: {offer.GpuCount} x {offer.Market} {Show.Window(offer.FromTime, offer.ToTime)} from {Show.Price(offer.ReserveMicrosPerGpuHour)}, bond {Show.Money(reply.BondMicros)} (request {id})"));
        if (session.Print.IsJson) session.Print.Card(Rows.Offers, offer);
        session.Print.Field("bond_micros", reply.BondMicros);
        session.Print.Field("request_id", id);
    }

    static async Task Cancel(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new CancelOfferRequest { RequestId = id, OfferId = session.Line.GetValue(Id) };
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.CancelOfferAsync(request, cancellationToken: cancel));
        session.Print.Say(reply.Pending
            ? $"offer {request.OfferId} is in a run that clears now: the cancel takes effect when it ends (request {id})"
            : $"offer {request.OfferId} cancelled: {Show.Money(reply.ReleasedMicros)} of bond is free again (request {id})");
        session.Print.Field("offer_id", request.OfferId);
        session.Print.Field("pending", reply.Pending);
        session.Print.Field("released_micros", reply.ReleasedMicros);
        session.Print.Field("request_id", id);
    }
}
