using System.Diagnostics;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Participants.Admission;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Destinations;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Privacy;
using ComputeExchange.Participants.Profiles;
using ComputeExchange.Participants.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Participants;

/// <summary>The door: participants, keys, the audit log.</summary>
public sealed partial class ParticipantsGrpc(
    AdmitParticipantHandler admit, SetParticipantStateHandler setState, ListParticipantsHandler listParticipants,
    CreateKeyHandler createKey, RevokeKeyHandler revokeKey, ListKeysHandler listKeys, KeyCheck keys, ListAuditRowsHandler listAuditRows,
    GetProfileHandler getProfile, SetProfileHandler setProfile, AddDestinationHandler addDestination, RemoveDestinationHandler removeDestination,
    ReadDestinationsHandler readDestinations, ExportPersonalDataHandler exportData, ErasePersonalDataHandler eraseData)
    : ParticipantsService.ParticipantsServiceBase
{
    /// <inheritdoc />
    public override async Task<AdmitParticipantResponse> AdmitParticipant(AdmitParticipantRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await admit.Handle(command, context.CancellationToken) switch
        {
            AdmitOutcome.Admitted admitted => new AdmitParticipantResponse { Participant = admitted.Participant.ToProto(active: true) },
            AdmitOutcome.Exists => throw Refuse.Exists(
                "PARTICIPANT_EXISTS", $"There is a participant {command.ParticipantId} already: choose another id.", "participant_id"),
            AdmitOutcome.RequestIdReused => throw RequestIdReused(),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<SetParticipantStateResponse> SetParticipantState(SetParticipantStateRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await setState.Handle(command, context.CancellationToken) switch
        {
            SetStateOutcome.Set set => new SetParticipantStateResponse { Participant = set.Participant.ToProto(set.Participant.Active) },
            SetStateOutcome.NotFound => throw Refuse.NotFound($"There is no participant {command.ParticipantId}."),
            SetStateOutcome.Oneself => throw Refuse.Rule(
                "OPERATOR_SUSPENDS_ITSELF", "Operators do not suspend themselves: let another operator do it.", "participant_id"),
            SetStateOutcome.Erased => throw ParticipantErased(command.ParticipantId),
            SetStateOutcome.RequestIdReused => throw RequestIdReused(),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<ListParticipantsResponse> ListParticipants(ListParticipantsRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 200, most: 1000);
        var query = new ListParticipants(caller.SeesAll ? null : caller.Participant, size, skip);
        var participants = await listParticipants.Handle(query, context.CancellationToken);
        return new ListParticipantsResponse
        {
            Participants = { participants.Select(participant => participant.ToProto(participant.Active)) },
            NextPageToken = Refuse.NextPage(skip, size, participants.Count),
        };
    }

    /// <inheritdoc />
    public override async Task<CreateKeyResponse> CreateKey(CreateKeyRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var command = request.Parse(caller.Participant, caller.Roles.Contains(Role.Operator));
        return await createKey.Handle(command, context.CancellationToken) switch
        {
            CreateKeyOutcome.Made made => new CreateKeyResponse { KeyId = made.KeyId, Key = made.Key ?? "" },
            CreateKeyOutcome.OfAnother => throw Refuse.Denied("Only operators make the keys of others."),
            CreateKeyOutcome.NotFound => throw Refuse.NotFound($"There is no participant {command.ParticipantId}."),
            CreateKeyOutcome.Erased => throw ParticipantErased(command.ParticipantId),
            CreateKeyOutcome.TooMany => throw Refuse.Rule(
                "TOO_MANY_KEYS", $"A participant can have {ApiKeys.UsableCountMax} usable keys: revoke one that is not needed.", "participant_id"),
            CreateKeyOutcome.RequestIdReused => throw RequestIdReused(),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<RevokeKeyResponse> RevokeKey(RevokeKeyRequest request, ServerCallContext context)
    {
        if (!ApiKeys.IsId(request.KeyId)) throw Refuse.Field("key_id", "is not the id of a key: give its third part, 16 hexadecimal digits.");
        var caller = Caller.Of(context);
        var command = new RevokeKey(caller.Participant, caller.Roles.Contains(Role.Operator), request.KeyId);
        var revoked = await revokeKey.Handle(command, context.CancellationToken)
            ?? throw Refuse.NotFound("You have no key of this id.");
        return new RevokeKeyResponse { RevokedTime = revoked.ToTimestamp() };
    }

    /// <inheritdoc />
    public override async Task<ListKeysResponse> ListKeys(ListKeysRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        var participantId = request.ParticipantId.Length == 0 ? caller.Participant : Refuse.ParseId("participant_id", request.ParticipantId);
        if (participantId != caller.Participant && !caller.SeesAll) throw Refuse.Denied("Only operators and auditors see the keys of others.");
        var found = await listKeys.Handle(participantId, context.CancellationToken);
        return new ListKeysResponse { Keys = { found.Select(key => key.ToProto()) } };
    }

    /// <inheritdoc />
    public override async Task<AuthenticateKeyResponse> AuthenticateKey(AuthenticateKeyRequest request, ServerCallContext context)
    {
        var owner = await keys.Find(request.Key, context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.Unauthenticated, "The key is unknown, revoked or past its time."));
        return new AuthenticateKeyResponse
        {
            ParticipantId = owner.Caller.Participant.ToString(),
            Roles = { owner.Caller.Roles.Order() },
            KeyId = owner.Caller.Actor,

            // Only the console has somebody to show it to.
            Name = Caller.Of(context).Service == ServiceNames.Web ? owner.Name : "",
        };
    }

    /// <inheritdoc />
    public override async Task<ListAuditRowsResponse> ListAuditRows(ListAuditRowsRequest request, ServerCallContext context)
    {
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 100, most: 1000);
        var rows = await listAuditRows.Handle(size, skip, context.CancellationToken);
        return new ListAuditRowsResponse { Rows = { rows.Select(row => row.ToProto()) }, NextPageToken = Refuse.NextPage(skip, size, rows.Count) };
    }

    private static RpcException ParticipantErased(Guid participantId) => Refuse.Rule(
        "PARTICIPANT_ERASED", $"The personal data of participant {participantId} was erased, and it takes no part any more: admit the person anew.", "participant_id");

    private static RpcException RequestIdReused() =>
        Refuse.Exists("REQUEST_ID_REUSED", "This request id was used for something else: choose a new one.", "request_id");
}
