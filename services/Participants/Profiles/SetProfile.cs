using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Profiles;

/// <summary>Replaces a participant's profile.</summary>
/// <param name="SetBy">Who asks: the participant itself, or an operator.</param>
public sealed record SetProfile(Guid SetBy, Guid ParticipantId, Profile Profile);

/// <summary>What came of it.</summary>
public abstract record SetProfileOutcome
{
    private SetProfileOutcome()
    {
    }

    /// <summary>The profile is as it was asked for.</summary>
    public sealed record Set(ParticipantRow Participant) : SetProfileOutcome;

    /// <summary>There is no such participant.</summary>
    public sealed record NotFound : SetProfileOutcome;

    /// <summary>Its personal data was erased, and stays so.</summary>
    public sealed record Erased : SetProfileOutcome;
}

/// <summary>Does it.</summary>
public sealed class SetProfileHandler(ParticipantsDb db, AuditLog audit, TimeProvider clock)
{
    /// <summary>Replaces the profile, and tells a change of the tax code; where nothing differs nothing is done.</summary>
    public async Task<SetProfileOutcome> Handle(SetProfile command, CancellationToken cancel)
    {
        var (setBy, participantId, profile) = command;

        // Load. The lock makes acts come one after the other.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var participant = await db.Participants.Include(participant => participant.Identity)
            .SingleOrDefaultAsync(participant => participant.ParticipantId == participantId, cancel);
        if (participant is null) return new SetProfileOutcome.NotFound();
        if (participant.Identity is not { } identity) return new SetProfileOutcome.Erased();
        var changed = Of(identity).FieldsChangedBy(profile);
        if (changed.Count == 0) return new SetProfileOutcome.Set(participant);

        // Save.
        if (identity.TaxCode != profile.TaxCode) db.Tell(new TaxCodeChanged { ParticipantId = participantId, TaxCode = profile.TaxCode });
        (identity.LegalName, identity.Email, identity.AddressLines) = (profile.LegalName, profile.Email, [.. profile.AddressLines]);
        (identity.Country, identity.TaxNumber, identity.TaxCode) = (profile.Country, profile.TaxNumber, profile.TaxCode);
        identity.ChangedTime = clock.GetUtcNow().ToMicrosecond();
        await audit.Add(setBy.ToString(), "profile changed", new { participantId, Fields = changed }, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new SetProfileOutcome.Set(participant);
    }

    private static Profile Of(IdentityRow identity) => new(
        identity.LegalName, identity.Email, identity.AddressLines, identity.Country, identity.TaxNumber, identity.TaxCode);
}
