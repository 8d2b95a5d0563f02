using ComputeExchange.Participants.Domain;

namespace ComputeExchange.Participants.Storage;

/// <summary>A participant, and the request that admitted it.</summary>
public sealed class ParticipantRow
{
    public required Guid ParticipantId { get; init; }

    /// <summary>In the order of <see cref="ParticipantRole"/>.</summary>
    public required List<ParticipantRole> Roles { get; init; }

    public bool Active { get; set; } = true;

    public required DateTimeOffset AdmittedTime { get; init; }

    /// <summary>The operator who admitted it; its own id for the first operator.</summary>
    public required Guid AdmittedBy { get; init; }

    public required Guid RequestId { get; init; }

    /// <summary>What makes it a person; null when that was erased, or was not asked for.</summary>
    public IdentityRow? Identity { get; set; }

    /// <summary>Its name, where <see cref="Identity"/> was asked for.</summary>
    public string Name => Identity?.Name ?? Retention.ErasedName(ParticipantId);
}

/// <summary>A request that suspended or reinstated a participant.</summary>
public sealed class StateRequestRow
{
    public required Guid OperatorId { get; init; }

    public required Guid RequestId { get; init; }

    public required Guid ParticipantId { get; init; }

    public required bool Active { get; init; }
}

/// <summary>An API key without its secret. Its times are real, for it protects the real door.</summary>
public sealed class ApiKeyRow
{
    public required string KeyId { get; init; }

    public required Guid ParticipantId { get; init; }

    /// <summary>What its owner calls it; null when that was erased or forgotten.</summary>
    public required string? Label { get; init; }

    /// <summary>SHA-256 of the whole key.</summary>
    public required byte[] Hash { get; init; }

    public required DateTimeOffset CreatedTime { get; init; }

    public required DateTimeOffset ExpiresTime { get; init; }

    public DateTimeOffset? RevokedTime { get; set; }

    /// <summary>Who made it: the participant itself, or an operator.</summary>
    public required Guid MadeBy { get; init; }

    public required Guid RequestId { get; init; }

    public required int DayCount { get; init; }
}

/// <summary>A row of the audit log.</summary>
public sealed class AuditRow
{
    public required long Number { get; init; }

    public required DateTimeOffset HappenedTime { get; init; }

    public required string Actor { get; init; }

    public required string Act { get; init; }

    public required string DetailJson { get; init; }

    public required string Hash { get; init; }
}

/// <summary>The end of the audit log; whoever acts holds its lock.</summary>
public sealed class AuditHeadRow
{
    public int Id { get; init; }

    public long LastNumber { get; set; }

    public required string LastHash { get; set; }
}
