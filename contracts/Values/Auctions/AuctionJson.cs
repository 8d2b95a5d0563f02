using System.Text.Encodings.Web;
using System.Text.Json;

namespace ComputeExchange.Values.Auctions;

/// <summary>Reads and writes auction problems and solutions as JSON, version 1 of both formats.</summary>
/// <remarks>
/// What is read either fits or is refused with <see cref="AuctionFormatException"/>, which names the place.
/// Unknown fields are ignored: the formats change only by adding. What is written reads back to the same bytes.
/// A solution is read for its shape alone: whether it answers a problem is for the verifier to say.
/// </remarks>
public static class AuctionJson
{
    const int Version = 1;

    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The problem in a file, checked by <see cref="AuctionProblemRules"/>.</summary>
    public static AuctionProblem ReadProblem(ReadOnlyMemory<byte> utf8)
    {
        using var document = AuctionJsonPlace.Parse(utf8);
        var file = AuctionJsonPlace.Top(document, "a problem", Version);
        var slotMinutes = file.Count("slot_minutes");
        var problem = new AuctionProblem
        {
            SlotMinutes = slotMinutes,
            FirstSlotMinutes = file.Count("first_slot_minutes", orElse: slotMinutes),
            Slots = file.Count("slots"),
            Markets = file.Texts("markets"),
            Offers = file.Entries("offers", ReadOffer),
            Bids = file.Entries("bids", ReadBid),
        };
        var breaches = AuctionProblemRules.Breaches(problem);
        return breaches.Count == 0 ? problem : throw new AuctionFormatException(breaches);
    }

    /// <summary>The solution in a file.</summary>
    public static AuctionSolution ReadSolution(ReadOnlyMemory<byte> utf8)
    {
        using var document = AuctionJsonPlace.Parse(utf8);
        var file = AuctionJsonPlace.Top(document, "a solution", Version);
        return new AuctionSolution
        {
            Status = file.Text("status") switch
            {
                "optimal" => AuctionStatus.Optimal,
                "feasible" => AuctionStatus.Feasible,
                "empty" => AuctionStatus.Empty,
                var other => throw file.Refuse(
                    "status", $"is \"{other}\": it is \"optimal\", \"feasible\" or \"empty\"."),
            },
            Welfare = file.Whole("welfare"),
            Bound = file.Whole("bound"),
            Seconds = file.Seconds("seconds"),
            Solver = file.Has("solver") ? file.Text("solver") : "",
            Stopped = file.Has("stopped") ? file.Text("stopped") : "",
            Prices = file.Rows("prices"),
            Fills = file.Entries("fills", ReadFill),
            LeftOut = file.Texts("left_out"),
            LeftOutOffers = file.Texts("left_out_offers"),
        };
    }

    /// <summary>The file of a problem.</summary>
    public static byte[] WriteProblem(AuctionProblem problem) => Write(json =>
    {
        json.WriteNumber("version", Version);
        json.WriteNumber("slot_minutes", problem.SlotMinutes);
        if (problem.FirstSlotMinutes != problem.SlotMinutes)
            json.WriteNumber("first_slot_minutes", problem.FirstSlotMinutes);
        json.WriteNumber("slots", problem.Slots);
        WriteTexts(json, "markets", problem.Markets);
        json.WriteStartArray("offers");
        foreach (var offer in problem.Offers) WriteOffer(json, offer);
        json.WriteEndArray();
        json.WriteStartArray("bids");
        foreach (var bid in problem.Bids) WriteBid(json, bid);
        json.WriteEndArray();
    });

