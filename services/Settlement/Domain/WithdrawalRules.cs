using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain;

/// <summary>Why money is not let out, in the order in which the reasons are checked.</summary>
public enum WithdrawalRefusal
{
    /// <summary>The participant has no such destination.</summary>
    DestinationUnknown,

    /// <summary>The participant took it out of use.</summary>
    DestinationRemoved,

    /// <summary>It was added too short a time ago.</summary>
    DestinationCooling,

    /// <summary>The rail cannot move such an amount.</summary>
    AmountNotPayable,

    /// <summary>It is more than one withdrawal may be.</summary>
    OverSingleLimit,

    /// <summary>With those of the last 24 hours it is more than a participant may withdraw in a day.</summary>
    OverDailyLimit,

    /// <summary>The participant owes the exchange.</summary>
    MoneyOwed,
}

/// <summary>The limits of money going out.</summary>
/// <param name="PerWithdrawal">The most that one withdrawal may be.</param>
/// <param name="PerDay">The most that a participant may withdraw in 24 hours.</param>
/// <param name="Approval">From this amount on two operators must approve.</param>
/// <param name="Cooling">How long a new destination waits before it can be used.</param>
public sealed record PaymentLimitRules(Money PerWithdrawal, Money PerDay, Money Approval, TimeSpan Cooling);

/// <summary>Where money is to go, as far as the rules ask.</summary>
/// <param name="Added">When the destination was added; null: the participant has none of that id.</param>
public readonly record struct PaymentDestination(DateTimeOffset? Added, bool Removed);

/// <summary>Whether money may be asked out.</summary>
public static class WithdrawalRules
{
    /// <summary>The time over which the daily limit counts.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>Decides.</summary>
    /// <param name="amount">What is asked for.</param>
    /// <param name="unitMicros">The smallest amount that the rail can move.</param>
    /// <param name="withdrawn">What was asked for in the last 24 hours and was not turned down.</param>
    /// <param name="owed">What the participant owes.</param>
    /// <returns>Why not, and from when the destination can be used where that is why; null: it may.</returns>
    public static (WithdrawalRefusal Reason, DateTimeOffset? UsableFrom)? Check(
        PaymentLimitRules limits, PaymentDestination destination, Money amount, long unitMicros, Money withdrawn, Money owed, DateTimeOffset now)
    {
        if (destination.Added is not { } added) return (WithdrawalRefusal.DestinationUnknown, null);
        if (destination.Removed) return (WithdrawalRefusal.DestinationRemoved, null);
        if (added + limits.Cooling > now) return (WithdrawalRefusal.DestinationCooling, added + limits.Cooling);
        if (amount.Micros % unitMicros != 0) return (WithdrawalRefusal.AmountNotPayable, null);
        if (amount > limits.PerWithdrawal) return (WithdrawalRefusal.OverSingleLimit, null);
        if ((Int128)withdrawn.Micros + amount.Micros > limits.PerDay.Micros) return (WithdrawalRefusal.OverDailyLimit, null);
        return owed > Money.Zero ? (WithdrawalRefusal.MoneyOwed, null) : null;
    }
}
