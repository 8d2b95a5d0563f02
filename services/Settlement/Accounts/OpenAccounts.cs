using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;

namespace ComputeExchange.Settlement.Accounts;

/// <summary>Opens a new participant's accounts. A posting that is quicker opens them itself.</summary>
public sealed class OpenAccounts(SettlementDb db) : IHear<ParticipantAdmitted>       // Participants
{
    /// <inheritdoc />
    public Task Hear(ParticipantAdmitted happened, DateTimeOffset at, CancellationToken cancel)
    {
        if (happened.Roles.Any(role => role is "BUYER" or "PROVIDER" or "TRADER"))
            db.Open(Account.Transit(happened.ParticipantId), Account.Collateral(happened.ParticipantId));
        if (happened.Roles.Contains("PROVIDER")) db.Open(Account.Earnings(happened.ParticipantId));
        return Task.CompletedTask;
    }
}
