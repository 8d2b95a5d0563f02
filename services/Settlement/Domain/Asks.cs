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

    /// <summary>A withdrawal is to leave trading, if it is free.</summary>
    public static Ask Debit(Guid withdrawal, Guid participant, Money amount)
    {
        var cause = $"withdrawal {withdrawal}";
        return new Ask(IdFor(cause), new EngineCommand
        {
            DebitCollateral = new DebitCollateral { ParticipantId = participant.ToString(), AmountMicros = amount.Micros, Reference = cause },
        });
    }

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
