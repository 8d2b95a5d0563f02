using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Destinations;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Privacy;

/// <summary>Erases a participant's personal data, for ever, or notes that it asked for it.</summary>
/// <param name="CallerId">Who asks: the participant itself, or an operator after it asked.</param>
public sealed record ErasePersonalData(Guid CallerId, Guid ParticipantId);

/// <summary>What came of it.</summary>
public abstract record EraseOutcome
{
    private EraseOutcome()
    {
    }

    /// <summary>The participant asked, now or earlier; it is active, so nothing is erased yet.</summary>
    public sealed record Asked(ErasureRow Erasure) : EraseOutcome;

    /// <summary>The data is gone, now or earlier.</summary>
    public sealed record Erased(ErasureRow Erasure) : EraseOutcome;

    /// <summary>There is no such participant.</summary>
    public sealed record NotFound : EraseOutcome;

    /// <summary>An operator erases nobody who did not ask.</summary>
    public sealed record NotAsked : EraseOutcome;

    /// <summary>An operator suspends the participant first.</summary>
    public sealed record StillActive : EraseOutcome;
}

/// <summary>Does it.</summary>
public sealed class ErasePersonalDataHandler(ParticipantsDb db, AuditLog audit, KeyTerms terms, TimeProvider clock)
{
    /// <summary>Erases or notes; who was erased stays erased.</summary>
    public async Task<EraseOutcome> Handle(ErasePersonalData command, CancellationToken cancel)
    {
        var (callerId, participantId) = command;
        var itself = callerId == participantId;

        // Load. The lock makes acts come one after the other.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var participant = await db.Participants.AsNoTracking().SingleOrDefaultAsync(p => p.ParticipantId == participantId, cancel);
        if (participant is null) return new EraseOutcome.NotFound();
        var erasure = await db.Erasures.SingleOrDefaultAsync(e => e.ParticipantId == participantId, cancel);

        // Decide.
        if (erasure is { ErasedTime: not null }) return new EraseOutcome.Erased(erasure);
        if (erasure is not null && itself && participant.Active) return new EraseOutcome.Asked(erasure);
        if (erasure is null && !itself) return new EraseOutcome.NotAsked();
        if (!itself && participant.Active) return new EraseOutcome.StillActive();

        // Save.
        var now = clock.GetUtcNow().ToMicrosecond();
        if (erasure is null)
        {
            db.Erasures.Add(erasure = new ErasureRow { ParticipantId = participantId, AskedTime = now });
            await audit.Add(callerId.ToString(), "erasure asked", new { participantId }, cancel);
        }
        if (!participant.Active) await Erase(callerId, erasure, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return participant.Active ? new EraseOutcome.Asked(erasure) : new EraseOutcome.Erased(erasure);
    }

    private async Task Erase(Guid callerId, ErasureRow erasure, DateTimeOffset now, CancellationToken cancel)
    {
        var id = erasure.ParticipantId;
        var keyTime = terms.RealTime.GetUtcNow().ToMicrosecond();
        erasure.ErasedTime = now;
        foreach (var destination in await db.Destinations.Where(d => d.ParticipantId == id && d.RemovedTime == null).ToListAsync(cancel))
            RemoveDestinationHandler.Remove(db, destination, now);
        await db.BankDetails.Where(details => db.Destinations.Any(d => d.DestinationId == details.DestinationId && d.ParticipantId == id)).ExecuteDeleteAsync(cancel);
        await db.Identities.Where(identity => identity.ParticipantId == id).ExecuteDeleteAsync(cancel);
        await db.ApiKeys.Where(key => key.ParticipantId == id && key.RevokedTime == null)
            .ExecuteUpdateAsync(key => key.SetProperty(k => k.RevokedTime, keyTime), cancel);
        await db.ApiKeys.Where(key => key.ParticipantId == id).ExecuteUpdateAsync(key => key.SetProperty(k => k.Label, (string?)null), cancel);
        await audit.Add(callerId.ToString(), "personal data erased", new { ParticipantId = id }, cancel);
    }
}
