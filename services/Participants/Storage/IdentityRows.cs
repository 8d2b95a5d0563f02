using ComputeExchange.Participants.Domain;

namespace ComputeExchange.Participants.Storage;

/// <summary>A participant as a person. Personal data: it is in the tables named identity_ and nowhere else.</summary>
public sealed class IdentityRow
{
    public required Guid ParticipantId { get; init; }

    public required string Name { get; init; }

    public string LegalName { get; set; } = "";

    public string Email { get; set; } = "";

    public List<string> AddressLines { get; set; } = [];

    public string Country { get; set; } = "";

    public string TaxNumber { get; set; } = "";

    public string TaxCode { get; set; } = "";

    public DateTimeOffset? ChangedTime { get; set; }
}

/// <summary>A destination of payments, by its id alone.</summary>
public sealed class DestinationRow
{
    public required Guid DestinationId { get; init; }

    public required Guid ParticipantId { get; init; }

    public required Guid RequestId { get; init; }

    public required DateTimeOffset AddedTime { get; init; }

    public DateTimeOffset? RemovedTime { get; set; }

    /// <summary>The bank details; null when they were erased or forgotten, or were not asked for.</summary>
    public BankDetailsRow? Details { get; set; }
}

/// <summary>The bank details of a destination. Personal data.</summary>
public sealed class BankDetailsRow
{
    public required Guid DestinationId { get; init; }

    public required string Label { get; init; }

    public required string Holder { get; init; }

    public required PaymentScheme Scheme { get; init; }

    public required string Iban { get; init; }

    public required string Bic { get; init; }

    public required string RoutingNumber { get; init; }

    public required string AccountNumber { get; init; }

    /// <summary>The account itself.</summary>
    public BankAccount Account => new(Scheme, Iban, Bic, RoutingNumber, AccountNumber);
}

/// <summary>That a participant asked for its personal data to be erased, and when it was.</summary>
public sealed class ErasureRow
{
    public required Guid ParticipantId { get; init; }

    public required DateTimeOffset AskedTime { get; init; }

    public DateTimeOffset? ErasedTime { get; set; }
}
