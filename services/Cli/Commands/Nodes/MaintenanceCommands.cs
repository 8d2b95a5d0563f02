using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands.Nodes;

/// <summary><c>cx nodes maintenance</c>: times in which a node is away, announced to who leases it then.</summary>
public static class MaintenanceCommands
{
    const string Categories = "power, network, disk, gpu, software or other";

    static readonly Argument<string?> Node = CommandShape.Optional("node", "The node: its UUID, the first digits of it, or its name.");
    static readonly Argument<string> Window = CommandShape.Needed("window", "The window: its UUID, or the first digits of it.");
    static readonly Option<string?> From = CommandShape.May("--from", "TIME", "From when: 2026-03-01T09:00Z, +3h, \"tomorrow 09:00\".");
    static readonly Option<string?> To = CommandShape.May("--to", "TIME", "Until when; at most 14 days later.");
    static readonly Option<string?> Category = CommandShape.May("--category", "WORD", $"What it is for: {Categories}. Default: other.");
    static readonly Option<string?> Note = CommandShape.May("--note", "TEXT", "In words, for who leases it.");
    static readonly Option<bool> Reclaim = new("--reclaim") { Description = "What is sold in it is taken back, with the policy's notice; otherwise a window over sold hours is refused." };

    /// <summary>Windows.</summary>
    public static readonly Sheet<MaintenanceWindow> Windows = new Sheet<MaintenanceWindow>("maintenance", "None.")
        .Text("Window", "window_id", window => window.WindowId)
        .Time("From", "from_time", window => window.FromTime)
        .Time("To", "to_time", window => window.ToTime)
        .Text("For", "category", window => window.Category)
        .Text("Note", "note", window => window.Note);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("maintenance", "Announce a time in which a node is away, or show what is announced. Nothing is sold in it from then on.",
            Node, From, To, Category, Note, Reclaim, CommandShape.RequestId,
            CommandShape.Make("cancel", "Take a window back.", NodeNames.Node, Window).Does(Cancel))
        .Does(Announce);

    static async Task Announce(Session session)
    {
        var node = session.Line.GetValue(Node) ?? throw new InputException("node: name one, for example cx nodes maintenance gpu-01 --from \"tomorrow 09:00\" --to \"tomorrow 12:00\".");
        var (begins, ends) = (session.Line.GetValue(From), session.Line.GetValue(To));
        if (begins is null != ends is null) throw new InputException($"{(begins is null ? From : To).Name}: is missing: a window has a beginning and an end.");
        var category = session.Line.GetValue(Category) ?? "other";
        if (!Categories.Split([", ", " or "], StringSplitOptions.None).Contains(category)) throw new InputException($"{Category.Name}: \"{category}\" is not one of {Categories}.");
        if (begins is null)
        {
            session.Print.Rows(Windows, (await NodeCard.Get(session, await NodeNames.Id(session, Node.Name, node))).Maintenance);
            return;
        }

        var (from, to) = (await session.Time(From.Name, begins), await session.Time(To.Name, ends!));
        if (to <= from) throw new InputException($"{To.Name}: {Show.Time(to)} is not after {Show.Time(from)}.");
        var request = new ScheduleMaintenanceRequest
        {
            WindowId = IdWords.Request(session.Line.GetValue(CommandShape.RequestId)),
            NodeId = await NodeNames.Id(session, Node.Name, node),
            FromTime = from.ToTimestamp(),
            ToTime = to.ToTimestamp(),
            Category = category,
            Note = session.Line.GetValue(Note) ?? "",
            Reclaim = session.Line.GetValue(Reclaim),
        };
        var reply = await session.Ask(cancel => session.Exchange.Nodes.ScheduleMaintenanceAsync(request, cancellationToken: cancel));
        session.Print.Say($"window {reply.Window.WindowId} of node {request.NodeId} announced: {Show.Window(reply.Window.FromTime, reply.Window.ToTime)}, {reply.Window.Category}");
        if (reply.ReclaimedLeaseIds.Count > 0) session.Print.Say($"taken back for it: leases {string.Join(", ", reply.ReclaimedLeaseIds)}");
        if (session.Print.IsJson) session.Print.Card(Windows, reply.Window);
        session.Print.Field("node_id", request.NodeId);
        session.Print.Field("reclaimed_lease_ids", new System.Text.Json.Nodes.JsonArray([.. reply.ReclaimedLeaseIds.Select(id => (System.Text.Json.Nodes.JsonNode)id)]));
    }

    static async Task Cancel(Session session)
    {
        var (id, text) = (await NodeNames.Read(session), session.Line.GetRequiredValue(Window));
        var window = Guid.TryParse(text, out var whole) ? whole.ToString()
            : IdWords.Only(Window.Name, text, "windows", (await NodeCard.Get(session, id)).Maintenance.Select(known => known.WindowId))
                ?? throw new InputException($"{Window.Name}: no announced window's UUID begins with \"{text}\"; cx nodes maintenance {id} lists them.");
        await session.Ask(cancel => session.Exchange.Nodes.CancelMaintenanceAsync(new CancelMaintenanceRequest { NodeId = id, WindowId = window }, cancellationToken: cancel));
        session.Print.Say($"window {window} of node {id} is taken back");
        session.Print.Field("node_id", id);
        session.Print.Field("window_id", window);
    }
}
