using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Admission;

/// <summary>An operator suspends or reinstates a participant: recorded and told to the engine, or refused.</summary>
public sealed record SetParticipantState(Guid OperatorId, Guid RequestId, Guid ParticipantId, bool Active);

/// <summary>What came of it.</summary>
public abstract record SetStateOutcome
{
    private SetStateOutcome()
    {
    }

    /// <summary>The participant as it is now.</summary>
    public sealed record Set(ParticipantRow Participant) : SetStateOutcome;

    /// <summary>There is no such participant.</summary>
    public sealed record NotFound : SetStateOutcome;

    /// <summary>Operators do not suspend themselves: so one is always left.</summary>
    public sealed record Oneself : SetStateOutcome;

    /// <summary>Its personal data was erased: who nobody knows does not trade.</summary>
    public sealed record Erased : SetStateOutcome;

    /// <summary>The request id was used for something else.</summary>
    public sealed record RequestIdReused : SetStateOutcome;
}

/// <summary>Does it.</summary>
public sealed class SetParticipantStateHandler(ParticipantsDb db, AuditLog audit)
{
    /// <summary>Sets the state; a repetition changes nothing and returns the participant as it is now.</summary>
    public async Task<SetStateOutcome> Handle(SetParticipantState command, CancellationToken cancel)
    {
        var (operatorId, requestId, participantId, active) = command;

        // Load. The lock makes acts come one after the other.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var earlier = await db.StateRequests.AsNoTracking().SingleOrDefaultAsync(
            request => request.OperatorId == operatorId && request.RequestId == requestId, cancel);
        if (earlier is not null && (earlier.ParticipantId != participantId || earlier.Active != active)) return new SetStateOutcome.RequestIdReused();
        var participant = await db.Participants.Include(participant => participant.Identity).SingleOrDefaultAsync(participant => participant.ParticipantId == participantId, cancel);
        if (participant is null) return new SetStateOutcome.NotFound();
        if (earlier is not null) return new SetStateOutcome.Set(participant);

        // Decide.
        if (participantId == operatorId && !active) return new SetStateOutcome.Oneself();
        if (participant.Identity is null && active) return new SetStateOutcome.Erased();

        // Save.
        participant.Active = active;
        db.StateRequests.Add(new StateRequestRow { OperatorId = operatorId, RequestId = requestId, ParticipantId = participantId, Active = active });
        db.Command(DerivedId.Of($"participant state {operatorId} {requestId}"), AdmitParticipantHandler.Known(participant));
        await audit.Add(operatorId.ToString(), active ? "participant reinstated" : "participant suspended", new { participantId }, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new SetStateOutcome.Set(participant);
    }
}
