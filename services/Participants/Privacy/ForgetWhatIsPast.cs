using ComputeExchange.Client;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Privacy;

/// <summary>Deletes every night the personal data whose time is over (<see cref="Retention"/>).</summary>
public sealed class ForgetWhatIsPast(ParticipantsDb db, AuditLog audit, KeyTerms terms) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var removedBefore = due - Retention.RemovedDestination;
        var bankDetails = await db.BankDetails
            .Where(details => db.Destinations.Any(d => d.DestinationId == details.DestinationId && d.RemovedTime < removedBefore))
            .ExecuteDeleteAsync(cancel);

        // Keys end by the clock on the wall, so they are forgotten by it too.
        var endedBefore = terms.RealTime.GetUtcNow() - Retention.EndedKeyLabel;
        var keyLabels = await db.ApiKeys.Where(key => key.Label != null && (key.ExpiresTime < endedBefore || key.RevokedTime < endedBefore))
            .ExecuteUpdateAsync(key => key.SetProperty(k => k.Label, (string?)null), cancel);

        if (bankDetails + keyLabels > 0)
            await audit.AddHeard(due, ServiceNames.Participants, "past data forgotten", new { BankDetails = bankDetails, KeyLabels = keyLabels }, cancel);
    }
}
