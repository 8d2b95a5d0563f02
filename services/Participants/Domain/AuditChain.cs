using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Participants.Domain;

/// <summary>One row of the audit log.</summary>
/// <param name="Number">From 1 without gaps.</param>
/// <param name="HappenedTime">To the microsecond.</param>
/// <param name="Actor">A participant's id or a service's name.</param>
/// <param name="Act">What was done.</param>
/// <param name="DetailJson">On what and with which parameters.</param>
/// <param name="Hash">What binds the row to the one before.</param>
public sealed record AuditEntry(long Number, DateTimeOffset HappenedTime, string Actor, string Act, string DetailJson, string Hash);

/// <summary>The first row of the audit log that is not as it was written.</summary>
public sealed record BrokenEntry(long Number, string Why);

/// <summary>
/// The chain of the audit log: a row's hash is the SHA-256, in lower-case hexadecimal, of the hash before (of the first
/// row: 64 zeros) and the row's number, time, actor, act and detail, in UTF-8 with a line feed between them.
/// </summary>
/// <remarks>
/// Whoever rewrites every row from some point on leaves a chain that holds: it is found by a hash that was noted
/// elsewhere before.
/// </remarks>
public static class AuditChain
{
    /// <summary>The hash before the first row.</summary>
    public static readonly string Beginning = new('0', 64);

    /// <summary>The row that follows.</summary>
    /// <exception cref="ArgumentException">The actor or the act has a line feed, which would blur where they end.</exception>
    public static AuditEntry Next(long lastNumber, string lastHash, DateTimeOffset happened, string actor, string act, string detailJson)
    {
        if (actor.Contains('\n', StringComparison.Ordinal)) throw new ArgumentException("An actor is one line.", nameof(actor));
        if (act.Contains('\n', StringComparison.Ordinal)) throw new ArgumentException("An act is one line.", nameof(act));
        var entry = new AuditEntry(lastNumber + 1, happened.ToMicrosecond(), actor, act, detailJson, "");
        return entry with { Hash = HashOf(lastHash, entry) };
    }

    /// <summary>The first row that breaks the chain; null: every row is as it was written.</summary>
    /// <param name="entries">All rows from the first on, in order.</param>
    /// <param name="lastNumber">The number of the last row there must be.</param>
    /// <param name="lastHash">Its hash.</param>
    public static BrokenEntry? FirstBroken(IEnumerable<AuditEntry> entries, long lastNumber, string lastHash)
    {
        var (number, hash) = (0L, Beginning);
        foreach (var entry in entries)
        {
            number++;
            if (entry.Number != number) return new BrokenEntry(number, $"Row {number} is missing: row {entry.Number} follows on {number - 1}.");
            if (entry.Hash != HashOf(hash, entry))
                return new BrokenEntry(number, $"Row {number} does not match its hash: it or its hash was changed.");
            hash = entry.Hash;
        }
        if (number < lastNumber) return new BrokenEntry(number + 1, $"Row {number + 1} is missing: the log ends before its last row, {lastNumber}.");
        if (number > lastNumber) return new BrokenEntry(lastNumber + 1, $"Row {lastNumber + 1} was added past the log's last row, {lastNumber}.");
        return hash == lastHash ? null : new BrokenEntry(number, $"Row {number} is not the one that was written last.");
    }

    private static string HashOf(string before, AuditEntry entry)
    {
        var number = entry.Number.ToString(CultureInfo.InvariantCulture);
        var time = entry.HappenedTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var row = string.Join('\n', before, number, time, entry.Actor, entry.Act, entry.DetailJson);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(row)));
    }
}
