namespace ComputeExchange.Settlement.Domain;

/// <summary>Where a payment stands.</summary>
public enum PaymentStanding
{
    /// <summary>It waits for the rail.</summary>
    Ready,

    /// <summary>The rail has it.</summary>
    Sent,

    /// <summary>It arrived.</summary>
    Paid,

    /// <summary>It could not be made.</summary>
    Failed,

    /// <summary>It arrived and came back.</summary>
    Reversed,
}

/// <summary>What a rail's event does to a payment.</summary>
public enum PaymentStep
{
    /// <summary>What is set aside leaves.</summary>
    Pay,

    /// <summary>What is set aside is free again.</summary>
    Fail,

    /// <summary>What left comes back.</summary>
    Return,

    /// <summary>It left and came back, of which only the second was said yet.</summary>
    PayAndReturn,

    /// <summary>It left although it was said that it could not: it is owed.</summary>
    PayAfterAll,

    /// <summary>It was known, or is over.</summary>
    Nothing,

    /// <summary>It cannot be: people must look at it, and nothing moves.</summary>
    Contradiction,
}

/// <summary>Where a deposit stands; none: it was never heard of.</summary>
public enum DepositStanding
{
    /// <summary>It was never heard of.</summary>
    None,

    /// <summary>It is to come.</summary>
    Announced,

    /// <summary>It is there.</summary>
    Booked,

    /// <summary>It was sent back.</summary>
    Returned,

    /// <summary>It did not come.</summary>
    Failed,

    /// <summary>The bank took it back.</summary>
    Reversed,

    /// <summary>It is there and nobody's.</summary>
    Unmatched,
}

/// <summary>What a rail's event does to a deposit.</summary>
public enum DepositStep
{
    /// <summary>It is to come.</summary>
    Announce,

    /// <summary>It is there.</summary>
    Book,

    /// <summary>It does not come.</summary>
    Fail,

    /// <summary>It is taken back.</summary>
    Reverse,

    /// <summary>It was known, or is over.</summary>
    Nothing,

    /// <summary>It cannot be: people must look at it, and nothing moves.</summary>
    Contradiction,
}

/// <summary>What follows from what a rail says, in whatever order and however often it says it.</summary>
public static class RailSteps
{
    /// <summary>What an event does to a payment that stands so.</summary>
    /// <remarks>A failure after the money arrived moves nothing: only a return says that it is back.</remarks>
    public static PaymentStep Of(PaymentStanding standing, RailSays says) => (standing, says) switch
    {
        (PaymentStanding.Ready, _) => PaymentStep.Contradiction,
        (PaymentStanding.Sent, RailSays.PaymentSettled) => PaymentStep.Pay,
        (PaymentStanding.Sent, RailSays.PaymentFailed) => PaymentStep.Fail,
        (PaymentStanding.Sent, RailSays.PaymentReturned) => PaymentStep.PayAndReturn,
        (PaymentStanding.Paid, RailSays.PaymentReturned) => PaymentStep.Return,
        (PaymentStanding.Paid, RailSays.PaymentFailed) => PaymentStep.Contradiction,
        (PaymentStanding.Failed, RailSays.PaymentSettled) => PaymentStep.PayAfterAll,
        _ => PaymentStep.Nothing,
    };

    /// <summary>What an event does to a deposit that stands so.</summary>
    /// <remarks>A deposit that was said to be taken back is not booked, whatever comes after it.</remarks>
    public static DepositStep Of(DepositStanding standing, RailSays says) => (standing, says) switch
    {
        (DepositStanding.None, RailSays.DepositAnnounced) => DepositStep.Announce,
        (DepositStanding.None or DepositStanding.Announced or DepositStanding.Failed, RailSays.DepositSettled) => DepositStep.Book,
        (DepositStanding.None or DepositStanding.Announced, RailSays.DepositFailed) => DepositStep.Fail,
        (DepositStanding.Booked or DepositStanding.Unmatched, RailSays.DepositFailed) => DepositStep.Contradiction,
        (DepositStanding.Returned or DepositStanding.Reversed, _) => DepositStep.Nothing,
        (_, RailSays.DepositReversed) => DepositStep.Reverse,
        _ => DepositStep.Nothing,
    };
}
