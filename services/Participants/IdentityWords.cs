using ComputeExchange.Hosting;
using ComputeExchange.Participants.Destinations;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using ComputeExchange.Participants.V1;
using Google.Protobuf.WellKnownTypes;
using PaymentScheme = ComputeExchange.Participants.V1.PaymentScheme;
using Profile = ComputeExchange.Participants.Domain.Profile;
using Scheme = ComputeExchange.Participants.Domain.PaymentScheme;

namespace ComputeExchange.Participants;

/// <summary>Profiles and destinations on the wire, and back. What is refused names every wrong field and repeats no value.</summary>
internal static class IdentityWords
{
    private const int HolderLengthMax = 140;

    public static Profile Parse(this SetProfileRequest request)
    {
        var profile = Profile.Of(request.LegalName, request.Email, request.AddressLines, request.Country, request.TaxNumber, request.TaxCode);
        var wrong = profile.Faults().ToList();
        return wrong.Count > 0 ? throw Refuse.Fields(wrong) : profile;
    }

    public static AddDestination Parse(this AddPaymentDestinationRequest request, Guid participantId)
    {
        var wrong = new List<(string Field, string Description)>();
        if (!Guid.TryParse(request.RequestId, out var requestId) || requestId == Guid.Empty)
            wrong.Add(("request_id", request.RequestId.Length == 0 ? "is missing: give a UUID." : "is not a UUID."));
        var (label, holder) = (request.Label.Trim(), request.Holder.Trim());
        if (TextFault(label, RoleRules.TextLengthMax) is { } badLabel) wrong.Add(("label", badLabel));
        if (holder.Length == 0) wrong.Add(("holder", "is missing: give the name of who holds the account."));
        else if (TextFault(holder, HolderLengthMax) is { } badHolder) wrong.Add(("holder", badHolder));

        if (ToDomain(request.Scheme) is not { } scheme)
        {
            wrong.Add(("scheme", "is missing: give IBAN, US_ACH or OTHER."));
            throw Refuse.Fields(wrong);
        }
        var account = BankAccount.Of(scheme, request.Iban, request.Bic, request.RoutingNumber, request.AccountNumber);
        wrong.AddRange(account.Faults());
        return wrong.Count > 0 ? throw Refuse.Fields(wrong) : new AddDestination(participantId, requestId, label, holder, account);
    }

    public static V1.Profile ToProfile(this ParticipantRow participant)
    {
        var identity = participant.Identity;
        return new V1.Profile
        {
            ParticipantId = participant.ParticipantId.ToString(),
            Name = participant.Name,
            LegalName = identity?.LegalName ?? "",
            Email = identity?.Email ?? "",
            AddressLines = { identity?.AddressLines ?? [] },
            Country = identity?.Country ?? "",
            TaxNumber = identity?.TaxNumber ?? "",
            TaxCode = identity?.TaxCode ?? "",
            ChangedTime = identity?.ChangedTime?.ToTimestamp(),
        };
    }

    public static GetBillingPartyResponse ToBillingParty(this ParticipantRow participant)
    {
        var profile = participant.ToProfile();
        return new GetBillingPartyResponse
        {
            ParticipantId = profile.ParticipantId,
            LegalName = profile.LegalName.Length > 0 ? profile.LegalName : profile.Name,
            AddressLines = { profile.AddressLines },
            Country = profile.Country,
            TaxNumber = profile.TaxNumber,
            TaxCode = profile.TaxCode,
            Email = profile.Email,
            Erased = participant.Identity is null,
        };
    }

    public static PaymentDestination ToProto(this DestinationRow destination) => new()
    {
        DestinationId = destination.DestinationId.ToString(),
        ParticipantId = destination.ParticipantId.ToString(),
        Label = destination.Details?.Label ?? "",
        Holder = destination.Details?.Holder ?? "",
        Scheme = ToProto(destination.Details?.Scheme),
        Account = destination.Details?.Account.Masked ?? "",
        State = State(destination),
        AddedTime = destination.AddedTime.ToTimestamp(),
        RemovedTime = destination.RemovedTime?.ToTimestamp(),
    };

    public static GetPaymentDestinationResponse ToPayTo(this DestinationRow destination) => new()
    {
        DestinationId = destination.DestinationId.ToString(),
        ParticipantId = destination.ParticipantId.ToString(),
        Label = destination.Details?.Label ?? "",
        Holder = destination.Details?.Holder ?? "",
        Scheme = ToProto(destination.Details?.Scheme),
        Iban = destination.Details?.Iban ?? "",
        Bic = destination.Details?.Bic ?? "",
        RoutingNumber = destination.Details?.RoutingNumber ?? "",
        AccountNumber = destination.Details?.AccountNumber ?? "",
        State = State(destination),
        AddedTime = destination.AddedTime.ToTimestamp(),
    };

    private static DestinationState State(DestinationRow destination) =>
        destination.RemovedTime is null ? DestinationState.Active : DestinationState.Removed;

    private static Scheme? ToDomain(PaymentScheme scheme) => scheme switch
    {
        PaymentScheme.Iban => Scheme.Iban,
        PaymentScheme.UsAch => Scheme.UsAch,
        PaymentScheme.Other => Scheme.Other,
        _ => null,
    };

    private static PaymentScheme ToProto(Scheme? scheme) => scheme switch
    {
        Scheme.Iban => PaymentScheme.Iban,
        Scheme.UsAch => PaymentScheme.UsAch,
        Scheme.Other => PaymentScheme.Other,
        _ => PaymentScheme.Unspecified,
    };

    private static string? TextFault(string text, int most) =>
        text.Length > most ? $"has {text.Length} characters; it can have {most}."
        : text.Any(char.IsControl) ? "has control characters: leave them out."
        : null;
}
