using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Keys;

/// <summary>Makes an API key: recorded by its hash, or refused.</summary>
/// <param name="MadeBy">Who asks.</param>
/// <param name="IsOperator">Whether that is an operator, who makes anyone's.</param>
/// <param name="ParticipantId">Whose it will be.</param>
public sealed record CreateKey(Guid MadeBy, bool IsOperator, Guid RequestId, Guid ParticipantId, string Label, int DayCount);

/// <summary>What came of it.</summary>
public abstract record CreateKeyOutcome
{
    private CreateKeyOutcome()
    {
    }

    /// <summary>Made by this request, now or earlier; the whole key only now.</summary>
    public sealed record Made(string KeyId, string? Key) : CreateKeyOutcome;

    /// <summary>Only operators make the keys of others.</summary>
    public sealed record OfAnother : CreateKeyOutcome;

    /// <summary>There is no such participant.</summary>
    public sealed record NotFound : CreateKeyOutcome;

    /// <summary>The participant's personal data was erased: nobody comes in as it.</summary>
    public sealed record Erased : CreateKeyOutcome;

    /// <summary>The participant has as many usable keys as it can have.</summary>
    public sealed record TooMany : CreateKeyOutcome;

    /// <summary>The request id was used for another key.</summary>
    public sealed record RequestIdReused : CreateKeyOutcome;
}

/// <summary>Does it.</summary>
public sealed class CreateKeyHandler(ParticipantsDb db, AuditLog audit, KeyTerms terms)
{
    /// <summary>Makes the key; a repetition returns its id and not the key.</summary>
    public async Task<CreateKeyOutcome> Handle(CreateKey command, CancellationToken cancel)
    {
        if (command.ParticipantId != command.MadeBy && !command.IsOperator) return new CreateKeyOutcome.OfAnother();

        // Load. The lock makes equal requests come one after the other; the unique index on them is the guard.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var earlier = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(
            key => key.MadeBy == command.MadeBy && key.RequestId == command.RequestId, cancel);
        if (earlier is not null)
            return (earlier.ParticipantId, earlier.DayCount) == (command.ParticipantId, command.DayCount) && (earlier.Label is null || earlier.Label == command.Label)
                ? new CreateKeyOutcome.Made(earlier.KeyId, Key: null)
                : new CreateKeyOutcome.RequestIdReused();
        if (!await db.Participants.AnyAsync(participant => participant.ParticipantId == command.ParticipantId, cancel))
            return new CreateKeyOutcome.NotFound();
        var now = terms.RealTime.GetUtcNow().ToMicrosecond();
        var usable = await db.ApiKeys.CountAsync(
            key => key.ParticipantId == command.ParticipantId && key.RevokedTime == null && key.ExpiresTime > now, cancel);

        // Decide.
        if (!await db.Identities.AnyAsync(identity => identity.ParticipantId == command.ParticipantId, cancel)) return new CreateKeyOutcome.Erased();
        if (usable >= ApiKeys.UsableCountMax) return new CreateKeyOutcome.TooMany();

        // Save.
        var made = ApiKeys.Make(terms.Simulated);
        await Add(db, audit, command, made, actor: command.MadeBy.ToString(), now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new CreateKeyOutcome.Made(made.Id, made.Text);
    }

    /// <summary>Notes a key for the tables and the log; the caller saves.</summary>
    internal static async Task Add(
        ParticipantsDb db, AuditLog audit, CreateKey command, NewKey key, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        var expires = now.AddDays(command.DayCount);
        db.ApiKeys.Add(new ApiKeyRow
        {
            KeyId = key.Id,
            ParticipantId = command.ParticipantId,
            Label = command.Label,
            Hash = ApiKeys.Hash(key.Text),
            CreatedTime = now,
            ExpiresTime = expires,
            MadeBy = command.MadeBy,
            RequestId = command.RequestId,
            DayCount = command.DayCount,
        });
        await audit.Add(actor, "key created", new { KeyId = key.Id, command.ParticipantId, ExpiresTime = expires }, cancel);
    }
}
