using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Feed;

/// <summary>Moves the money of each entry of the engine's feed once, in the engine's order, and does what follows from it here.</summary>
public sealed class PostFeed(SettlementDb db, PaymentDesk payments, ILogger<PostFeed> log) : IReadFeed
{
    /// <summary>What this batch of the feed has paid back of what participants owe; it is saved at its end.</summary>
    private readonly Dictionary<Guid, Money> _recovered = [];

    /// <summary>The leases that this batch of the feed sold.</summary>
    private readonly List<(LeaseSold Lease, string? TraceParent)> _sold = [];

    /// <inheritdoc />
    public bool Heeds(EngineEvent.EventOneofCase kind) => kind is EngineEvent.EventOneofCase.CollateralCredited
        or EngineEvent.EventOneofCase.CollateralDebited or EngineEvent.EventOneofCase.LeaseSold
        or EngineEvent.EventOneofCase.RunCleared or EngineEvent.EventOneofCase.BondSettled;

    /// <inheritdoc />
    public async Task Apply(FeedEntry entry, CancellationToken cancel)
    {
        db.Post(Postings.Of(entry));
        var at = entry.HappenedTime.ToDateTimeOffset();
        switch (entry.Event.EventCase)
        {
            case EngineEvent.EventOneofCase.CollateralDebited:
                await Debited(entry, at, cancel);
                break;
            case EngineEvent.EventOneofCase.LeaseSold:
                Keep(entry.Event.LeaseSold);
                break;
            case EngineEvent.EventOneofCase.RunCleared:
                await db.KeepPrices(entry.Event.RunCleared, cancel);
                break;
            case EngineEvent.EventOneofCase.BondSettled:
                await Compensate(entry, cancel);
                break;
            case EngineEvent.EventOneofCase.CommandRefused:
                await Undo(entry.Event.CommandRefused, at, cancel);
                break;
        }
    }

    /// <summary>Nothing in the same batch can ask for the lease: what follows from it begins with the fact that this save tells.</summary>
    private void Keep(LeaseSold lease)
    {
        if (_sold.Count == 0) db.BeforeSaving(KeepSold);
        _sold.Add((lease, Tracing.Current is { Length: > 0 } trace ? trace : null));
        db.Tell(Sales.Paid(lease));
    }

    private async Task KeepSold(CancellationToken cancel)
    {
        await db.KeepLeases(_sold, cancel);
        _sold.Clear();
    }

    private async Task Debited(FeedEntry entry, DateTimeOffset at, CancellationToken cancel)
    {
        var debited = entry.Event.CollateralDebited;
        var commandId = Guid.Parse(debited.CommandId);
        if (await db.Withdrawals.SingleOrDefaultAsync(w => w.CommandId == commandId, cancel) is { } withdrawal)
        {
            if (withdrawal.AmountMicros >= (await payments.Rules(cancel)).ApprovalMicros) withdrawal.State = WithdrawalRow.AwaitingApproval;
            else await payments.Pay(withdrawal, at, cancel);
        }
        else if (debited.Reference.StartsWith("debt ", StringComparison.Ordinal) && await db.EngineCommands.AnyAsync(c => c.CommandId == commandId, cancel))
        {
            await Recover(Guid.Parse(debited.ParticipantId), new Money(debited.AmountMicros), entry.Number, at, cancel);
        }
        else
        {
            log.LogError("Collateral of {Participant} was debited by a command that is not ours, {Command}; it is in transit.", debited.ParticipantId, commandId);
        }
    }

    /// <summary>What left trading for a debt pays it; what is more than the debt goes back.</summary>
    private async Task Recover(Guid participant, Money taken, long number, DateTimeOffset at, CancellationToken cancel)
    {
        var owed = await db.Owed(participant, cancel) - _recovered.GetValueOrDefault(participant);
        var paid = Money.Min(taken, owed);
        if (paid > Money.Zero)
        {
            db.Post([DebtPostings.FromTransit(participant, paid, $"feed {number}", at)]);
            _recovered[participant] = _recovered.GetValueOrDefault(participant) + paid;
        }
        if (taken > paid) db.Command(Asks.CreditDebtRest(number, participant, taken - paid));
    }

