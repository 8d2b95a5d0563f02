using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Settlement.Storage;

namespace ComputeExchange.Settlement.Payments;

/// <summary>Keeps which destinations there are, whose, and since when. Bank details stay with Participants.</summary>
public sealed class KnowDestinations(SettlementDb db) : IHear<PaymentDestinationAdded>, IHear<PaymentDestinationRemoved>       // Participants
{
    /// <inheritdoc />
    public Task Hear(PaymentDestinationAdded happened, DateTimeOffset at, CancellationToken cancel)
    {
        db.Destinations.Add(new DestinationRow { Id = happened.DestinationId, ParticipantId = happened.ParticipantId, AddedTime = at });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task Hear(PaymentDestinationRemoved happened, DateTimeOffset at, CancellationToken cancel)
    {
        if (await db.Destinations.FindAsync([happened.DestinationId], cancel) is { } destination) destination.RemovedTime ??= at;
    }
}
