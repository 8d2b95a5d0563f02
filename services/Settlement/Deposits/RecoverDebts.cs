using ComputeExchange.Client;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Deposits;

/// <summary>Asks the engine for what participants owe, as far as it is free, until nothing is owed.</summary>
/// <remarks>The feed says what the engine let go. If more came than is still owed then, the rest goes back.</remarks>
public sealed class RecoverDebts(SettlementDb db, ExchangeClient exchange, ILogger<RecoverDebts> log) : IClockJob
{
    /// <inheritdoc />
    public async Task Run(DateTimeOffset due, CancellationToken cancel)
    {
        var owing = await db.Accounts.AsNoTracking()
            .Where(account => account.Kind == AccountKinds.Receivable && account.BalanceMicros < 0)
            .OrderBy(account => account.Name).Select(account => account.OwnerId!.Value).ToListAsync(cancel);
        await Ask(owing, $"at {due:O}", cancel);
    }

    /// <summary>Asks for what these participants owe now.</summary>
    /// <param name="occasion">Why now: one occasion asks once.</param>
    public async Task Ask(IReadOnlyList<Guid> participants, string occasion, CancellationToken cancel)
    {
        foreach (var participant in participants)
        {
            var owed = await db.Owed(participant, cancel);
            if (owed == Money.Zero) continue;
            try
            {
                await db.AskForDebt(participant, Money.Min(owed, await Free(participant, cancel)), occasion, cancel);
            }
            catch (RpcException away)
            {
                log.LogWarning("What {Participant} owes was not asked for: the engine did not say what is free ({Status}).", participant, away.StatusCode);
            }
        }
    }

    private async Task<Money> Free(Guid participant, CancellationToken cancel)
    {
        var held = await exchange.Engine.GetHoldingsAsync(
            new GetHoldingsRequest { ParticipantId = participant.ToString() },
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancel);
        return new Money(held.Holdings.SingleOrDefault()?.FreeMicros ?? 0);
    }
}

/// <summary>What is asked of the engine for debts.</summary>
public static class Debts
{
    /// <summary>Asks for a part of what a participant owes that is free; the caller saves.</summary>
    /// <param name="occasion">Why now: one occasion asks once.</param>
    public static async Task AskForDebt(this SettlementDb db, Guid participant, Money amount, string occasion, CancellationToken cancel)
    {
        if (amount <= Money.Zero) return;
        var ask = Asks.DebitDebt(participant, amount, occasion);
        if (!await db.EngineCommands.AnyAsync(command => command.CommandId == ask.CommandId, cancel)) db.Command(ask);
    }
}
