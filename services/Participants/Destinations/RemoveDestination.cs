using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Destinations;

/// <summary>Takes a destination out of use, for ever.</summary>
/// <param name="CallerId">Who asks.</param>
/// <param name="IsOperator">Whether that is an operator, who removes anyone's.</param>
public sealed record RemoveDestination(Guid CallerId, bool IsOperator, Guid DestinationId);

/// <summary>Does it.</summary>
public sealed class RemoveDestinationHandler(ParticipantsDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>The destination as it is now; null: the caller has no such destination.</summary>
    public async Task<DestinationRow?> Handle(RemoveDestination command, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var destination = await db.Destinations.Include(destination => destination.Details).SingleOrDefaultAsync(
            destination => destination.DestinationId == command.DestinationId
                && (command.IsOperator || destination.ParticipantId == command.CallerId), cancel);
        if (destination is null || destination.RemovedTime is not null) return destination;

        Remove(db, destination, clock.GetUtcNow());
        await audit.Add(
            command.CallerId.ToString(), "destination removed", new { destination.DestinationId, destination.ParticipantId }, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return destination;
    }

    /// <summary>Notes the end of a destination for the tables and the services; the caller writes the log and saves.</summary>
    internal static void Remove(ParticipantsDb db, DestinationRow destination, DateTimeOffset now)
    {
        destination.RemovedTime = now.ToMicrosecond();
        db.Tell(new PaymentDestinationRemoved { DestinationId = destination.DestinationId, ParticipantId = destination.ParticipantId });
    }
}
