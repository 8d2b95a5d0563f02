using System.Diagnostics;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Feed;

/// <summary>Moves the money of each entry of the engine's feed once, in the engine's order, and does what follows from it here.</summary>
public sealed class PostFeed(SettlementDb db, ILogger<PostFeed> log) : IReadFeed
{
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
                await PayWithdrawal(entry.Event.CollateralDebited, at, cancel);
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

    private async Task PayWithdrawal(CollateralMoved debited, DateTimeOffset at, CancellationToken cancel)
    {
        var commandId = Guid.Parse(debited.CommandId);
        if (await db.Withdrawals.SingleOrDefaultAsync(w => w.CommandId == commandId, cancel) is not { } withdrawal)
        {
            log.LogError("Collateral of {Participant} was debited by a command that is not ours, {Command}; it is in transit.", debited.ParticipantId, commandId);
            return;
        }
        withdrawal.State = WithdrawalRow.Paid;
        db.Post(Postings.Withdrawn(withdrawal.Id, withdrawal.ParticipantId, new Money(withdrawal.AmountMicros), at));
    }

    private async Task Compensate(FeedEntry entry, CancellationToken cancel)
    {
        var bond = entry.Event.BondSettled;
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
        }
        else if (await db.Deposits.SingleOrDefaultAsync(d => d.CommandId == commandId, cancel) is { } deposit)
        {
            Measures.CommandRefused();
            log.LogError("Deposit {Deposit} was refused and goes back to the bank: {Reason}, {Message}", deposit.Id, refused.Reason, refused.Message);
            db.Post(Postings.Returned(deposit.Id, deposit.ParticipantId, new Money(deposit.AmountMicros), at));
        }
        else
        {
            Measures.CommandRefused();

            // A refund or a bond: the engine knows the participant and the lease, so we asked for something wrong.
            log.LogError("The engine refused {Command}: {Reason}, {Message}. What it was to credit stays in transit.", commandId, refused.Reason, refused.Message);
        }
    }
}
