namespace ComputeExchange.Settlement.Storage;

/// <summary>Money on its way to a participant's bank: set aside in the ledger until the rail says what became of it.</summary>
public sealed class PaymentRow
{
    public const string Ready = "READY";
    public const string Sent = "SENT";
    public const string Paid = "PAID";
    public const string Failed = "FAILED";
    public const string Reversed = "REVERSED";

    public const string Withdrawal = "WITHDRAWAL";
    public const string Payout = "PAYOUT";

    /// <summary>The id of the withdrawal or payout that it pays; what the rail is given, so that it pays once.</summary>
    public Guid Id { get; init; }

    /// <summary>What it pays: a withdrawal or a payout.</summary>
    public required string Purpose { get; init; }

    public Guid ParticipantId { get; init; }

    /// <summary>Where to; null where the operator of the manual rail knows.</summary>
    public Guid? DestinationId { get; init; }

    public long AmountMicros { get; init; }

    public required string Rail { get; init; }

    public required string State { get; set; }

    /// <summary>What the rail calls it; empty until it said.</summary>
    public string RailReference { get; set; } = "";

    /// <summary>Why it stands so, for people; empty where the state says it all.</summary>
    public string Explanation { get; set; } = "";

    /// <summary>The bank file that it went out with; null where there is none.</summary>
    public long? FileNumber { get; set; }

    public DateTimeOffset CreatedTime { get; init; }

    public DateTimeOffset? SentTime { get; set; }

    public DateTimeOffset? EndedTime { get; set; }
}

/// <summary>Something a rail said, kept once.</summary>
public sealed class RailEventRow
{
    public required string Rail { get; init; }

    /// <summary>The rail's own id of the event.</summary>
    public required string EventId { get; init; }

    /// <summary>One of the kinds of events, for example "payment settled".</summary>
    public required string Kind { get; init; }

    /// <summary>The payment it is about; null for deposits.</summary>
    public Guid? PaymentId { get; init; }

    /// <summary>What the rail calls the payment or deposit it is about.</summary>
    public required string RailReference { get; init; }

    public long AmountMicros { get; init; }

    /// <summary>SHA-256 of its content: the same id with another content is refused.</summary>
    public required byte[] ContentHash { get; init; }

    public DateTimeOffset HappenedTime { get; init; }

    public DateTimeOffset ReceivedTime { get; init; }

    /// <summary>What was done with it, for people.</summary>
    public required string Outcome { get; set; }
}

/// <summary>A payment destination as far as the ledger knows it: whose, and since when. Its bank details are with the participant.</summary>
public sealed class DestinationRow
{
    public Guid Id { get; init; }

    public Guid ParticipantId { get; init; }

    public DateTimeOffset AddedTime { get; init; }

    public DateTimeOffset? RemovedTime { get; set; }
}

/// <summary>One operator's approval of a large withdrawal.</summary>
public sealed class ApprovalRow
{
    public Guid WithdrawalId { get; init; }

    public Guid OperatorId { get; init; }

    public DateTimeOffset ApprovedTime { get; init; }
}

/// <summary>What one operator proposed and another must approve.</summary>
public sealed class ProposalRow
{
    public Guid Id { get; init; }

    public Guid RequestId { get; init; }

    public required string Kind { get; init; }

    /// <summary>JSON, exactly as hashed.</summary>
    public required string Parameters { get; init; }

    /// <summary>SHA-256 of kind and parameters, hexadecimal.</summary>
    public required string Hash { get; init; }

    public Guid ProposedBy { get; init; }

    public DateTimeOffset ProposedTime { get; init; }

    public DateTimeOffset ExpiresTime { get; init; }

    public Guid? ApprovedBy { get; set; }

    public DateTimeOffset? ApprovedTime { get; set; }
}

/// <summary>Whether money may leave, and the limits of it: one row.</summary>
public sealed class PaymentRulesRow
{
    public int Id { get; init; }

    /// <summary>Since when nothing leaves; null: money may leave.</summary>
    public DateTimeOffset? HaltedTime { get; set; }

    /// <summary>Why, for people.</summary>
    public string HaltReason { get; set; } = "";

    public long SingleMicros { get; set; }

    public long DailyMicros { get; set; }

    public long ApprovalMicros { get; set; }

    public long CoolingMinutes { get; set; }

    /// <summary>The number of the last bank file.</summary>
    public long LastFileNumber { get; set; }
}

/// <summary>Something that did not agree when the ledger was compared.</summary>
public sealed class BreakRow
{
    public long Id { get; init; }

    /// <summary>Which comparison found it, for example "chain" or "engine".</summary>
    public required string Check { get; init; }

    /// <summary>The account or transfer concerned: one open break for each check and subject.</summary>
    public required string Subject { get; init; }

    /// <summary>A sentence for people, with the transfers concerned.</summary>
    public required string Text { get; set; }

    public DateTimeOffset FoundTime { get; init; }

    /// <summary>When it was no longer found; null while it stands.</summary>
    public DateTimeOffset? ClearedTime { get; set; }
}

/// <summary>How far the ledger was compared: one row.</summary>
public sealed class WatchRow
{
    public int Id { get; init; }

    /// <summary>When everything was last compared, in real time.</summary>
    public DateTimeOffset? ComparedTime { get; set; }

    /// <summary>The feed number of the last comparison with the engine.</summary>
    public long FeedNumber { get; set; }

    /// <summary>The last transfer whose hash was checked in the sweep that goes on.</summary>
    public long CheckedNumber { get; set; }
}
