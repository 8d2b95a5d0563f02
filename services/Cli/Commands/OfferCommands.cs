using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Commands.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx offers</c>: capacity for sale.</summary>
public static class OfferCommands
{
    static readonly Argument<string> Node = CommandShape.Needed("node", "The node: its UUID, the first digits of it, or its name.");
    static readonly Argument<long> Lease = CommandShape.Whole<long>("lease", "The lease's number.");
    static readonly Option<string?> SlotReserves = CommandShape.May("--slot-reserves", "PRICES", "A reserve for each hour, with commas between them, instead of --reserve.");
    static readonly Option<string?> NodeReserve = CommandShape.May("--reserve", "PRICE", "The least you take: dollars for one GPU for one hour, for example 1.85.");
    static readonly Option<string> Reserve = CommandShape.Required("--reserve", "PRICE", "The least you take: dollars for one GPU for one hour, for example 1.85.");
    static readonly Option<string?> Prompt = CommandShape.May("--prompt", "PRICE", "The least you take for an hour that would otherwise perish. Default: the reserve.");
    static readonly Option<int> MinRun = CommandShape.Whole<int>("--min-run", "N", "Serve only blocks of at least so many hours.");
    static readonly Argument<long> Id = CommandShape.Whole<long>("id", "The offer's number.");
    static readonly Symbol[] Terms = [Window.Gpus, Window.From, Window.Hours, Prompt, MinRun, CommandShape.RequestId];
    static readonly Option<string?> State = States.Option<OrderState>();

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var offers = CommandShape.Make("offers", "Your offers: list, place, resell a lease, cancel.", State, States.Most,
                CommandShape.Make("list", "Your offers, newest first; operators see everyone's.", State, States.Most).Does(List),
                CommandShape.Make("place", "Offer a node's GPUs.", [Node, .. Terms, NodeReserve, SlotReserves]).Does(Place),
                MakeResale("resale", "Offer what is left of a lease you bought, in whole hours to come."),
                CommandShape.Make("cancel", "Take an offer's unsold capacity back.", Id, CommandShape.RequestId).Does(Cancel))
            .Does(List);
        offers.Aliases.Add("offer");
        return offers;
    }

    /// <summary>Offers what is left of a lease, under a name that says so.</summary>
    public static Command MakeResale(string name, string description) => CommandShape.Make(name, description, [Lease, .. Terms, Reserve]).Does(Resell);

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
            NodeId = await NodeNames.Id(session, Node.Name, session.Line.GetRequiredValue(Node)),
            GpuCount = session.Line.GetValue(Window.Gpus),
            FromTime = from,
            ToTime = to,
            RunSlotCountMin = session.Line.GetValue(MinRun),
        };
        if (session.Line.GetValue(SlotReserves) is { } list)
            request.SlotReservesMicrosPerGpuHour.AddRange(list.Split(',').Select(price => MoneyWords.Price("--slot-reserves", price).MicrosPerGpuHour));
        else if (session.Line.GetValue(NodeReserve) is { } reserve) request.ReserveMicrosPerGpuHour = MoneyWords.Price("--reserve", reserve).MicrosPerGpuHour;
        else throw new InputException("--reserve: is missing: the least you take, dollars for one GPU for one hour, for example 1.85; or --slot-reserves.");
        if (session.Line.GetValue(Prompt) is { } prompt) request.PromptReserveMicrosPerGpuHour = MoneyWords.Price("--prompt", prompt).MicrosPerGpuHour;
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.PlaceOfferAsync(request, cancellationToken: cancel));
        Tell(session, reply.Offer, reply.BondMicros, id);
    }

    static async Task Resell(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var (from, to) = await Window.Read(session);
        var request = new PlaceResaleRequest
        {
            RequestId = id,
            LeaseId = session.Line.GetValue(Lease),
            GpuCount = session.Line.GetValue(Window.Gpus),
            FromTime = from,
            ToTime = to,
            ReserveMicrosPerGpuHour = MoneyWords.Price("--reserve", session.Line.GetRequiredValue(Reserve)).MicrosPerGpuHour,
            RunSlotCountMin = session.Line.GetValue(MinRun),
        };
        if (session.Line.GetValue(Prompt) is { } prompt) request.PromptReserveMicrosPerGpuHour = MoneyWords.Price("--prompt", prompt).MicrosPerGpuHour;
        var reply = await session.Ask(cancel => session.Exchange.OrderBook.PlaceResaleAsync(request, cancellationToken: cancel));
        Tell(session, reply.Offer, reply.BondMicros, id);
    }

    static void Tell(Session session, Offer offer, long bondMicros, string id)
    {
        session.Print.Say(string.Create(CultureInfo.InvariantCulture,
            $"offer {offer.OfferId} {Show.Word(offer.State)}: {offer.GpuCount} x {offer.Market} {Show.Window(offer.FromTime, offer.ToTime)} from {Show.Price(offer.ReserveMicrosPerGpuHour)}, bond {Show.Money(bondMicros)} (request {id})"));
        if (session.Print.IsJson) session.Print.Card(Rows.Offers, offer);
        session.Print.Field("bond_micros", bondMicros);
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
