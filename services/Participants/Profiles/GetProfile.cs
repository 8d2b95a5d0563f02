using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Profiles;

/// <summary>Reads what is known of a participant as a person.</summary>
public sealed class GetProfileHandler(ParticipantsDb db)
{
    /// <summary>The participant with its identity, which is null after an erasure; null: there is no such participant.</summary>
    public Task<ParticipantRow?> Handle(Guid participantId, CancellationToken cancel) =>
        db.Participants.AsNoTracking().Include(participant => participant.Identity)
            .SingleOrDefaultAsync(participant => participant.ParticipantId == participantId, cancel);
}
