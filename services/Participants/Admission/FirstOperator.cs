using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Admission;

/// <summary>What the key given at the start came to.</summary>
public enum FirstOperatorOutcome
{
    /// <summary>An operator has a usable key: nothing was done.</summary>
    NotNeeded,

    /// <summary>It is now an operator's key.</summary>
    KeyAdded,

    /// <summary>No operator has a usable key, and this one was used before and is over: another must be given.</summary>
    KeyIsOver,
}

/// <summary>Lets the first operator in by a key that the exchange was started with.</summary>
/// <remarks>
/// Also the way back in when every operator's key has ended or was revoked: the first of them is given the new key. Whoever
/// starts the exchange has its database in hand anyway.
/// </remarks>
public sealed class AdmitFirstOperatorHandler(ParticipantsDb db, AuditLog audit, KeyTerms terms, TimeProvider clock)
{
    private const string Actor = ServiceNames.Participants;

    /// <summary>Admits an operator named "operator" if there is none, and makes the key its own; of processes that race, one does.</summary>
    public async Task<FirstOperatorOutcome> Handle(string key, CancellationToken cancel)
    {
        if (!ApiKeys.TryReadId(key, terms.Simulated, out var keyId))
            throw new ArgumentException("It is not a key of this kind of exchange.", nameof(key));

        // Load.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await audit.Lock(cancel);
        var now = terms.RealTime.GetUtcNow().ToMicrosecond();
        var operators = await db.Participants
            .Where(participant => participant.Active && participant.Roles.Contains(ParticipantRole.Operator))
            .OrderBy(participant => participant.AdmittedTime).ThenBy(participant => participant.ParticipantId).ToListAsync(cancel);
        var ids = operators.Select(participant => participant.ParticipantId).ToList();
        if (await db.ApiKeys.AnyAsync(k => ids.Contains(k.ParticipantId) && k.RevokedTime == null && k.ExpiresTime > now, cancel))
            return FirstOperatorOutcome.NotNeeded;
        if (await db.ApiKeys.AnyAsync(k => k.KeyId == keyId, cancel)) return FirstOperatorOutcome.KeyIsOver;

        // Save.
        var id = DerivedId.Of($"first operator {keyId}");
        var first = operators.FirstOrDefault() ?? await AdmitParticipantHandler.Add(
            db, audit, new AdmitParticipant(id, id, id, "operator", [ParticipantRole.Operator]), Actor, clock.GetUtcNow(), cancel);
        var made = new CreateKey(first.ParticipantId, IsOperator: true, id, first.ParticipantId, "first operator", ApiKeys.DayCountMax);
        await CreateKeyHandler.Add(db, audit, made, new NewKey(keyId, key), Actor, now, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return FirstOperatorOutcome.KeyAdded;
    }
}

/// <summary>Does it when the service starts, before its door opens.</summary>
public sealed class FirstOperator(ServiceOptions options, IServiceScopeFactory scopes, ILogger<FirstOperator> log) : IHostedService
{
    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.FirstOperatorKey is not { Length: > 0 } key) return;
        await using var scope = scopes.CreateAsyncScope();
        var outcome = await scope.ServiceProvider.GetRequiredService<AdmitFirstOperatorHandler>().Handle(key, cancellationToken);
        if (outcome == FirstOperatorOutcome.KeyAdded)
            log.LogInformation("The first operator can come in with the key this exchange was started with.");
        if (outcome == FirstOperatorOutcome.KeyIsOver)
            log.LogWarning("No operator has a usable key, and the one this exchange was started with is over: start it with a new one.");
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
