using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx profile</c>: who stands on the invoices.</summary>
public static class ProfileCommands
{
    static readonly Option<string?> Whose = CommandShape.May("--participant", "UUID", "Whose; operators and auditors only. Default: your own.");
    static readonly Option<string?> LegalName = CommandShape.May("--legal-name", "NAME", "The name that stands on invoices.");
    static readonly Option<string?> Email = CommandShape.May("--email", "ADDRESS", "Where to write to.");
    static readonly Option<string[]> Address = new("--address-line") { Description = "A line of the postal address. May be repeated; the lines given replace those there are.", HelpName = "LINE", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string?> Country = CommandShape.May("--country", "CODE", "Its two letters, for example DE.");
    static readonly Option<string?> TaxNumber = CommandShape.May("--tax-number", "NUMBER", "Your number with the tax authority.");
    static readonly Option<string?> TaxCode = CommandShape.May("--tax-code", "CODE", "Which tax your fees include, for example DE or US-CA.");

    static readonly Sheet<Profile> Sheet = new Sheet<Profile>("profile", "")
        .Text("Participant", "participant_id", profile => profile.ParticipantId)
        .Text("Name", "name", profile => profile.Name)
        .Text("Legal name", "legal_name", profile => profile.LegalName)
        .Text("E-mail", "email", profile => profile.Email)
        .Text("Address", "address", profile => string.Join(", ", profile.AddressLines))
        .Text("Country", "country", profile => profile.Country)
        .Text("Tax number", "tax_number", profile => profile.TaxNumber)
        .Text("Tax code", "tax_code", profile => profile.TaxCode)
        .Time("Changed", "changed_time", profile => profile.ChangedTime);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("profile", "Who you are on invoices: show, set.", Whose,
            CommandShape.Make(
                "set", "Change what is named and keep the rest; \"\" empties a field.", LegalName, Email, Address, Country, TaxNumber, TaxCode, Whose).Does(Set))
        .Does(Show);

    static async Task Show(Session session) => session.Print.Card(Sheet, await Get(session));

    static async Task Set(Session session)
    {
        var line = session.Line;
        if (((Option[])[LegalName, Email, Address, Country, TaxNumber, TaxCode]).All(option => line.GetResult(option) is null))
            throw new InputException("Nothing was named to change: give one of --legal-name, --email, --address-line, --country, --tax-number, --tax-code.");
        var now = await Get(session);
        var lines = line.GetResult(Address) is null ? [.. now.AddressLines] : line.GetValue(Address) ?? [];
        var request = new SetProfileRequest
        {
            ParticipantId = Of(session),
            LegalName = line.GetValue(LegalName) ?? now.LegalName,
            Email = line.GetValue(Email) ?? now.Email,
            AddressLines = { lines },
            Country = line.GetValue(Country) ?? now.Country,
            TaxNumber = line.GetValue(TaxNumber) ?? now.TaxNumber,
            TaxCode = line.GetValue(TaxCode) ?? now.TaxCode,
        };
        var set = (await session.Ask(cancel => session.Exchange.Participants.SetProfileAsync(request, cancellationToken: cancel))).Profile;
        session.Print.Say($"profile of {set.ParticipantId} set");
        session.Print.Card(Sheet, set);
    }

    static async Task<Profile> Get(Session session)
    {
        var request = new GetProfileRequest { ParticipantId = Of(session) };
        return (await session.Ask(cancel => session.Exchange.Participants.GetProfileAsync(request, cancellationToken: cancel))).Profile;
    }

    static string Of(Session session) => session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("--participant", whose) : "";
}
