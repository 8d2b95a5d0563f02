using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Admission;

/// <summary>An operator admits a participant: recorded, told to the engine and to the services, or refused.</summary>
/// <param name="Roles">In the order of <see cref="ParticipantRole"/>, each once.</param>
public sealed record AdmitParticipant(Guid OperatorId, Guid RequestId, Guid ParticipantId, string Name, IReadOnlyList<ParticipantRole> Roles);

/// <summary>What came of it.</summary>
public abstract record AdmitOutcome
{
    private AdmitOutcome()
    {
    }

    /// <summary>Admitted by this request, now or earlier.</summary>
    public sealed record Admitted(ParticipantRow Participant) : AdmitOutcome;

    /// <summary>There is a participant of this id.</summary>
    public sealed record Exists : AdmitOutcome;

    /// <summary>The request id was used for another admission.</summary>
    public sealed record RequestIdReused : AdmitOutcome;
}

/// <summary>Does it.</summary>
public sealed class AdmitParticipantHandler(ParticipantsDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>Admits the participant; a repetition returns the first outcome.</summary>
    public async Task<AdmitOutcome> Handle(AdmitParticipant command, CancellationToken cancel)
    {
        // Load. The lock makes equal requests come one after the other; the unique index on them is the guard.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var earlier = await db.Participants.AsNoTracking().Include(participant => participant.Identity).SingleOrDefaultAsync(
            participant => participant.AdmittedBy == command.OperatorId && participant.RequestId == command.RequestId, cancel);
        if (earlier is not null)
            return earlier.ParticipantId == command.ParticipantId && earlier.Roles.SequenceEqual(command.Roles)
                && (earlier.Identity is null || earlier.Name == command.Name)
                ? new AdmitOutcome.Admitted(earlier)
                : new AdmitOutcome.RequestIdReused();
        if (await db.Participants.AnyAsync(participant => participant.ParticipantId == command.ParticipantId, cancel))
            return new AdmitOutcome.Exists();

        // Save.
        var admitted = await Add(db, audit, command, actor: command.OperatorId.ToString(), clock.GetUtcNow(), cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new AdmitOutcome.Admitted(admitted);
    }

    /// <summary>Notes a new participant for the tables, the log, the engine and the services; the caller saves.</summary>
    internal static async Task<ParticipantRow> Add(
        ParticipantsDb db, AuditLog audit, AdmitParticipant command, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        var participant = new ParticipantRow
        {
            ParticipantId = command.ParticipantId,
            Identity = new IdentityRow { ParticipantId = command.ParticipantId, Name = command.Name },
            Roles = [.. command.Roles],
            AdmittedTime = now.ToMicrosecond(),
            AdmittedBy = command.OperatorId,
            RequestId = command.RequestId,
        };
        var roles = command.Roles.Select(RoleRules.Name).ToList();
        db.Participants.Add(participant);
        db.Tell(new ParticipantAdmitted { ParticipantId = command.ParticipantId, Roles = roles });
        db.Command(DerivedId.Of($"participant {command.ParticipantId}"), Known(participant));
        await audit.Add(actor, "participant admitted", new { command.ParticipantId, Roles = roles }, cancel);
        return participant;
    }

    /// <summary>The command by which the engine learns what a participant may do.</summary>
    internal static EngineCommand Known(ParticipantRow participant) => new()
    {
        SetParticipant = new SetParticipant
        {
            ParticipantId = participant.ParticipantId.ToString(),
            MayBuy = participant.Roles.Contains(ParticipantRole.Buyer),
            MaySell = participant.Roles.Contains(ParticipantRole.Provider),
            Active = participant.Active,
        },
    };
}
