using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Storage;

/// <summary>An account and its balance, which the database moves when a transfer is inserted and at no other time.</summary>
public sealed class AccountRow
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    public Guid? OwnerId { get; init; }

    public long BalanceMicros { get; init; }

    /// <summary>Of the balance, set aside by pending transfers.</summary>
    public long PendingOutMicros { get; init; }

    /// <summary>To come from pending transfers; not part of the balance.</summary>
    public long PendingInMicros { get; init; }

    /// <summary>The least it may hold, less what is set aside; null: it may owe.</summary>
    public long? FloorMicros { get; init; }

    /// <summary>The most it may hold, with what is to come; null: any amount.</summary>
    public long? CeilingMicros { get; init; }
}

/// <summary>A transfer as the ledger keeps it: inserted by <see cref="SettlementDb.Post"/>, never changed.</summary>
public sealed class TransferRow
{
    /// <summary>From 1 without gaps, in the order of the commits.</summary>
    public long Number { get; init; }

    public TransferPhase Phase { get; init; }

    /// <summary>The pending transfer that it ends.</summary>
    public long? PendingNumber { get; init; }

    public required string DebitAccount { get; init; }

    public required string CreditAccount { get; init; }

    public long AmountMicros { get; init; }

    public required string Kind { get; init; }

    public required string Cause { get; init; }

    public DateTimeOffset HappenedTime { get; init; }

    /// <summary>When the ledger took it, by the exchange's clock: never before that of the transfer before.</summary>
    public DateTimeOffset RecordedTime { get; init; }

    /// <summary>The entry of the engine's feed that moved it; null where it was not the engine.</summary>
    public long? FeedNumber { get; init; }

    /// <summary>For a pending one: when it is freed if nobody ends it before.</summary>
    public DateTimeOffset? ExpiresTime { get; init; }

    public Guid? DebitOwnerId { get; init; }

    public Guid? CreditOwnerId { get; init; }

    /// <summary>What binds it to all transfers before it (<see cref="LedgerChain"/>).</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The same for those who check the chain.</summary>
    public TransferRecord ToRecord() => new(
        Number, Phase, PendingNumber, DebitAccount, CreditAccount, AmountMicros, Kind, Cause, HappenedTime, RecordedTime, FeedNumber, ExpiresTime, Hash);
}

/// <summary>The end of the ledger's chain; its lock makes postings one after the other.</summary>
public sealed class LedgerHeadRow
{
    public int Id { get; init; }

    public long LastNumber { get; init; }

    public required byte[] LastHash { get; init; }

    public DateTimeOffset RecordedTime { get; init; }
}

/// <summary>Money that came in: booked by an operator, or reported by a rail.</summary>
public sealed class DepositRow
{
    public const string Announced = "ANNOUNCED";
    public const string Booked = "BOOKED";
    public const string Returned = "RETURNED";
    public const string Failed = "FAILED";
    public const string Reversed = "REVERSED";
    public const string Unmatched = "UNMATCHED";

    /// <summary>The rail of deposits that an operator books.</summary>
    public const string ManualRail = "manual";

    public Guid Id { get; init; }

    /// <summary>Unique for the whole exchange; for a rail's deposit made from the rail and what it calls it.</summary>
    public Guid RequestId { get; init; }

    /// <summary>Whose; null while unmatched.</summary>
    public Guid? ParticipantId { get; set; }

    public long AmountMicros { get; init; }

    /// <summary>The operator who booked or assigned it; null where a rail reported it.</summary>
    public Guid? OperatorId { get; set; }

    public DateTimeOffset BookedTime { get; init; }

    /// <summary>The command that makes it tradable.</summary>
    public Guid CommandId { get; init; }

    public required string State { get; set; }

    public required string Rail { get; init; }

    /// <summary>What the rail calls it; empty for those an operator books.</summary>
    public required string RailReference { get; init; }
}

/// <summary>A withdrawal that a participant asked for.</summary>
public sealed class WithdrawalRow
{
    public const string Pending = "PENDING";
    public const string Refused = "REFUSED";
    public const string AwaitingApproval = "AWAITING_APPROVAL";
    public const string Ready = "READY";
    public const string Sent = "SENT";
    public const string Paid = "PAID";
    public const string Failed = "FAILED";
    public const string Reversed = "REVERSED";
    public const string Rejected = "REJECTED";

    /// <summary>Also the id of its payment.</summary>
    public Guid Id { get; init; }

    public Guid ParticipantId { get; init; }

    public Guid RequestId { get; init; }

    public long AmountMicros { get; init; }

    public Guid DestinationId { get; init; }

    public required string State { get; set; }

    public DateTimeOffset RequestedTime { get; init; }

    /// <summary>The command by which the engine lets it go.</summary>
    public Guid CommandId { get; init; }

    /// <summary>Why it stands so, for people; empty where the state says it all.</summary>
    public string Explanation { get; set; } = "";
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

    /// <summary>Of what was short, that nobody was told of two hours ahead.</summary>
    public long? UnnotifiedGpuSeconds { get; set; }

    /// <summary>The price that the compensation was reckoned with; null where it was not asked for.</summary>
    public long? ReferenceMicrosPerGpuHour { get; set; }

    /// <summary>What counts as delivered since a dispute was decided; null: what was metered.</summary>
    public long? CorrectedGpuSeconds { get; set; }

    /// <summary>The compensation that goes with that: the bond gave what was asked of it, the rest moved with the correction.</summary>
    public long? CorrectedCompensationMicros { get; set; }

    /// <summary>What the provider's bond was asked to give.</summary>
    public long? CompensationMicros { get; set; }

    /// <summary>What the bond gave; null until the engine said it.</summary>
    public long? CompensatedMicros { get; set; }

    public LeaseRow Lease { get; init; } = null!;

    public SoldSlot Sold() => new(
        new Price(PriceMicrosPerGpuHour), new Money(CostMicros), new Money(BuyerFeeMicros), new Money(SellerFeeMicros), new Money(BondMicros));
}

/// <summary>A metered slot that was settled again because a dispute was decided.</summary>
public sealed class DeliveryCorrectionRow
{
    public Guid DisputeId { get; init; }

    public long LeaseId { get; init; }

    public int SlotIndex { get; init; }

    public DateTimeOffset CorrectedTime { get; init; }

    public long DeliveredBeforeGpuSeconds { get; init; }

    public long DeliveredGpuSeconds { get; init; }

    /// <summary>What others gave the buyer, or, below zero, got.</summary>
    public long ToBuyerMicros { get; init; }

    public required string Reason { get; init; }
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
    /// <summary>Also the id of its payment.</summary>
    public Guid Id { get; init; }

    public Guid ProviderId { get; init; }

    public DateOnly Day { get; init; }

    public long AmountMicros { get; init; }

    public DateTimeOffset PaidTime { get; init; }
}
