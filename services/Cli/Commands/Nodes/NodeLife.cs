using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Nodes;

/// <summary><c>cx nodes enrol|events|test|suspend|lift|retire</c>: how a host becomes a node, what happened to it, and whether it is believed.</summary>
public static class NodeLife
{
    static readonly Option<string> Region = CommandShape.Required("--region", "REGION", "The region it stands in: the part of a market's name after the dot, for example us-east. The class is decided from what its driver reports.");
    static readonly Option<string?> Name = CommandShape.May("--name", "NAME", "What to call it. Default: the host's own name.");
    static readonly Option<string?> Country = CommandShape.May("--country", "CC", "The country it stands in, two letters, for example DE.");
    static readonly Option<string?> Place = CommandShape.May("--place", "PLACE", "The city it stands in.");
    static readonly Option<int?> Minutes = CommandShape.MayWhole<int>("--minutes", "N", "How long the token can be used, 5 to 10080. Default: 60; a week where the clock is simulated.");
    static readonly Option<string> Reason = CommandShape.Required("--reason", "TEXT", "Why: it is shown with the node.");

    static readonly Sheet<NodeEvent> Happenings = new Sheet<NodeEvent>("events", "Nothing has happened to it.")
        .Time("When", "at_time", happened => happened.AtTime)
        .Text("What", "kind", happened => happened.Kind)
        .Text("By", "by", happened => happened.By)
        .Text("In words", "message", happened => happened.Message);

    /// <summary>The commands.</summary>
    public static Command[] Make()
    {
        Command[] commands = [.. All()];
        commands[0].Aliases.Add("enroll");
        return commands;
    }

    static IEnumerable<Command> All() =>
    [
        CommandShape.Make("enrol", "A one-time token, and the command to type on the host, by which it becomes a node of yours.", Region, Name, Country, Place, Minutes).Does(Enrol),
        CommandShape.Make("events", "What happened to a node, newest first.", NodeNames.Node, States.Most).Does(Events),
        CommandShape.Make("test", "Ask for a self-test as soon as GPUs of it are free.", NodeNames.Node).Does(Test),
        SetState("suspend", "Let a node sell nothing (operators).", NodeState.Suspended),
        SetState("lift", "End a node's suspension: it is tested anew (operators).", NodeState.Unverified),
        SetState("retire", "Take a node out for good.", NodeState.Retired),
    ];

    static async Task Enrol(Session session)
    {
        var request = new CreateEnrolmentTokenRequest
        {
            Region = session.Line.GetRequiredValue(Region),
            Name = session.Line.GetValue(Name) ?? "",
            Country = (session.Line.GetValue(Country) ?? "").ToUpperInvariant(),
            Location = session.Line.GetValue(Place) ?? "",
            Minutes = session.Line.GetValue(Minutes) ?? 0,
        };
        var made = await session.Ask(cancel => session.Exchange.Nodes.CreateEnrolmentTokenAsync(request, cancellationToken: cancel));
        session.Print.Say($"Type this on the host, until {Show.Time(made.ExpiresTime)} and once; it is not shown again:");
        session.Print.Say("");
        session.Print.Say($"  {made.Command}");
        session.Print.Field("token", made.Token);
        session.Print.Field("expires_time", made.ExpiresTime.ToDateTimeOffset());
        session.Print.Field("agent_address", made.AgentAddress);
        session.Print.Field("command", made.Command);
    }

    static async Task Events(Session session)
    {
        var (id, most) = (await NodeNames.Read(session), session.Line.GetValue(States.Most));
        session.Print.Rows(Happenings, await Session.Pages<NodeEvent>(async token =>
        {
            var request = new ListNodeEventsRequest { NodeId = id, PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Nodes.ListNodeEventsAsync(request, cancellationToken: cancel));
            return (reply.Events, reply.NextPageToken);
        }, most));
    }

    static async Task Test(Session session)
    {
        var request = new TestNodeRequest { NodeId = await NodeNames.Read(session) };
        var test = (await session.Ask(cancel => session.Exchange.Nodes.TestNodeAsync(request, cancellationToken: cancel))).Test;
        session.Print.Say($"test {test.TestId} of node {request.NodeId} asked for: cx nodes show has the result");
        if (session.Print.IsJson) session.Print.Card(NodeCard.Test, test);
    }

    static Command SetState(string name, string description, NodeState state) => CommandShape.Make(name, description, NodeNames.Node, Reason).Does(async session =>
    {
        var request = new SetNodeStateRequest { NodeId = await NodeNames.Read(session), State = state, Reason = session.Line.GetRequiredValue(Reason) };
        var node = (await session.Ask(cancel => session.Exchange.Nodes.SetNodeStateAsync(request, cancellationToken: cancel))).Node;
        session.Print.Say($"node {node.NodeId} {Show.Word(node.State)}: {node.StateReason}");
        session.Print.Field("node_id", node.NodeId);
        session.Print.Field("state", Show.Word(node.State));
        session.Print.Field("state_reason", node.StateReason);
    });
}
