using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Keys;

/// <summary>Makes a key unusable.</summary>
/// <param name="CallerId">Who asks.</param>
/// <param name="IsOperator">Whether that is an operator, who revokes anyone's.</param>
public sealed record RevokeKey(Guid CallerId, bool IsOperator, string KeyId);

/// <summary>Does it.</summary>
public sealed class RevokeKeyHandler(ParticipantsDb db, AuditLog audit, KeyTerms terms)
{
    /// <summary>When the key was revoked, now or earlier; null: the caller has no such key.</summary>
    public async Task<DateTimeOffset?> Handle(RevokeKey command, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var key = await db.ApiKeys.SingleOrDefaultAsync(
            key => key.KeyId == command.KeyId && (command.IsOperator || key.ParticipantId == command.CallerId), cancel);
        if (key is null || key.RevokedTime is not null) return key?.RevokedTime;

        key.RevokedTime = terms.RealTime.GetUtcNow().ToMicrosecond();
        await audit.Add(command.CallerId.ToString(), "key revoked", new { key.KeyId, key.ParticipantId }, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return key.RevokedTime;
    }
}
