using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Destinations;

/// <summary>Reads destinations with their bank details, as far as these are still kept.</summary>
public sealed class ReadDestinationsHandler(ParticipantsDb db)
{
    /// <summary>One page of a participant's, newest first.</summary>
    public Task<List<DestinationRow>> List(Guid participantId, int size, int skip, CancellationToken cancel) =>
        db.Destinations.AsNoTracking().Include(destination => destination.Details)
            .Where(destination => destination.ParticipantId == participantId)
            .OrderByDescending(destination => destination.AddedTime).ThenBy(destination => destination.DestinationId)
            .Skip(skip).Take(size).ToListAsync(cancel);

    /// <summary>One of anyone's; null: there is no such destination.</summary>
    public Task<DestinationRow?> Get(Guid destinationId, CancellationToken cancel) =>
        db.Destinations.AsNoTracking().Include(destination => destination.Details)
            .SingleOrDefaultAsync(destination => destination.DestinationId == destinationId, cancel);
}
