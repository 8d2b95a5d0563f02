using System.Diagnostics;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Payments;

/// <summary>Money on its way out: begun, let go when money may leave, and ended as the rail says. The caller saves.</summary>
/// <remarks>
/// What lets money go reads the rules with their row locked, in the transaction that marks it: of a halt and a payment
/// one comes first. Locks are taken in one order: the rules, payments, the ledger's head.
/// </remarks>
public sealed class PaymentDesk(SettlementDb db, RailBook rails)
{
    private PaymentRulesRow? _rules;

    /// <summary>The rail that new payments go over.</summary>
    public IPaymentRail Rail => rails.InUse;

    /// <summary>The rules, which stand until the transaction that is open ends.</summary>
    public async Task<PaymentRulesRow> Rules(CancellationToken cancel)
    {
        if (db.Database.CurrentTransaction is null) throw new UnreachableException("The rules are read in the transaction that acts on them.");
        return _rules ??= await db.PaymentRules.FromSql($"SELECT *, xmin FROM settlement.payment_rules WHERE id = 1 FOR SHARE").AsNoTracking().SingleAsync(cancel);
    }

    /// <summary>Begins to pay what a withdrawal asked for: it is in transit.</summary>
    public Task Pay(WithdrawalRow withdrawal, DateTimeOffset at, CancellationToken cancel)
    {
        withdrawal.State = WithdrawalRow.Ready;
        withdrawal.Explanation = "";
        return Begin(withdrawal.Id, PaymentRow.Withdrawal, withdrawal.ParticipantId, withdrawal.DestinationId, withdrawal.AmountMicros, at, cancel);
    }

    /// <summary>Begins to pay a provider's earnings.</summary>
    /// <param name="destination">Null where the rail needs none.</param>
    public Task Pay(PayoutRow payout, Guid? destination, DateTimeOffset at, CancellationToken cancel)
    {
        db.Payouts.Add(payout);
        return Begin(payout.Id, PaymentRow.Payout, payout.ProviderId, destination, payout.AmountMicros, at, cancel);
    }

    /// <summary>Hands a payment that is ready to its rail, as far as that is to be noted here; fails it where its destination is gone.</summary>
    public async Task LetGo(PaymentRow payment, DateTimeOffset at, CancellationToken cancel)
    {
        if (payment.State != PaymentRow.Ready) throw new UnreachableException($"Payment {payment.Id} is {payment.State}.");
        payment.State = PaymentRow.Sent;
        payment.SentTime = at;
        if (payment.DestinationId is { } id && await db.Destinations.FindAsync([id], cancel) is { RemovedTime: not null })
            await Move(payment, PaymentStep.Fail, at, "The destination was taken out of use before the money left.", cancel);
        else if (rails.Find(payment.Rail) is { Handover: Handover.AtOnce })
            await Move(payment, PaymentStep.Pay, at, "", cancel);
        else
            await Say(payment, "", cancel);
    }

    /// <summary>Ends a payment, or turns it back, in the ledger and where people look.</summary>
    /// <param name="why">For people; empty where the state says it all.</param>
    public async Task Move(PaymentRow payment, PaymentStep step, DateTimeOffset at, string why, CancellationToken cancel)
    {
        var money = new OutgoingMoney(payment.Id, payment.Purpose == PaymentRow.Payout, payment.ParticipantId, new Money(payment.AmountMicros));
        payment.EndedTime = at;
        switch (step)
        {
            case PaymentStep.Pay:
                db.Post([money.Paid(at)]);
                payment.State = PaymentRow.Paid;
                break;
            case PaymentStep.Fail:
                db.Post([money.Failed(at)]);
                payment.State = PaymentRow.Failed;
                Back(money, "failed");
                break;
            case PaymentStep.Return:
                db.Post([money.Returned(at)]);
                payment.State = PaymentRow.Reversed;
                Back(money, "returned");
                break;
            case PaymentStep.PayAndReturn:
                db.Post([money.Paid(at), money.Returned(at)]);
                payment.State = PaymentRow.Reversed;
                Back(money, "returned");
                break;
            case PaymentStep.PayAfterAll:
                db.Post([money.PaidAfterAll(at)]);
                payment.State = PaymentRow.Paid;
                break;
            default:
                throw new UnreachableException($"Nothing moves by {step}.");
        }
        if (payment.State == PaymentRow.Paid && money.IsPayout)
        {
            Measures.Paid(money.Amount);
            db.Tell(new PayoutMade { PayoutId = payment.Id, ProviderId = payment.ParticipantId, AmountMicros = payment.AmountMicros });
        }
        await Say(payment, why, cancel);
    }

    private async Task Begin(Guid id, string purpose, Guid participant, Guid? destination, long micros, DateTimeOffset at, CancellationToken cancel)
    {
        var payment = new PaymentRow
        {
            Id = id,
            Purpose = purpose,
            ParticipantId = participant,
            DestinationId = destination,
            AmountMicros = micros,
            Rail = Rail.Name,
            State = PaymentRow.Ready,
            CreatedTime = at,
        };
        db.Payments.Add(payment);
        db.Post([new OutgoingMoney(id, purpose == PaymentRow.Payout, participant, new Money(micros)).SetAside(at)]);
        if (Rail.Handover == Handover.AtOnce && (await Rules(cancel)).HaltedTime is null) await LetGo(payment, at, cancel);
    }

    /// <summary>What came back to a withdrawal is to be tradable again; a payout's is the provider's earnings, and tomorrow's payout.</summary>
    private void Back(OutgoingMoney money, string why)
    {
        if (!money.IsPayout) db.Command(Asks.CreditWithdrawal(money.Id, money.ParticipantId, money.Amount, why));
    }

    private async Task Say(PaymentRow payment, string why, CancellationToken cancel)
    {
        payment.Explanation = why;
        if (payment.Purpose != PaymentRow.Withdrawal) return;
        var withdrawal = await db.Withdrawals.FindAsync([payment.Id], cancel)
            ?? throw new UnreachableException($"Payment {payment.Id} pays a withdrawal that is not there.");
        (withdrawal.State, withdrawal.Explanation) = (payment.State, why);
    }
}
