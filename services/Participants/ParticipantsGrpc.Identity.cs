using System.Diagnostics;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Participants.Destinations;
using ComputeExchange.Participants.Privacy;
using ComputeExchange.Participants.Profiles;
using ComputeExchange.Participants.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Participants;

/// <content>What is known of participants as persons: shown to themselves and the house, exported, erased.</content>
public sealed partial class ParticipantsGrpc
{
    /// <inheritdoc />
    public override async Task<GetProfileResponse> GetProfile(GetProfileRequest request, ServerCallContext context)
    {
        var participantId = Whose(request.ParticipantId, context, mayAct: Caller.Of(context).SeesAll);
        var participant = await getProfile.Handle(participantId, context.CancellationToken) ?? throw NoParticipant(participantId);
        return new GetProfileResponse { Profile = participant.ToProfile() };
    }

    /// <inheritdoc />
    public override async Task<SetProfileResponse> SetProfile(SetProfileRequest request, ServerCallContext context)
    {
        var participantId = Whose(request.ParticipantId, context, mayAct: IsOperator(context));
        var command = new SetProfile(Caller.Of(context).Participant, participantId, request.Parse());
        return await setProfile.Handle(command, context.CancellationToken) switch
        {
            SetProfileOutcome.Set set => new SetProfileResponse { Profile = set.Participant.ToProfile() },
            SetProfileOutcome.NotFound => throw NoParticipant(participantId),
            SetProfileOutcome.Erased => throw ParticipantErased(participantId),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<AddPaymentDestinationResponse> AddPaymentDestination(AddPaymentDestinationRequest request, ServerCallContext context)
    {
        var command = request.Parse(Caller.Of(context).Participant);
        return await addDestination.Handle(command, context.CancellationToken) switch
        {
            AddDestinationOutcome.Added added => new AddPaymentDestinationResponse { Destination = added.Destination.ToProto() },
            AddDestinationOutcome.NotFound => throw NoParticipant(command.ParticipantId),
            AddDestinationOutcome.TooMany => throw Refuse.Rule(
                "TOO_MANY_DESTINATIONS", $"A participant can have {AddDestinationHandler.CountMax} destinations in use: remove one that is not needed."),
            AddDestinationOutcome.RequestIdReused => throw RequestIdReused(),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<RemovePaymentDestinationResponse> RemovePaymentDestination(RemovePaymentDestinationRequest request, ServerCallContext context)
    {
        var command = new RemoveDestination(
            Caller.Of(context).Participant, IsOperator(context), Refuse.ParseId("destination_id", request.DestinationId));
        var removed = await removeDestination.Handle(command, context.CancellationToken)
            ?? throw Refuse.NotFound("You have no destination of this id.");
        return new RemovePaymentDestinationResponse { Destination = removed.ToProto() };
    }

    /// <inheritdoc />
    public override async Task<ListPaymentDestinationsResponse> ListPaymentDestinations(ListPaymentDestinationsRequest request, ServerCallContext context)
    {
        var participantId = Whose(request.ParticipantId, context, mayAct: Caller.Of(context).SeesAll);
        var (size, skip) = Refuse.ParsePage(request.PageSize, request.PageToken, standard: 200, most: 1000);
        var found = await readDestinations.List(participantId, size, skip, context.CancellationToken);
        return new ListPaymentDestinationsResponse
        {
            Destinations = { found.Select(destination => destination.ToProto()) },
            NextPageToken = Refuse.NextPage(skip, size, found.Count),
        };
    }

    /// <inheritdoc />
    public override async Task<ExportPersonalDataResponse> ExportPersonalData(ExportPersonalDataRequest request, ServerCallContext context)
    {
        var participantId = Whose(request.ParticipantId, context, mayAct: IsOperator(context));
        var document = await exportData.Handle(new ExportPersonalData(Caller.Of(context).Participant, participantId), context.CancellationToken)
            ?? throw NoParticipant(participantId);
        return new ExportPersonalDataResponse { DocumentJson = document };
    }

    /// <inheritdoc />
    public override async Task<ErasePersonalDataResponse> ErasePersonalData(ErasePersonalDataRequest request, ServerCallContext context)
    {
        var participantId = Whose(request.ParticipantId, context, mayAct: IsOperator(context));
        return await eraseData.Handle(new ErasePersonalData(Caller.Of(context).Participant, participantId), context.CancellationToken) switch
        {
            EraseOutcome.Erased { Erasure: var erasure } => new ErasePersonalDataResponse
            {
                State = ErasureState.Erased, AskedTime = erasure.AskedTime.ToTimestamp(), ErasedTime = erasure.ErasedTime?.ToTimestamp(),
            },
            EraseOutcome.Asked { Erasure: var erasure } => new ErasePersonalDataResponse
            {
                State = ErasureState.Asked,
                AskedTime = erasure.AskedTime.ToTimestamp(),
                NextStep = "Withdraw your money and let your leases end: without a destination nothing can be paid out. Then an operator suspends you and erases, or you ask again.",
            },
            EraseOutcome.NotFound => throw NoParticipant(participantId),
            EraseOutcome.NotAsked => throw Refuse.Rule(
                "ERASURE_NOT_ASKED", "The participant has not asked for it: it does so with its own key, by cx privacy erase.", "participant_id"),
            EraseOutcome.StillActive => throw Refuse.Rule(
                "PARTICIPANT_IS_ACTIVE", "The participant is active: see that it has withdrawn its money and has no lease running, suspend it, then erase.", "participant_id"),
            var other => throw new UnreachableException($"No reply for {other}."),
        };
    }

    /// <inheritdoc />
    public override async Task<GetBillingPartyResponse> GetBillingParty(GetBillingPartyRequest request, ServerCallContext context)
    {
        var participantId = Refuse.ParseId("participant_id", request.ParticipantId);
        var participant = await getProfile.Handle(participantId, context.CancellationToken) ?? throw NoParticipant(participantId);
        return participant.ToBillingParty();
    }

    /// <inheritdoc />
    public override async Task<GetPaymentDestinationResponse> GetPaymentDestination(GetPaymentDestinationRequest request, ServerCallContext context)
    {
        var destinationId = Refuse.ParseId("destination_id", request.DestinationId);
        var destination = await readDestinations.Get(destinationId, context.CancellationToken)
            ?? throw Refuse.NotFound($"There is no destination {destinationId}.");
        return destination.ToPayTo();
    }

    /// <summary>The participant meant: the caller itself where none is named; another only where the caller may.</summary>
    private static Guid Whose(string given, ServerCallContext context, bool mayAct)
    {
        var caller = Caller.Of(context);
        var participantId = given.Length == 0 ? caller.Participant : Refuse.ParseId("participant_id", given);
        return participantId == caller.ParticipantId || mayAct ? participantId : throw Refuse.Denied("This is another participant's: leave participant_id out for your own.");
    }

    private static bool IsOperator(ServerCallContext context) => Caller.Of(context).Roles.Contains(Role.Operator);

    private static RpcException NoParticipant(Guid participantId) => Refuse.NotFound($"There is no participant {participantId}.");
}
