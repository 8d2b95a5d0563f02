using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Admission;

/// <summary>Asks for participants.</summary>
/// <param name="Only">Only this one; null: everyone.</param>
public sealed record ListParticipants(Guid? Only, int Size, int Skip);

/// <summary>Answers it, in the order in which they were admitted.</summary>
public sealed class ListParticipantsHandler(ParticipantsDb db)
{
    /// <summary>The participants of one page.</summary>
    public Task<List<ParticipantRow>> Handle(ListParticipants query, CancellationToken cancel) =>
        db.Participants.AsNoTracking().Include(participant => participant.Identity)
            .Where(participant => query.Only == null || participant.ParticipantId == query.Only)
            .OrderBy(participant => participant.AdmittedTime).ThenBy(participant => participant.ParticipantId)
            .Skip(query.Skip).Take(query.Size)
            .ToListAsync(cancel);
}
