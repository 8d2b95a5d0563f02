using System.Diagnostics;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Settlement.Proposals;

/// <summary>What became of a proposal.</summary>
public abstract record ProposalOutcome
{
    private ProposalOutcome()
    {
    }

    /// <summary>It stands so.</summary>
    public sealed record Stands(ProposalRow Proposal) : ProposalOutcome;

    /// <summary>The request id stands for another proposal.</summary>
    public sealed record RequestIdReused : ProposalOutcome;

    /// <summary>There is none of that id.</summary>
    public sealed record NotFound : ProposalOutcome;

    /// <summary>It is not what the operator meant to approve.</summary>
    public sealed record HashDiffers(string Hash) : ProposalOutcome;

    /// <summary>Nobody approves what they proposed.</summary>
    public sealed record OwnProposal : ProposalOutcome;

    /// <summary>Its time is over.</summary>
    public sealed record Expired(DateTimeOffset At) : ProposalOutcome;

    /// <summary>Another operator approved it.</summary>
    public sealed record Done : ProposalOutcome;

    /// <summary>Things are no longer, or not, as it needs them; nothing was done.</summary>
    /// <param name="Reason">For programs.</param>
    /// <param name="Message">For people.</param>
    public sealed record Impossible(string Reason, string Message) : ProposalOutcome;
}

/// <summary>Keeps what an operator proposes until another approves it or its time is over.</summary>
public sealed class ProposeHandler(SettlementDb db, CarryOut carryOut, TimeProvider clock)
{
    /// <summary>How long a proposal can be approved.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromMinutes(15);

    /// <param name="operatorId">Who proposes it.</param>
    /// <param name="requestId">The same for the same proposal.</param>
    /// <param name="proposed">What; its fields are right.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ProposalOutcome> Handle(Guid operatorId, Guid requestId, Proposed proposed, CancellationToken cancel)
    {
        if (await Earlier(operatorId, requestId, proposed, cancel) is { } known) return known;
        if (await carryOut.Obstacle(proposed, cancel) is { } obstacle) return obstacle;

        var now = clock.GetUtcNow();
        var row = new ProposalRow
        {
            Id = Guid.CreateVersion7(now),
            RequestId = requestId,
            Kind = proposed.KindOf(),
            Parameters = proposed.Write(),
            Hash = proposed.Hash(),
            ProposedBy = operatorId,
            ProposedTime = now,
            ExpiresTime = now + Open,
        };
        db.Proposals.Add(row);
        db.Tell(OperatorActed.Of(operatorId, "proposed", new { proposal_id = row.Id, kind = row.Kind, parameters = row.Parameters, hash = row.Hash }));
        try
        {
            await db.SaveChangesAsync(cancel);
            return new ProposalOutcome.Stands(row);
        }
        catch (DbUpdateException race) when (race.InnerException is PostgresException { ConstraintName: ProposalTable.Once })
        {
            db.ChangeTracker.Clear();
            return await Earlier(operatorId, requestId, proposed, cancel) ?? throw new UnreachableException("The request that was quicker is not there.", race);
        }
    }

    private async Task<ProposalOutcome?> Earlier(Guid operatorId, Guid requestId, Proposed proposed, CancellationToken cancel)
    {
        var earlier = await db.Proposals.AsNoTracking().SingleOrDefaultAsync(row => row.ProposedBy == operatorId && row.RequestId == requestId, cancel);
        if (earlier is not null) await db.Confirm(cancel);
        return earlier is null ? null
            : earlier.Hash == proposed.Hash() ? new ProposalOutcome.Stands(earlier)
            : new ProposalOutcome.RequestIdReused();
    }
}

/// <summary>Has a proposal take effect when a second operator approves it: in one transaction.</summary>
public sealed class ApproveProposalHandler(SettlementDb db, CarryOut carryOut, TimeProvider clock)
{
    public async Task<ProposalOutcome> Handle(Guid operatorId, Guid proposalId, string hash, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var row = await db.Proposals.FromSql($"SELECT *, xmin FROM settlement.proposals WHERE proposal_id = {proposalId} FOR UPDATE").SingleOrDefaultAsync(cancel);
        var now = clock.GetUtcNow();
        if (row is null) return new ProposalOutcome.NotFound();
        if (!string.Equals(row.Hash, hash, StringComparison.OrdinalIgnoreCase)) return new ProposalOutcome.HashDiffers(row.Hash);
        if (row.ProposedBy == operatorId) return new ProposalOutcome.OwnProposal();
        if (row.ApprovedBy is { } approver) return approver == operatorId ? new ProposalOutcome.Stands(row) : new ProposalOutcome.Done();
        if (row.ExpiresTime <= now) return new ProposalOutcome.Expired(row.ExpiresTime);

        var proposed = Proposed.Read(row.Kind, row.Parameters);
        if (proposed.Check(DateOnly.FromDateTime(now.UtcDateTime)) is [var (field, wrong), ..])
            return new ProposalOutcome.Impossible("PROPOSAL_OUTDATED", $"{field} {wrong}");
        if (await carryOut.Obstacle(proposed, cancel) is { } obstacle) return obstacle;

        (row.ApprovedBy, row.ApprovedTime) = (operatorId, now);
        await carryOut.Do(proposed, row, operatorId, now, cancel);
        db.Tell(OperatorActed.Of(operatorId, "proposal approved", new { proposal_id = row.Id, kind = row.Kind, parameters = row.Parameters, hash = row.Hash }));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (LedgerRefusedException refused)
        {
            return new ProposalOutcome.Impossible("LEDGER_REFUSED", $"The ledger would not take it ({refused.Reason}): {refused.Message}");
        }
        await transaction.CommitAsync(cancel);
        return new ProposalOutcome.Stands(row);
    }
}