    /// <summary>The file of a solution.</summary>
    public static byte[] WriteSolution(AuctionSolution solution) => Write(json =>
    {
        json.WriteNumber("version", Version);
        json.WriteString("status", solution.Status switch
        {
            AuctionStatus.Optimal => "optimal",
            AuctionStatus.Feasible => "feasible",
            _ => "empty",
        });
        json.WriteNumber("welfare", solution.Welfare);
        json.WriteNumber("bound", solution.Bound);
        json.WriteNumber("seconds", solution.Seconds);
        if (solution.Solver.Length > 0) json.WriteString("solver", solution.Solver);
        if (solution.Stopped.Length > 0) json.WriteString("stopped", solution.Stopped);
        json.WriteStartArray("prices");
        foreach (var row in solution.Prices)
        {
            json.WriteStartArray();
            foreach (var price in row)
            {
                if (price is { } value) json.WriteNumberValue(value);
                else json.WriteNullValue();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("fills");
        foreach (var fill in solution.Fills)
        {
            json.WriteStartObject();
            json.WriteString("bid", fill.Bid);
            json.WriteString("offer", fill.Offer);
            json.WriteNumber("from", fill.From);
            json.WriteNumber("to", fill.To);
            json.WriteNumber("gpus", fill.Gpus);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTexts(json, "left_out", solution.LeftOut);
        WriteTexts(json, "left_out_offers", solution.LeftOutOffers);
    });

    static AuctionOffer ReadOffer(AuctionJsonPlace at)
    {
        var (from, to) = (at.Count("from"), at.Count("to"));
        var reserve = at.WholeOrList("reserve");

        // One value stands for the whole window only where it is written as a number, not as a list.
        if (reserve.IsList && reserve.Values.Count != (long)to - from)
        {
            throw at.Refuse(
                "reserve",
                $"has {reserve.Values.Count} values: it is one number, or one for each slot from {from} to {to}.");
        }

        return new AuctionOffer
        {
            Id = at.Text("id"),
            Market = at.Count("market"),
            Gpus = at.Count("gpus"),
            From = from,
            To = to,
            Reserve = reserve.Values,
            MinRun = at.Count("min_run", orElse: 1),
        };
    }

    static AuctionBid ReadBid(AuctionJsonPlace at)
    {
        var kind = at.Text("kind") switch
        {
            "divisible" => BidKind.Divisible,
            "block" => BidKind.Block,
            var other => throw at.Refuse("kind", $"is \"{other}\": it is \"divisible\" or \"block\"."),
        };
        return new AuctionBid
        {
            Id = at.Text("id"),
            Kind = kind,
            Markets = at.Counts("markets"),
            Gpus = at.Count("gpus"),
            From = at.Count("from"),
            To = at.Count("to"),
            Limit = at.Whole("limit"),
            Run = kind == BidKind.Block ? at.Count("run") : at.Count("run", orElse: 0),
            Starts = at.Has("starts") ? at.Counts("starts") : null,
            MinFill = at.Count("min_fill", orElse: 1000),
            Node = at.Count("node", orElse: 0),
            Parent = at.Has("parent") ? at.Text("parent") : null,
            Group = at.Has("group") ? at.Text("group") : null,
            Offers = at.Has("offers") ? at.Texts("offers") : null,
        };
    }

    static AuctionFill ReadFill(AuctionJsonPlace at) =>
        new(at.Text("bid"), at.Text("offer"), at.Count("from"), at.Count("to"), at.Count("gpus"));

    static void WriteOffer(Utf8JsonWriter json, AuctionOffer offer)
    {
        json.WriteStartObject();
        json.WriteString("id", offer.Id);
        json.WriteNumber("market", offer.Market);
        json.WriteNumber("gpus", offer.Gpus);
        json.WriteNumber("from", offer.From);
        json.WriteNumber("to", offer.To);
        if (offer.Reserve.All(value => value == offer.Reserve[0])) json.WriteNumber("reserve", offer.Reserve[0]);
        else
        {
            json.WriteStartArray("reserve");
            foreach (var value in offer.Reserve) json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        json.WriteNumber("min_run", offer.MinRun);
        json.WriteEndObject();
    }

    static void WriteBid(Utf8JsonWriter json, AuctionBid bid)
    {
        var isBlock = bid.Kind == BidKind.Block;
        json.WriteStartObject();
        json.WriteString("id", bid.Id);
        json.WriteString("kind", isBlock ? "block" : "divisible");
        WriteNumbers(json, "markets", bid.Markets);
        json.WriteNumber("gpus", bid.Gpus);
        if (isBlock) json.WriteNumber("run", bid.Run);
        json.WriteNumber("from", bid.From);
        json.WriteNumber("to", bid.To);
        if (bid.Starts is not null) WriteNumbers(json, "starts", bid.Starts);
        json.WriteNumber("limit", bid.Limit);
        if (isBlock)
        {
            json.WriteNumber("min_fill", bid.MinFill);
            json.WriteNumber("node", bid.Node);
            json.WriteString("parent", bid.Parent);
            json.WriteString("group", bid.Group);
            if (bid.Offers is not null) WriteTexts(json, "offers", bid.Offers);
        }

        json.WriteEndObject();
    }

    static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Writing))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<int> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
