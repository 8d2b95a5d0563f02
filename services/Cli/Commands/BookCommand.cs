using System.CommandLine;
using ComputeExchange.Cli.Commands.Futures;
using ComputeExchange.Cli.Output;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx book</c>: what is wanted and offered for one hour, or in one futures contract, added up by price.</summary>
public static class BookCommand
{
    static readonly Argument<string> Market = CommandShape.Needed("market", "The market, or the futures instrument.");
    static readonly Option<string?> Slot = CommandShape.May("--slot", "TIME", "The hour; default: the next one that can be traded.");

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("book", "The depth of one hour, or the book of a futures contract: bids dearest first, offers cheapest first, without names.", Market, Slot)
        .Does(async session =>
        {
            if (session.Line.GetValue(Slot) is null && await Futures(session, session.Line.GetRequiredValue(Market))) return;
            var request = new GetDepthRequest { Market = session.Line.GetRequiredValue(Market) };
            if (session.Line.GetValue(Slot) is { } slot) request.SlotTime = (await session.Slot("--slot", slot)).ToTimestamp();
            var depth = await session.Ask(cancel => session.Exchange.OrderBook.GetDepthAsync(request, cancellationToken: cancel));
            session.Print.Say($"{request.Market}, hour beginning {Show.Time(depth.SlotTime)}");
            session.Print.Field("market", request.Market);
            session.Print.Field("slot_time", depth.SlotTime?.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
            session.Print.Rows(Levels("bids", "No bids.", "Bid"), depth.Bids);
            session.Print.Rows(Levels("offers", "No offers.", "Offer"), depth.Offers);
        });

    /// <summary>Shows the book of the futures instrument of that name, if there is one.</summary>
    static async Task<bool> Futures(Session session, string name)
    {
        if ((await InstrumentCommands.All(session)).All(row => row.Terms.Name != name)) return false;
        var book = await session.Ask(cancel => session.Exchange.Futures.GetBookAsync(new GetBookRequest { Instrument = name }, cancellationToken: cancel));
        session.Print.Say($"{name}, {Show.Word(book.Phase)}");
        session.Print.Field("instrument", name);
        session.Print.Field("phase", Show.Word(book.Phase).Replace(' ', '_'));
        session.Print.Field("feed_number", book.FeedNumber);
        session.Print.Rows(FuturesRows.Levels("bids", "No bids.", "Bid"), book.Bids);
        session.Print.Rows(FuturesRows.Levels("asks", "No offers.", "Offer"), book.Asks);
        return true;
    }

    static Sheet<DepthLevel> Levels(string name, string whenEmpty, string side) => new Sheet<DepthLevel>(name, whenEmpty)
        .Price(side, "price_micros_per_gpu_hour", level => level.PriceMicrosPerGpuHour)
        .Count("GPUs", "gpu_count", level => level.GpuCount)
        .Count("Orders", "order_count", level => level.OrderCount);
}
