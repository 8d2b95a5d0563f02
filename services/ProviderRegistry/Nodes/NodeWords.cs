using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Agents;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.ProviderRegistry.Nodes;

/// <summary>What is said of nodes on the wire, and back.</summary>
internal static class NodeWords
{
    private const int MinutesMin = 5;
    private const int MinutesMax = 10_080;

    /// <summary>The token asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">Fields are wrong; all of them are named.</exception>
    public static CreateEnrolmentToken Parse(this CreateEnrolmentTokenRequest request, Guid providerId)
    {
        var wrong = new List<(string Field, string Description)>();
        if (!Regions.CanBe(request.Region))
            wrong.Add(("region", request.Region.Length == 0 ? "is missing: give the part of a market's name after the dot, for example 'us-east'." : "is no region: they have small letters, digits and dashes, for example 'us-east'."));
        Text("name", request.Name);
        Text("location", request.Location);
        if (request.Country.Length > 0 && !Zones.IsCountry(request.Country)) wrong.Add(("country", "is no country: give two capital letters (ISO 3166-1), for example 'DE', or nothing."));
        if (request.Minutes != 0 && request.Minutes is < MinutesMin or > MinutesMax)
            wrong.Add(("minutes", $"is {request.Minutes}; it can be {MinutesMin} to {MinutesMax}, or 0 for an hour."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new CreateEnrolmentToken(
            providerId, request.Region, request.Name, request.Country, request.Location, request.Minutes == 0 ? null : TimeSpan.FromMinutes(request.Minutes));

        void Text(string field, string value)
        {
            if (value.Length > NodeRules.TextLengthMax) wrong.Add((field, $"has {value.Length} characters; it can have {NodeRules.TextLengthMax}."));
            else if (value.Any(char.IsControl)) wrong.Add((field, "has control characters: leave them out."));
        }
    }

    public static NodeState ToProto(this NodeStanding standing) => standing switch
    {
        NodeStanding.Unverified => NodeState.Unverified,
        NodeStanding.Verified => NodeState.Verified,
        NodeStanding.Suspended => NodeState.Suspended,
        _ => NodeState.Retired,
    };

    public static NodePresence Presence(DateTimeOffset? lostTime, bool inMaintenance) =>
        inMaintenance ? NodePresence.Maintenance : lostTime is null ? NodePresence.Online : NodePresence.Lost;

    public static Node ToProto(this NodeView view)
    {
        var node = view.Node.ToProto();
        (node.LeasedGpuCount, node.OfferedGpuCount) = (view.LeasedCount, view.OfferedCount);
        if (view.Agent is not { } agent)
        {
            node.State = NodeState.Declared;
            return node;
        }
        (node.State, node.StateReason) = (agent.Standing.ToProto(), agent.StandingReason);
        node.Presence = Presence(agent.LostTime, agent.InMaintenance);
        (node.Simulated, node.ProductClass) = (agent.Simulated, agent.ProductClass);
        node.LastSeenTime = agent.LastSeenTime.ToTimestamp();
        if (view.Score is { } score) node.ReliabilityPpm = score.ScorePpm;
        return node;
    }

    public static NodeTest ToProto(this SelfTestRow test)
    {
        var proto = new NodeTest
        {
            TestId = test.TestId.ToString(),
            AskedTime = test.AskedTime.ToTimestamp(),
            DoneTime = test.DoneTime?.ToTimestamp(),
            Occasion = test.Occasion,
            Passed = test.Passed,
            Findings = { test.Findings },
        };
        if (test.Report is { } report) proto.Report = SelfTestReport.Parser.ParseFrom(report);
        return proto;
    }

    public static NodeEvent ToProto(this NodeEventRow happened) => new()
    {
        AtTime = happened.AtTime.ToTimestamp(),
        Kind = happened.Kind,
        By = happened.By,
        Message = happened.Message,
    };
}
