using ComputeExchange.Hosting.Access;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Keys;

/// <summary>What keys go by.</summary>
/// <param name="Simulated">The kind of exchange; a key of the other kind is nobody's.</param>
/// <param name="RealTime">By which keys end and are revoked: they protect the real door, whatever the exchange's clock shows.</param>
public sealed record KeyTerms(bool Simulated, TimeProvider RealTime);

/// <summary>Whose a key is.</summary>
public sealed record KeyOwner(Caller Caller, string Name);

/// <summary>Says whose a key is, as the tables say at this moment.</summary>
public sealed class KeyCheck(ParticipantsDb db, KeyTerms terms)
{
    /// <summary>The owner, or null if the key is nobody's, revoked, past its time, or of an operator or auditor who is suspended.</summary>
    public async Task<KeyOwner?> Find(string key, CancellationToken cancel)
    {
        if (!ApiKeys.TryReadId(key, terms.Simulated, out var keyId)) return null;
        var found = await (
            from stored in db.ApiKeys.AsNoTracking()
            join owner in db.Participants.AsNoTracking().Include(owner => owner.Identity) on stored.ParticipantId equals owner.ParticipantId
            where stored.KeyId == keyId
            select new { Key = stored, Owner = owner }).SingleOrDefaultAsync(cancel);

        if (found is null || !ApiKeys.IsKey(key, found.Key.Hash)) return null;
        if (!ApiKeys.IsUsable(found.Key.ExpiresTime, found.Key.RevokedTime, terms.RealTime.GetUtcNow())) return null;
        if (!found.Owner.Active && found.Owner.Roles.Any(RoleRules.IsOfTheHouse)) return null;
        return new KeyOwner(new Caller(found.Owner.ParticipantId, found.Owner.Roles.Select(Words.ToProto).ToHashSet(), keyId, null), found.Owner.Name);
    }
}
