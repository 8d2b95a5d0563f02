namespace ComputeExchange.Settlement.Storage;

/// <summary>Fees by volume from a day on.</summary>
public sealed class FeeScheduleRow
{
    public DateOnly FromDay { get; init; }

    /// <summary>The tiers as JSON: a list of from_volume_micros, buyer_ppm, seller_ppm.</summary>
    public required string Tiers { get; set; }
}

/// <summary>The fee rates a participant has in the engine, as far as the schedule gave it some.</summary>
public sealed class ParticipantFeesRow
{
    public Guid ParticipantId { get; init; }

    public int BuyerPpm { get; set; }

    public int SellerPpm { get; set; }

    /// <summary>The volume of the 30 days before <see cref="Day"/>.</summary>
    public long VolumeMicros { get; set; }

    /// <summary>The UTC day for which they were last computed.</summary>
    public DateOnly Day { get; set; }
}

/// <summary>A rate of tax on the exchange's fees from a day on.</summary>
public sealed class TaxRateRow
{
    public required string TaxCode { get; init; }

    public DateOnly FromDay { get; init; }

    /// <summary>Parts per million of the net fee.</summary>
    public int RatePpm { get; set; }
}

/// <summary>The tax code of a participant.</summary>
public sealed class TaxCodeRow
{
    public Guid ParticipantId { get; init; }

    public required string TaxCode { get; set; }
}

/// <summary>A document that was made: an invoice, a payout statement or a statement. Never changed.</summary>
public sealed class DocumentRow
{
    public Guid Id { get; init; }

    /// <summary>For people, unique, for example <c>INV-2026-000012</c>.</summary>
    public required string Number { get; init; }

    public required string Kind { get; init; }

    public Guid ParticipantId { get; init; }

    public DateOnly FromDay { get; init; }

    /// <summary>The first day after the period.</summary>
    public DateOnly ToDay { get; init; }

    /// <summary>The last transfer that it takes into account.</summary>
    public long ThroughNumber { get; init; }

    public long TotalMicros { get; init; }

    /// <summary>All it says, as JSON; the files are made from it. No personal data: names are put in when a file is made.</summary>
    public required string Body { get; init; }

    public DateTimeOffset CreatedTime { get; init; }
}