    private async Task Compensate(FeedEntry entry, CancellationToken cancel)
    {
        var bond = entry.Event.BondSettled;
        if (await db.LeaseSlots.FindAsync([bond.LeaseId, bond.SlotIndex], cancel) is { } slot) slot.CompensatedMicros = bond.TakenMicros;
        if (bond.TakenMicros == 0) return;

        var lease = await db.Leases.FindAsync([bond.LeaseId], cancel)
            ?? throw new UnreachableException($"A bond of lease {bond.LeaseId} was settled before it was sold.");
        db.Post(Postings.Compensated(entry, lease.BuyerId));
        db.Command(Asks.CreditCompensation(lease.LeaseId, bond.SlotIndex, lease.BuyerId, new Money(bond.TakenMicros)));
    }

    /// <summary>Most refusals are of others' bids and offers; what was asked here is undone.</summary>
    private async Task Undo(CommandRefused refused, DateTimeOffset at, CancellationToken cancel)
    {
        if (!Guid.TryParse(refused.CommandId, out var commandId)) return;
        if (!await db.EngineCommands.AnyAsync(command => command.CommandId == commandId, cancel)) return;

        if (await db.Withdrawals.SingleOrDefaultAsync(w => w.CommandId == commandId, cancel) is { } withdrawal)
        {
            withdrawal.State = WithdrawalRow.Refused;
            withdrawal.Explanation = refused.Message;
        }
        else if (await db.Deposits.SingleOrDefaultAsync(d => d.CommandId == commandId, cancel) is { } deposit)
        {
            Measures.CommandRefused();
            ReturnDeposit(deposit, refused, at);
        }
        else if (await IsForDebt(commandId, cancel))
        {
            // What was free is no longer: the next look asks for what is free then.
            log.LogInformation("The engine let nothing go for a debt: {Reason}", refused.Reason);
        }
        else if (await db.RefusedFees(commandId, cancel))
        {
            Measures.CommandRefused();
            log.LogError("The engine refused the fees of {Participant}: {Reason}, {Message}. It is asked again tomorrow.", refused.ParticipantId, refused.Reason, refused.Message);
        }
        else
        {
            Measures.CommandRefused();

            // A refund or a bond: the engine knows the participant and the lease, so we asked for something wrong.
            log.LogError("The engine refused {Command}: {Reason}, {Message}. What it was to credit stays in transit.", commandId, refused.Reason, refused.Message);
        }
    }

    private void ReturnDeposit(DepositRow deposit, CommandRefused refused, DateTimeOffset at)
    {
        var (owner, amount) = (deposit.ParticipantId!.Value, new Money(deposit.AmountMicros));
        if (deposit.State == DepositRow.Reversed)
        {
            // The bank took it back before the engine refused it: what is in transit pays what is owed for that.
            db.Post([DebtPostings.FromTransit(owner, amount, $"deposit {deposit.Id}", at)]);
            return;
        }
        log.LogError("Deposit {Deposit} was refused and goes back to the bank: {Reason}, {Message}", deposit.Id, refused.Reason, refused.Message);
        deposit.State = DepositRow.Returned;
        db.Post(Postings.Returned(deposit.Id, owner, amount, at));
    }

    private async Task<bool> IsForDebt(Guid commandId, CancellationToken cancel)
    {
        var body = await db.EngineCommands.Where(command => command.CommandId == commandId).Select(command => command.Body).SingleAsync(cancel);
        return EngineCommand.Parser.ParseFrom(body) is { DebitCollateral.Reference: var reference } && reference.StartsWith("debt ", StringComparison.Ordinal);
    }
}
