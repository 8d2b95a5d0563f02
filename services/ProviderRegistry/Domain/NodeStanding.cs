namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>Whether a node can be believed.</summary>
public enum NodeStanding
{
    /// <summary>Enrolled, and not tested yet.</summary>
    Unverified,

    /// <summary>Its class was decided from what its driver reports, and its self-test is within the class's norms.</summary>
    Verified,

    /// <summary>Sells nothing until the operator lifts it.</summary>
    Suspended,

    /// <summary>Gone for good.</summary>
    Retired,
}
