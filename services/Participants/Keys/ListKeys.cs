using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Keys;

/// <summary>Reads a participant's keys without their secrets, newest first.</summary>
public sealed class ListKeysHandler(ParticipantsDb db)
{
    private const int CountMax = 1_000;

    /// <summary>The newest thousand of them.</summary>
    public Task<List<ApiKeyRow>> Handle(Guid participantId, CancellationToken cancel) =>
        db.ApiKeys.AsNoTracking().Where(key => key.ParticipantId == participantId)
            .OrderByDescending(key => key.CreatedTime).ThenBy(key => key.KeyId).Take(CountMax).ToListAsync(cancel);
}
