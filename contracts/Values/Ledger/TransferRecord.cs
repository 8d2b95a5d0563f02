namespace ComputeExchange.Values.Ledger;

/// <summary>What a transfer does to the balances. The numbers are part of the chained bytes and never change.</summary>
public enum TransferPhase : short
{
    /// <summary>Moves the amount at once.</summary>
    Direct = 0,

    /// <summary>Sets the amount aside until a later transfer posts it, voids it, or it expires.</summary>
    Pending = 1,

    /// <summary>Moves what a pending transfer set aside, or a part of it; the rest is free again.</summary>
    Post = 2,

    /// <summary>Frees what a pending transfer set aside: it did not happen.</summary>
    Void = 3,

    /// <summary>Frees what a pending transfer set aside: its time is over.</summary>
    Expire = 4,
}

/// <summary>A transfer as the ledger keeps it, with its place in the chain.</summary>
/// <param name="Number">From 1 without gaps, in the order of the commits.</param>
/// <param name="Phase">What it does to the balances.</param>
/// <param name="PendingNumber">The pending transfer that it ends; null for <c>Direct</c> and <c>Pending</c>.</param>
/// <param name="Debit">The name of the account it is taken from.</param>
/// <param name="Credit">The name of the account it is given to.</param>
/// <param name="AmountMicros">Micro-dollars, above 0.</param>
/// <param name="Kind">What it is, in the words that people read.</param>
/// <param name="Cause">What caused it; cause and kind together are given once.</param>
/// <param name="HappenedTime">When it happened by the exchange's clock, to the microsecond.</param>
/// <param name="RecordedTime">When the ledger took it by the exchange's clock, to the microsecond; never before that of the transfer before.</param>
/// <param name="FeedNumber">The entry of the engine's feed that moved it; null where it was not the engine.</param>
/// <param name="ExpiresTime">For a pending transfer, when it is freed if nobody ends it before; null: never.</param>
/// <param name="Hash">32 bytes: SHA-256 of the hash before and this record's bytes (<see cref="LedgerChain"/>).</param>
public sealed record TransferRecord(
    long Number,
    TransferPhase Phase,
    long? PendingNumber,
    string Debit,
    string Credit,
    long AmountMicros,
    string Kind,
    string Cause,
    DateTimeOffset HappenedTime,
    DateTimeOffset RecordedTime,
    long? FeedNumber,
    DateTimeOffset? ExpiresTime,
    ReadOnlyMemory<byte> Hash);
