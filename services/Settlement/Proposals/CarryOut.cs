using System.Diagnostics;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Proposals;

/// <summary>What each kind of proposal does. The caller saves.</summary>
public sealed class CarryOut(SettlementDb db, FeeRules fees)
{
    private const int NamedBreaks = 10;

    /// <summary>What keeps a proposal from being carried out as things stand; null: nothing.</summary>
    public async Task<ProposalOutcome.Impossible?> Obstacle(Proposed proposed, CancellationToken cancel)
    {
        switch (proposed)
        {
            case Proposed.Resume:
                if ((await db.PaymentRules.AsNoTracking().SingleAsync(cancel)).HaltedTime is null)
                    return new ProposalOutcome.Impossible("NOT_HALTED", "Payments are not halted: there is nothing to resume.");
                var breaks = await db.Breaks.AsNoTracking().Where(found => found.ClearedTime == null).OrderBy(found => found.Id).Take(NamedBreaks)
                    .Select(found => found.Text).ToListAsync(cancel);
                return breaks.Count == 0 ? null : new ProposalOutcome.Impossible("BREAKS_OPEN", $"The books still do not agree; mend that first: {string.Join(' ', breaks)}");
            case Proposed.Assign assign:
                return await db.Deposits.AsNoTracking().SingleOrDefaultAsync(deposit => deposit.Id == assign.DepositId, cancel) is not { State: DepositRow.Unmatched }
                    ? new ProposalOutcome.Impossible("DEPOSIT_NOT_UNMATCHED", $"There is no deposit {assign.DepositId} that is nobody's; cx deposits --unmatched lists them.")
                    : await Unknown(assign.ParticipantId, cancel);
            case Proposed.Correct correct:
                foreach (var name in (string[])[correct.DebitAccount, correct.CreditAccount])
                    if (Proposed.CorrectableAccount(name) is { OwnerId: { } owner } && await Unknown(owner, cancel) is { } unknown) return unknown;
                return null;
            default:
                return null;
        }
    }

    /// <summary>Does it.</summary>
    public async Task Do(Proposed proposed, ProposalRow row, Guid approver, DateTimeOffset now, CancellationToken cancel)
    {
        switch (proposed)
        {
            case Proposed.Limits limits:
                var rules = await LockRules(cancel);
                (rules.SingleMicros, rules.DailyMicros, rules.ApprovalMicros, rules.CoolingMinutes) =
                    (limits.SingleMicros, limits.DailyMicros, limits.ApprovalMicros, limits.CoolingMinutes);
                break;
            case Proposed.Resume:
                var halted = await LockRules(cancel);
                (halted.HaltedTime, halted.HaltReason) = (null, "");
                break;
            case Proposed.Assign assign:
                await Assign(assign, approver, now, cancel);
                break;
            case Proposed.Correct correct:
                db.Post([new Domain.Transfer(
                    Proposed.CorrectableAccount(correct.DebitAccount)!, Proposed.CorrectableAccount(correct.CreditAccount)!,
                    new Money(correct.AmountMicros), TransferKinds.Correction, $"proposal {row.Id}", now)]);
                break;
            case Proposed.SetFees set:
                await fees.Set(new FeeSchedule
                {
                    FromDay = set.FromDay,
                    Tiers = { set.Tiers.Select(tier => new FeeTier { FromVolumeMicros = tier.FromVolumeMicros, BuyerPpm = tier.BuyerPpm, SellerPpm = tier.SellerPpm }) },
                }, now, cancel);
                break;
            case Proposed.SetTax tax:
                await fees.Set(new TaxRate { TaxCode = tax.TaxCode, FromDay = tax.FromDay, RatePpm = tax.RatePpm }, cancel);
                break;
            default:
                throw new UnreachableException($"Nobody carries out {proposed}.");
        }
    }

    private async Task Assign(Proposed.Assign assign, Guid approver, DateTimeOffset now, CancellationToken cancel)
    {
        var deposit = await db.Deposits.FromSql($"SELECT *, xmin FROM settlement.deposits WHERE deposit_id = {assign.DepositId} FOR UPDATE").SingleAsync(cancel);
        if (deposit.State != DepositRow.Unmatched) throw new DbUpdateConcurrencyException($"Deposit {deposit.Id} was moved meanwhile; look again.");
        var amount = new Money(deposit.AmountMicros);
        (deposit.ParticipantId, deposit.State, deposit.OperatorId) = (assign.ParticipantId, DepositRow.Booked, approver);
        db.Post([new IncomingMoney(deposit.Id, amount).Assigned(assign.ParticipantId, now)]);
        db.Command(Asks.CreditDeposit(deposit.Id, assign.ParticipantId, amount));
    }

    private Task<PaymentRulesRow> LockRules(CancellationToken cancel) =>
        db.PaymentRules.FromSql($"SELECT *, xmin FROM settlement.payment_rules WHERE id = 1 FOR UPDATE").SingleAsync(cancel);

    private async Task<ProposalOutcome.Impossible?> Unknown(Guid participant, CancellationToken cancel) => await db.KnowsParticipant(participant, cancel)
        ? null
        : new ProposalOutcome.Impossible("PARTICIPANT_UNKNOWN", $"There is no participant {participant} with accounts.");
}
