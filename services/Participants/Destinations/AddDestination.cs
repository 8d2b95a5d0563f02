using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Destinations;

/// <summary>A participant names a bank account to which its money may be paid out.</summary>
public sealed record AddDestination(Guid ParticipantId, Guid RequestId, string Label, string Holder, BankAccount Account);

/// <summary>What came of it.</summary>
public abstract record AddDestinationOutcome
{
    private AddDestinationOutcome()
    {
    }

    /// <summary>Added by this request, now or earlier.</summary>
    public sealed record Added(DestinationRow Destination) : AddDestinationOutcome;

    /// <summary>There is no such participant, or its personal data was erased.</summary>
    public sealed record NotFound : AddDestinationOutcome;

    /// <summary>It has as many as it can have.</summary>
    public sealed record TooMany : AddDestinationOutcome;

    /// <summary>The request id was used for another destination.</summary>
    public sealed record RequestIdReused : AddDestinationOutcome;
}

/// <summary>Does it.</summary>
public sealed class AddDestinationHandler(ParticipantsDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>How many destinations in use a participant can have.</summary>
    public const int CountMax = 20;

    /// <summary>Adds the destination and tells its id; a repetition returns the first outcome.</summary>
    public async Task<AddDestinationOutcome> Handle(AddDestination command, CancellationToken cancel)
    {
        var (participantId, requestId, label, holder, account) = command;

        // Load. The lock makes equal requests come one after the other; the unique index on them is the guard.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var earlier = await db.Destinations.AsNoTracking().Include(destination => destination.Details).SingleOrDefaultAsync(
            destination => destination.ParticipantId == participantId && destination.RequestId == requestId, cancel);
        if (earlier is not null)
            return earlier.Details is not { } known || (known.Label == label && known.Holder == holder && known.Account == account)
                ? new AddDestinationOutcome.Added(earlier)
                : new AddDestinationOutcome.RequestIdReused();
        if (!await db.Identities.AnyAsync(identity => identity.ParticipantId == participantId, cancel)) return new AddDestinationOutcome.NotFound();
        var inUse = await db.Destinations.CountAsync(
            destination => destination.ParticipantId == participantId && destination.RemovedTime == null, cancel);

        // Decide.
        if (inUse >= CountMax) return new AddDestinationOutcome.TooMany();

        // Save.
        var id = DerivedId.Of($"destination {participantId} {requestId}");
        var added = new DestinationRow
        {
            DestinationId = id,
            ParticipantId = participantId,
            RequestId = requestId,
            AddedTime = clock.GetUtcNow().ToMicrosecond(),
            Details = new BankDetailsRow
            {
                DestinationId = id,
                Label = label,
                Holder = holder,
                Scheme = account.Scheme,
                Iban = account.Iban,
                Bic = account.Bic,
                RoutingNumber = account.RoutingNumber,
                AccountNumber = account.AccountNumber,
            },
        };
        db.Destinations.Add(added);
        db.Tell(new PaymentDestinationAdded { DestinationId = id, ParticipantId = participantId });
        await audit.Add(participantId.ToString(), "destination added", new { DestinationId = id, participantId }, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new AddDestinationOutcome.Added(added);
    }
}
