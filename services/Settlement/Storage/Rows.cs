using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Storage;

/// <summary>An account and its balance, which the database moves when a transfer is inserted and at no other time.</summary>
public sealed class AccountRow
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    public Guid? OwnerId { get; init; }

    public long BalanceMicros { get; init; }
}

/// <summary>A transfer as the ledger keeps it: inserted by <see cref="SettlementDb.Post"/>, never changed.</summary>
public sealed class TransferRow
{
    public long Number { get; init; }

    public required string DebitAccount { get; init; }

    public required string CreditAccount { get; init; }

    public long AmountMicros { get; init; }

    public required string Kind { get; init; }

    public required string Cause { get; init; }

    public DateTimeOffset HappenedTime { get; init; }

    /// <summary>The entry of the engine's feed that moved it; null where it was not the engine.</summary>
    public long? FeedNumber { get; init; }

    public Guid? DebitOwnerId { get; init; }

    public Guid? CreditOwnerId { get; init; }
}

/// <summary>A deposit that an operator booked.</summary>
public sealed class DepositRow
{
    public Guid Id { get; init; }

    public Guid RequestId { get; init; }

    public Guid ParticipantId { get; init; }

    public long AmountMicros { get; init; }

    public Guid OperatorId { get; init; }

    public DateTimeOffset BookedTime { get; init; }

    /// <summary>The command that makes it tradable.</summary>
    public Guid CommandId { get; init; }
}

/// <summary>A withdrawal that a participant asked for.</summary>
public sealed class WithdrawalRow
{
    public const string Pending = "PENDING";
    public const string Paid = "PAID";
    public const string Refused = "REFUSED";

    public Guid Id { get; init; }

    public Guid ParticipantId { get; init; }

    public Guid RequestId { get; init; }

    public long AmountMicros { get; init; }

    public required string Destination { get; init; }

    public required string State { get; set; }

    public DateTimeOffset RequestedTime { get; init; }

    /// <summary>The command by which the engine lets it go.</summary>
    public Guid CommandId { get; init; }
}

/// <summary>A lease that was paid for.</summary>
public sealed class LeaseRow
{
    public long LeaseId { get; init; }

    public long RunId { get; init; }

    public Guid BuyerId { get; init; }

    public Guid ProviderId { get; init; }

    public required string Market { get; init; }

    /// <summary>The trace of its sale, for the payout that it is part of; null where none is recorded.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>One slot of a lease: what was sold and, once it is metered, what was delivered.</summary>
public sealed class LeaseSlotRow
{
    public long LeaseId { get; init; }

    public int SlotIndex { get; init; }

    public DateTimeOffset FromTime { get; init; }

    public DateTimeOffset ToTime { get; init; }

    public long PriceMicrosPerGpuHour { get; init; }

    public long CostMicros { get; init; }

    public long BuyerFeeMicros { get; init; }

    public long SellerFeeMicros { get; init; }

    public long BondMicros { get; init; }

    /// <summary>When its delivery became known; null while its money is in escrow.</summary>
    public DateTimeOffset? MeteredTime { get; set; }

    public long? SoldGpuSeconds { get; set; }

    public long? DeliveredGpuSeconds { get; set; }

    /// <summary>What the provider's bond was asked to give.</summary>
    public long? CompensationMicros { get; set; }

    public LeaseRow Lease { get; init; } = null!;

    public SoldSlot Sold() => new(
        new Price(PriceMicrosPerGpuHour), new Money(CostMicros), new Money(BuyerFeeMicros), new Money(SellerFeeMicros), new Money(BondMicros));
}

/// <summary>What a slot of a market cost in the last run that sold some of it.</summary>
public sealed class ReferencePriceRow
{
    public required string Market { get; init; }

    public DateTimeOffset SlotTime { get; init; }

    public long PriceMicrosPerGpuHour { get; init; }

    public long RunId { get; init; }
}

/// <summary>A provider's earnings sent to its bank: at most one a day.</summary>
public sealed class PayoutRow
{
    public Guid Id { get; init; }

    public Guid ProviderId { get; init; }

    public DateOnly Day { get; init; }

    public long AmountMicros { get; init; }

    public DateTimeOffset PaidTime { get; init; }
}
