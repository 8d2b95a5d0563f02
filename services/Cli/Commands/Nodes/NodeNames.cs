using System.CommandLine;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Nodes;

/// <summary>A node as people name it: by its UUID, the first digits of it, or what it is called.</summary>
public static class NodeNames
{
    /// <summary>The node that a command is about.</summary>
    public static readonly Argument<string> Node = CommandShape.Needed("node", "The node: its UUID, the first digits of it, or its name.");

    /// <summary>The caller's nodes; an operator's are everyone's.</summary>
    public static Task<List<Node>> All(Session session) => Session.Pages<Node>(async token =>
    {
        var reply = await session.Ask(cancel => session.Exchange.Registry.ListNodesAsync(new ListNodesRequest { PageSize = 1000, PageToken = token }, cancellationToken: cancel));
        return (reply.Nodes, reply.NextPageToken);
    });

    /// <summary>The id of the node that was typed; nodes are listed only where it is not a UUID.</summary>
    public static Task<string> Read(Session session) => Id(session, Node.Name, session.Line.GetRequiredValue(Node));

    /// <summary>The id of a node.</summary>
    public static async Task<string> Id(Session session, string field, string text) =>
        Guid.TryParse(text, out var id) ? id.ToString() : Find(field, text, await All(session));

    /// <summary>The id of the node that a text means, of those there are.</summary>
    public static string Find(string field, string text, IReadOnlyList<Node> nodes)
    {
        var named = nodes.Where(node => node.Name.Equals(text, StringComparison.OrdinalIgnoreCase)).ToList();
        if (named.Count > 1) throw new InputException($"{field}: {named.Count} nodes are called \"{text}\": {string.Join(", ", named.Take(5).Select(node => node.NodeId))}. Write the UUID.");
        return named.FirstOrDefault()?.NodeId
            ?? IdWords.Only(field, text, "nodes", nodes.Select(node => node.NodeId))
            ?? throw new InputException($"{field}: no node is called \"{text}\", and no node's UUID begins with it; cx nodes lists them.");
    }
}
