using ComputeExchange.MatchingEngine.V1;
using CoreNeeds = ComputeExchange.MatchingEngine.Core.NodeNeeds;
using CoreTraits = ComputeExchange.MatchingEngine.Core.NodeTraits;

namespace ComputeExchange.MatchingEngine;

/// <summary>What bids and nodes say of each other, between the engine's own words and the contracts'.</summary>
/// <remarks>What says nothing is left out, so that histories from before there were traits and needs are told as they were.</remarks>
internal static class NodeWire
{
    /// <summary>A node's traits.</summary>
    public static CoreTraits ToCore(NodeTraits? traits) => traits is null
        ? CoreTraits.None
        : new CoreTraits(traits.Verified, traits.Simulated, traits.ReliabilityPpm, traits.Nvlink, traits.Country, traits.Zone);

    /// <summary>A block's needs; null where it has none.</summary>
    /// <exception cref="MalformedCommandException">A node's id cannot be read.</exception>
    public static CoreNeeds? ToCore(NodeNeeds? needs)
    {
        if (needs is null) return null;
        var core = new CoreNeeds(
            needs.ReliabilityPpmMin, needs.Verified, needs.Nvlink, [.. needs.Countries], [.. needs.Zones], [.. needs.NodeIds.Select(id => Wire.Id("needs.node_ids", id))]);
        return core.IsEmpty ? null : core;
    }

    /// <summary>A node's traits; null where nothing is known.</summary>
    public static NodeTraits? ToProto(CoreTraits traits) => traits == CoreTraits.None ? null : new NodeTraits
    {
        Verified = traits.Verified,
        Simulated = traits.Simulated,
        ReliabilityPpm = traits.ReliabilityPpm,
        Nvlink = traits.NvLink,
        Country = traits.Country,
        Zone = traits.Zone,
    };

    /// <summary>A block's needs.</summary>
    public static NodeNeeds? ToProto(CoreNeeds? needs)
    {
        if (needs is null) return null;
        var proto = new NodeNeeds { ReliabilityPpmMin = needs.LeastReliabilityPpm, Verified = needs.Verified, Nvlink = needs.NvLink };
        proto.Countries.AddRange(needs.Countries);
        proto.Zones.AddRange(needs.Zones);
        proto.NodeIds.AddRange(needs.Nodes.Select(node => node.ToString()));
        return proto;
    }
}
