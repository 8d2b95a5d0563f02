using System.CommandLine;
using ComputeExchange.Cli.Commands.Nodes;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx nodes</c>: a provider's machines.</summary>
public static class NodeCommands
{
    static readonly Argument<string> Market = CommandShape.Needed("market", "The market its GPUs belong to; cannot be changed later.");
    static readonly Option<int> Gpus = CommandShape.Whole<int>("--gpus", "N", "GPUs that can be sold, 0 to 64; 0 takes the node out.", required: true);
    static readonly Option<string?> Node = CommandShape.May("--node", "UUID", "The node, to change it. Default: a new one.");
    static readonly Option<string?> Name = CommandShape.May("--name", "NAME", "What to call it.");
    static readonly Option<string?> Place = CommandShape.May("--place", "PLACE", "Where it stands: city or country.");

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("nodes", "Your machines: enrol, show, test, how they are sold while idle, maintenance.",
            [CommandShape.Make("list", "Your nodes; operators see everyone's.").Does(List),
            NodeCard.Make(),
            .. NodeLife.Make(),
            PolicyCommand.Make(),
            MaintenanceCommands.Make(),
            CommandShape.Make("register", "Register a node by hand, without an agent, or change one; where the exchange allows it.", Market, Gpus, Node, Name, Place, CommandShape.RequestId).Does(Register)])
        .Does(List);

    static async Task List(Session session) => session.Print.Rows(Rows.Nodes, await NodeNames.All(session));

    static async Task Register(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new RegisterNodeRequest
        {
            RequestId = id,

            // A new node is named after its request, so that a repetition does not make a second one.
            NodeId = session.Line.GetValue(NodeCommands.Node) is { } node ? IdWords.Uuid("--node", node) : id,
            Name = session.Line.GetValue(Name) ?? "",
            Market = session.Line.GetRequiredValue(Market),
            GpuCount = session.Line.GetValue(Gpus),
            Location = session.Line.GetValue(Place) ?? "",
        };
        var made = (await session.Ask(cancel => session.Exchange.Registry.RegisterNodeAsync(request, cancellationToken: cancel))).Node;
        session.Print.Say($"node {made.NodeId} registered: {made.GpuCount} x {made.Market} (request {id})");
        if (session.Print.IsJson) session.Print.Card(Rows.Nodes, made);
        session.Print.Field("request_id", id);
    }
}
