using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values.Filters;
using Google.Protobuf.WellKnownTypes;
using Option = System.CommandLine.Option;

namespace ComputeExchange.Cli.Commands;

/// <summary>A bid as people type it: <c>cx bid</c> for any part of it or a block, <c>cx bid standing</c> for one that bids on by itself.</summary>
static class BidWords
{
    public static readonly Argument<string?> Market = CommandShape.Optional("market", "The market, for example H100-SXM-80GB.us; several that will do with commas between them.");
    public static readonly Option<int> Gpus = CommandShape.Whole<int>("--gpus", "N", "GPUs in each hour.");
    public static readonly Option<string?> From = CommandShape.May("--from", "TIME", "When it begins: 2026-03-01T09:00Z, now, +3h, \"tomorrow 09:00\".");
    public static readonly Option<string?> Hours = CommandShape.May("--hours", "H", "How many hours, for example 6; of a block with --run: how long the window is that it must end in.");
    public static readonly Option<string?> Limit = CommandShape.May("--limit", "PRICE", "The most you pay: dollars for one GPU for one hour, for example 2.50.");
    public static readonly Option<bool> Confirm = new("--confirm") { Description = "You mean it, also if the limit is more than a quarter above the last price." };
    public static readonly Option<bool> Preview = new("--preview") { Description = "Only say what it would reserve and where it could start; nothing is placed." };

    static readonly Option<bool> Block = new("--block") { Description = "All of it for all of the hours, or nothing; otherwise any part, each hour by itself." };
    static readonly Option<int> Run = CommandShape.Whole<int>("--run", "N", "A block of so many hours in a row, anywhere in the window. Implies --block.");
    static readonly Option<string?> Starts = CommandShape.May("--starts", "TIMES", "The hours that a block may start with, with commas between them. Default: any, 13 at most.");
    static readonly Option<int> MinFill = CommandShape.Whole<int>("--min-fill", "PERCENT", "A block may be filled in part, but not below this: 25 to 100. Default: all or nothing.");
    static readonly Option<int> Node = CommandShape.Whole<int>("--node", "N", "A block's GPUs come in groups of N from one node each.");
    static readonly Option<long> Parent = CommandShape.Whole<long>("--parent", "BID", "A block that is filled only if this open block of yours is.");
    static readonly Option<string?> Group = CommandShape.May("--group", "NAME", "Of your open blocks with the same name at most one is filled.");
    static readonly Option<string?> Where = CommandShape.May("--where", "FILTER", "What every node that serves a block must be, in quotes: \"verified and reliability >= 0.98 and zone = EU and nvlink\". Implies --block. cx search --fields lists what can be asked.");

    /// <summary>What <c>cx bid</c> understands.</summary>
    public static readonly Option[] OfBid = [Gpus, From, Hours, Limit, Block, Run, Starts, MinFill, Node, Parent, Group, Where, Confirm, Preview, CommandShape.RequestId];

    /// <summary>What <c>cx bid standing</c> understands.</summary>
    public static readonly Option[] OfStanding = [Gpus, From, Hours, Limit, Confirm, Preview, CommandShape.RequestId];

    /// <summary>Says which of the needed words are missing. Only the command itself needs them; its subcommands do not.</summary>
    public static Command Needs(this Command command, string example, params Option[] needed)
    {
        command.Validators.Add(result =>
        {
            if (result.GetResult(Market)?.Tokens.Count is null or 0) result.AddError($"market: name one, for example {example}.");
            foreach (var option in needed)
                if (result.GetResult(option) is null) result.AddError($"{option.Name}: is missing: {option.Description}");
        });
        return command;
    }

