using System.Globalization;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values.Filters;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>What a bid asks of nodes, between the language of node filters and the engine's words.</summary>
public static class NodeAsked
{
    private const decimal PpmPerOne = 1_000_000m;

    /// <summary>What a filter asks; null where it asks nothing.</summary>
    /// <param name="where">The filter.</param>
    /// <param name="wrong">What is wrong with it; null when nothing is.</param>
    public static NodeNeeds? Read(string where, out Wrong? wrong)
    {
        wrong = null;
        try
        {
            var asked = BidNeeds.Parse(where);
            return asked.IsEmpty ? null : new NodeNeeds
            {
                ReliabilityPpmMin = asked.ReliabilityPpmMin,
                Verified = asked.Verified,
                Nvlink = asked.Nvlink,
                Countries = { asked.Countries },
                Zones = { asked.Zones },
                NodeIds = { asked.Nodes.Select(node => node.ToString()) },
            };
        }
        catch (FilterException fault)
        {
            wrong = new Wrong("where", $"is no filter that a bid can have: {fault.Message}");
            return null;
        }
    }

    /// <summary>The same as a filter: reading it asks the same.</summary>
    public static string Write(NodeNeeds? needs) => needs is null ? "" : string.Join(" and ", Terms(needs));

    private static IEnumerable<string> Terms(NodeNeeds needs)
    {
        if (needs.ReliabilityPpmMin > 0) yield return $"reliability >= {(needs.ReliabilityPpmMin / PpmPerOne).ToString("0.######", CultureInfo.InvariantCulture)}";
        if (needs.Verified) yield return "verified";
        if (needs.Nvlink) yield return "nvlink";
        if (needs.Countries.Count > 0) yield return OneOf("country", needs.Countries);
        if (needs.Zones.Count > 0) yield return OneOf("zone", needs.Zones);
        if (needs.NodeIds.Count > 0) yield return OneOf("node", needs.NodeIds);
    }

    private static string OneOf(string field, IReadOnlyList<string> values) => values.Count == 1 ? $"{field} = {values[0]}" : $"{field} in ({string.Join(", ", values)})";
}
