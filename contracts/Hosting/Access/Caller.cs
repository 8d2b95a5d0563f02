using ComputeExchange.Access.V1;
using Grpc.Core;

namespace ComputeExchange.Hosting.Access;

/// <summary>Who calls: a participant by an API key, or a service, perhaps on behalf of a participant.</summary>
/// <param name="ParticipantId">The participant; null for a service that acts for itself.</param>
/// <param name="Roles">What the caller may be.</param>
/// <param name="Actor">The key's id or the service's name, for the audit log.</param>
/// <param name="Service">The calling service; null for a participant.</param>
/// <param name="EndUserRoles">For a service that passes a participant's request on: what that participant may be.</param>
public sealed record Caller(
    Guid? ParticipantId, IReadOnlySet<Role> Roles, string Actor, string? Service, IReadOnlySet<Role>? EndUserRoles = null)
{
    private const string Key = "caller";

    private static readonly AsyncLocal<Caller?> Serving = new();

    /// <summary>Nobody: no credential was shown.</summary>
    public static readonly Caller Nobody = new(null, new HashSet<Role>(), "", null);

    /// <summary>The node whose agent calls, by the node's own key; null for everyone else.</summary>
    public Guid? NodeId { get; init; }

    /// <summary>Whether the request began with this role: the caller's own, or that of the participant a service acts for.</summary>
    public bool ActsAs(Role role) => Roles.Contains(role) || EndUserRoles?.Contains(role) == true;

    /// <summary>Whether the caller may see what is everyone's. The console, when it asks for a visitor, sees what visitors may.</summary>
    public bool SeesAll => Roles.Contains(Role.Operator) || Roles.Contains(Role.Auditor) || Service is not (null or Client.ServiceNames.Web);

    /// <summary>The participant who calls.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED: it is a service that acts for itself.</exception>
    public Guid Participant => ParticipantId ?? throw Refuse.Denied("Only a participant can do this.");

    /// <summary>The caller of an RPC, as the door found it.</summary>
    public static Caller Of(ServerCallContext context) => (Caller)context.UserState[Key];

    /// <summary>The caller of the request that is being served on this flow of control; null outside of one.</summary>
    internal static Caller? Current => Serving.Value;

    internal void PutInto(ServerCallContext context)
    {
        context.UserState[Key] = this;
        Serving.Value = this;
    }
}