    /// <summary>The bid that was typed.</summary>
    public static async Task<PlaceBidRequest> Read(Session session, string requestId, bool isStanding)
    {
        var request = new PlaceBidRequest
        {
            RequestId = requestId,
            Kind = isStanding ? BidKind.Standing : IsBlock(session) ? BidKind.Block : BidKind.Divisible,
            Markets = { session.Line.GetRequiredValue(Market)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) },
            GpuCount = session.Line.GetValue(Gpus),
            LimitMicrosPerGpuHour = MoneyWords.Price("--limit", session.Line.GetRequiredValue(Limit)!).MicrosPerGpuHour,
            Confirm = session.Line.GetValue(Confirm),
        };
        if (isStanding)
        {
            request.FromTime = (await session.Slot(From.Name, session.Line.GetValue(From) ?? "now")).ToTimestamp();
            if (session.Line.GetValue(Hours) is { } hours) request.ToTime = (request.FromTime.ToDateTimeOffset() + Window.Length(Hours.Name, hours)).ToTimestamp();
            return request;
        }
        if (session.Line.GetValue(Where) is { } where) SearchCommand.Check(Where.Name, where, BidNeeds.Parse);
        (request.FromTime, request.ToTime) = await Window.Read(session, From, Hours);
        request.RunSlotCount = session.Line.GetValue(Run);
        request.MinFillPerMille = session.Line.GetValue(MinFill) * 10;
        request.NodeGpuCount = session.Line.GetValue(Node);
        request.ParentBidId = session.Line.GetValue(Parent);
        request.Group = session.Line.GetValue(Group) ?? "";
        request.Where = session.Line.GetValue(Where) ?? "";
        foreach (var start in (session.Line.GetValue(Starts) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            request.StartTimes.Add((await session.Slot(Starts.Name, start)).ToTimestamp());
        return request;
    }

    /// <summary>Prints what a bid would come to.</summary>
    public static void Tell(Session session, PlaceBidRequest request, PreviewBidResponse preview)
    {
        session.Print.Say(string.Create(CultureInfo.InvariantCulture,
            $"would reserve {Output.Show.Money(preview.ReservedMicros)}, {Output.Show.Money(preview.FeeMicros)} of it fee; nothing was placed"));
        if (preview.StartTimes.Count > 0)
            session.Print.Say($"a run of {preview.RunSlotCount} could start at {string.Join(", ", preview.StartTimes.Select(start => Output.Show.Time(start)))}");
        if (preview.HasReferenceMicrosPerGpuHour) session.Print.Say($"the last price there was {Output.Show.Price(preview.ReferenceMicrosPerGpuHour)}, the limit is {Output.Show.Price(request.LimitMicrosPerGpuHour)}");
        foreach (var warning in preview.Warnings) session.Print.Say(warning);
        session.Print.Field("reserved_micros", preview.ReservedMicros);
        session.Print.Field("fee_micros", preview.FeeMicros);
        session.Print.Field("run_slot_count", preview.RunSlotCount);
        session.Print.Field("start_times", new JsonArray([.. preview.StartTimes.Select(start => (JsonNode)start.ToDateTimeOffset())]));
        session.Print.Field("reference_micros_per_gpu_hour", preview.HasReferenceMicrosPerGpuHour ? preview.ReferenceMicrosPerGpuHour : null);
        session.Print.Field("needs_confirm", preview.NeedsConfirm);
        session.Print.Field("warnings", new JsonArray([.. preview.Warnings.Select(warning => (JsonNode)warning)]));
    }

    /// <summary>The hours of a bid; a standing one may have no end.</summary>
    public static string HoursOf(Bid bid) => bid.ToTime is null ? $"from {Output.Show.Time(bid.FromTime)} on" : Output.Show.Window(bid.FromTime, bid.ToTime);

    /// <summary>What a block says besides its hours; empty for any other bid.</summary>
    public static string BlockOf(Bid bid)
    {
        if (bid.Kind != BidKind.Block) return "";
        List<string> words = [string.Create(CultureInfo.InvariantCulture, $"run {bid.RunSlotCount}")];
        if (bid.StartTimes.Count > 0) words.Add($"starts {string.Join(" ", bid.StartTimes.Select(start => Output.Show.Time(start)))}");
        if (bid.MinFillPerMille is > 0 and < 1_000) words.Add(string.Create(CultureInfo.InvariantCulture, $"at least {bid.MinFillPerMille / 10m:0.#}%"));
        if (bid.NodeGpuCount > 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"node {bid.NodeGpuCount}"));
        if (bid.ParentBidId > 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"parent {bid.ParentBidId}"));
        if (bid.Group.Length > 0) words.Add($"group {bid.Group}");
        return string.Join(", ", words);
    }

    static bool IsBlock(Session session) =>
        session.Line.GetValue(Block) || new Option[] { Run, Starts, MinFill, Node, Parent, Group, Where }.Any(option => session.Line.GetResult(option) is { Implicit: false });
}
