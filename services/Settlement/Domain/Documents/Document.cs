using System.Text.Json.Serialization;

namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>What people and their accountants read of the ledger. Made of the ledger alone: no name, no address, no clock.</summary>
/// <remarks>The names of all properties are the names of the JSON fields; money is in micro-dollars, time in UTC.</remarks>
/// <param name="Head">What all documents say first.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Invoice), DocumentKinds.Invoice)]
[JsonDerivedType(typeof(PayoutStatement), DocumentKinds.PayoutStatement)]
[JsonDerivedType(typeof(Statement), DocumentKinds.Statement)]
public abstract record Document(DocumentHead Head)
{
    /// <summary>What it comes to: charged, earned, or held at the end.</summary>
    [JsonIgnore]
    public abstract long ComesToMicros { get; }
}

/// <summary>What all documents say first.</summary>
/// <param name="Number">Its number, for example <c>INV-2026-000012</c>; empty for one that is not kept.</param>
/// <param name="ParticipantId">Whose.</param>
/// <param name="FromTime">The period's start, inside.</param>
/// <param name="ToTime">The period's end, outside. A transfer belongs to the period in which the ledger recorded it.</param>
/// <param name="IssuedTime">When it was made, by the exchange's clock.</param>
/// <param name="ThroughTransfer">The last transfer of the whole ledger before the period's end; 0: there was none.</param>
/// <param name="ThroughHash">That transfer's hash, hexadecimal: it fixes all that the document was made of.</param>
public sealed record DocumentHead(
    string Number, Guid ParticipantId, DateTimeOffset FromTime, DateTimeOffset ToTime, DateTimeOffset IssuedTime, long ThroughTransfer, string ThroughHash);

/// <summary>What documents there are.</summary>
public static class DocumentKinds
{
    /// <summary>What a buyer bought and was charged.</summary>
    public const string Invoice = "invoice";

    /// <summary>What a provider earned and was paid.</summary>
    public const string PayoutStatement = "payout_statement";

    /// <summary>All movements of a participant's accounts.</summary>
    public const string Statement = "statement";

    /// <summary>What its number begins with.</summary>
    public static string Prefix(string kind) => kind switch
    {
        Invoice => "INV",
        PayoutStatement => "PAY",
        Statement => "STM",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no kind of document."),
    };

    /// <summary>The number of a kind's document: counted by kind and year, without gaps.</summary>
    public static string Number(string kind, int year, long count) => $"{Prefix(kind)}-{year:D4}-{count:D6}";
}

/// <summary>An amount that came or went by one transfer, with what it was for.</summary>
public sealed record AmountLine(long Transfer, DateTimeOffset RecordedTime, string Text, string Cause, long AmountMicros);

/// <summary>The tax in fees under one code.</summary>
public sealed record TaxLine(string TaxCode, long AmountMicros);
