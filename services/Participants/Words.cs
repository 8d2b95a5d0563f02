using System.Diagnostics;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Participants.Admission;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Storage;
using ComputeExchange.Participants.V1;
using Google.Protobuf.WellKnownTypes;
using AuditRow = ComputeExchange.Participants.Storage.AuditRow;

namespace ComputeExchange.Participants;

/// <summary>What is said on the wire in the words of this service, and back. What is refused names every wrong field.</summary>
internal static class Words
{
    public static AdmitParticipant Parse(this AdmitParticipantRequest request, Guid operatorId)
    {
        var wrong = new List<(string Field, string Description)>();
        var requestId = Id(wrong, "request_id", request.RequestId);
        var participantId = Id(wrong, "participant_id", request.ParticipantId);
        if (string.IsNullOrWhiteSpace(request.Name)) wrong.Add(("name", "is missing: give the participant's name."));
        Text(wrong, "name", request.Name);

        var roles = new SortedSet<ParticipantRole>();
        foreach (var role in request.Roles)
        {
            if (ToDomain(role) is { } known) roles.Add(known);
            else wrong.Add(("roles", $"has {role}, which is not granted: give any of PROVIDER, BUYER, TRADER, or OPERATOR or AUDITOR alone."));
        }
        if (!wrong.Exists(w => w.Field == "roles") && RoleRules.Fault(roles) is { } fault) wrong.Add(("roles", fault));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new AdmitParticipant(operatorId, requestId, participantId, request.Name, [.. roles]);
    }

    public static SetParticipantState Parse(this SetParticipantStateRequest request, Guid operatorId)
    {
        var wrong = new List<(string Field, string Description)>();
        var requestId = Id(wrong, "request_id", request.RequestId);
        var participantId = Id(wrong, "participant_id", request.ParticipantId);
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        return new SetParticipantState(operatorId, requestId, participantId, request.Active);
    }

    public static CreateKey Parse(this CreateKeyRequest request, Guid callerId, bool isOperator)
    {
        var wrong = new List<(string Field, string Description)>();
        var requestId = Id(wrong, "request_id", request.RequestId);
        var participantId = request.ParticipantId.Length == 0 ? callerId : Id(wrong, "participant_id", request.ParticipantId);
        Text(wrong, "label", request.Label);
        if (request.DayCount is < 0 or > ApiKeys.DayCountMax)
            wrong.Add(("day_count", $"is {request.DayCount}; it can be 1 to {ApiKeys.DayCountMax}, or 0 for {ApiKeys.StandardDayCount}."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        var days = request.DayCount == 0 ? ApiKeys.StandardDayCount : request.DayCount;
        return new CreateKey(callerId, isOperator, requestId, participantId, request.Label, days);
    }

    public static Participant ToProto(this ParticipantRow participant, bool active) => new()
    {
        ParticipantId = participant.ParticipantId.ToString(),
        Name = participant.Name,
        Roles = { participant.Roles.Select(ToProto) },
        Active = active,
        AdmittedTime = participant.AdmittedTime.ToTimestamp(),
    };

    public static ApiKey ToProto(this ApiKeyRow key) => new()
    {
        KeyId = key.KeyId,
        ParticipantId = key.ParticipantId.ToString(),
        Label = key.Label ?? "",
        CreatedTime = key.CreatedTime.ToTimestamp(),
        ExpiresTime = key.ExpiresTime.ToTimestamp(),
        RevokedTime = key.RevokedTime?.ToTimestamp(),
    };

    public static V1.AuditRow ToProto(this AuditRow row) => new()
    {
        Number = row.Number,
        HappenedTime = row.HappenedTime.ToTimestamp(),
        Actor = row.Actor,
        Act = row.Act,
        DetailJson = row.DetailJson,
        Hash = row.Hash,
    };

    public static Role ToProto(ParticipantRole role) => role switch
    {
        ParticipantRole.Provider => Role.Provider,
        ParticipantRole.Buyer => Role.Buyer,
        ParticipantRole.Trader => Role.Trader,
        ParticipantRole.Operator => Role.Operator,
        ParticipantRole.Auditor => Role.Auditor,
        _ => throw new UnreachableException($"No word for {role}."),
    };

    private static ParticipantRole? ToDomain(Role role) => role switch
    {
        Role.Provider => ParticipantRole.Provider,
        Role.Buyer => ParticipantRole.Buyer,
        Role.Trader => ParticipantRole.Trader,
        Role.Operator => ParticipantRole.Operator,
        Role.Auditor => ParticipantRole.Auditor,
        _ => null,
    };

    private static Guid Id(List<(string, string)> wrong, string field, string value)
    {
        if (Guid.TryParse(value, out var id) && id != Guid.Empty) return id;
        wrong.Add((field, value.Length == 0 ? "is missing: give a UUID." : $"'{value}' is not a UUID."));
        return Guid.Empty;
    }

    private static void Text(List<(string, string)> wrong, string field, string value)
    {
        if (value.Length > RoleRules.TextLengthMax)
            wrong.Add((field, $"has {value.Length} characters; it can have {RoleRules.TextLengthMax}."));
        else if (value.Any(char.IsControl))
            wrong.Add((field, "has control characters: leave them out."));
    }
}
