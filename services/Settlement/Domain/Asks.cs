using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain;

/// <summary>A journaled command for the engine with its id, which is made from its cause: asked twice, it is done once.</summary>
public sealed record Ask(Guid CommandId, EngineCommand Command);

/// <summary>All that Settlement asks of the engine.</summary>
public static class Asks
{
    /// <summary>A deposit is to be tradable.</summary>
    public static Ask CreditDeposit(Guid deposit, Guid participant, Money amount) =>
        Credit($"deposit {deposit}", participant, amount);

    /// <summary>A refund for a slot is to be tradable.</summary>
    public static Ask CreditRefund(long leaseId, int slotIndex, Guid buyer, Money amount) =>
        Credit($"{Postings.CauseOf(leaseId, slotIndex)} refund", buyer, amount);

    /// <summary>A compensation for a slot is to be tradable.</summary>
    public static Ask CreditCompensation(long leaseId, int slotIndex, Guid buyer, Money amount) =>
        Credit($"{Postings.CauseOf(leaseId, slotIndex)} compensation", buyer, amount);

    /// <summary>What the correction of a slot gives the buyer is to be tradable.</summary>
    public static Ask CreditCorrection(CorrectedSlot slot, Money amount) => Credit(slot.Cause, slot.Buyer, amount);

    /// <summary>A withdrawal is to leave trading, if it is free.</summary>
    public static Ask Debit(Guid withdrawal, Guid participant, Money amount)
    {
        var cause = $"withdrawal {withdrawal}";
        return new Ask(IdFor(cause), new EngineCommand
        {
            DebitCollateral = new DebitCollateral { ParticipantId = participant.ToString(), AmountMicros = amount.Micros, Reference = cause },
        });
    }

    /// <summary>A withdrawal that did not leave, or came back, is to be tradable again.</summary>
    /// <param name="why">What became of it: each makes it tradable once.</param>
    public static Ask CreditWithdrawal(Guid withdrawal, Guid participant, Money amount, string why) =>
        Credit($"withdrawal {withdrawal} {why}", participant, amount);

    /// <summary>What a participant owes is to leave trading, as far as it is free.</summary>
    /// <param name="occasion">What makes it asked now: each asks once.</param>
    public static Ask DebitDebt(Guid participant, Money amount, string occasion) =>
        new(IdFor($"{DebtReference(participant)} {occasion}"), new EngineCommand
        {
            DebitCollateral = new DebitCollateral { ParticipantId = participant.ToString(), AmountMicros = amount.Micros, Reference = DebtReference(participant) },
        });

    /// <summary>What was taken for a debt and is more than what is owed is to be tradable again.</summary>
    public static Ask CreditDebtRest(long feedNumber, Guid participant, Money rest) => Credit($"feed {feedNumber} rest", participant, rest);

    /// <summary>By what the engine's entry says that it debited what a participant owes.</summary>
    public static string DebtReference(Guid participant) => $"debt {participant}";

    /// <summary>The bond of a metered slot is to be released, less what the provider loses.</summary>
    public static Ask SettleBond(long leaseId, int slotIndex, Money taken) =>
        new(IdFor($"{Postings.CauseOf(leaseId, slotIndex)} bond"), new EngineCommand
        {
            SettleBond = new SettleBond { LeaseId = leaseId, SlotIndex = slotIndex, TakenMicros = taken.Micros },
        });

    /// <summary>The same id for the same cause, always.</summary>
    public static Guid IdFor(string cause) => DerivedId.From("settlement", cause);

    private static Ask Credit(string cause, Guid participant, Money amount) => new(IdFor(cause), new EngineCommand
    {
        CreditCollateral = new CreditCollateral { ParticipantId = participant.ToString(), AmountMicros = amount.Micros, Reference = cause },
    });
}
