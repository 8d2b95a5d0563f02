using ComputeExchange.Access.V1;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class ProfileTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly Guid Ada = Guid.Parse("11111111-0000-0000-0000-000000000001");
    private static readonly Guid Bob = Guid.Parse("22222222-0000-0000-0000-000000000002");

    private Office _office = null!;

    private static DoorCall AsAda => DoorCall.Of(Ada, Role.Buyer);

    private static DoorCall AsBob => DoorCall.Of(Bob, Role.Provider);

    private static DoorCall AsAuditor => DoorCall.Of(Guid.Parse("00000000-0000-0000-0000-00000000000b"), Role.Auditor);

    public async ValueTask InitializeAsync()
    {
        _office = await Office.Open(database);
        await _office.Admit(Ada, [Role.Buyer]);
        await _office.Admit(Bob, [Role.Provider], name: "Bob");
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task A_participant_says_who_it_is_and_reads_it_back()
    {
        var set = await _office.SetProfile(AsAda, Hers());
        set.ShouldBe((await _office.Door(door => door.GetProfile(new GetProfileRequest(), AsAda))).Profile);
        (set.Name, set.LegalName, set.Country, set.TaxCode, set.ChangedTime.ToDateTimeOffset())
            .ShouldBe(("Ada Lovelace", "Analytical Engines GmbH", "DE", "DE", Office.Noon));
        set.AddressLines.ShouldBe(["Hauptstr. 1", "10115 Berlin"]);

        var party = await _office.Door(door => door.GetBillingParty(
            new GetBillingPartyRequest { ParticipantId = Ada.ToString() }, DoorCall.OfService("settlement")));
        (party.LegalName, party.TaxNumber, party.Email, party.Erased).ShouldBe(("Analytical Engines GmbH", "DE 123/456", "bills@engines.example", false));
    }

    [Fact]
    public async Task Who_set_no_profile_stands_on_an_invoice_by_its_name_as_admitted()
    {
        var party = await _office.Door(door => door.GetBillingParty(
            new GetBillingPartyRequest { ParticipantId = Bob.ToString() }, DoorCall.OfService("settlement")));
        (party.LegalName, party.Email, party.TaxCode).ShouldBe(("Bob", "", ""));
    }

    [Fact]
    public async Task A_profile_is_shown_to_its_owner_operators_and_auditors_and_set_by_its_owner_and_operators()
    {
        var of = new GetProfileRequest { ParticipantId = Ada.ToString() };
        await _office.SetProfile(_office.AsOperator(), Hers(Ada));
        foreach (var caller in new[] { AsAda, _office.AsOperator(), AsAuditor })
            (await _office.Door(door => door.GetProfile(of, caller))).Profile.LegalName.ShouldBe("Analytical Engines GmbH");

        await _office.Door(door => door.GetProfile(of, AsBob)).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await _office.SetProfile(AsBob, Hers(Ada)).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await _office.SetProfile(AsAuditor, Hers(Ada)).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await _office.SetProfile(_office.AsOperator(), Hers(Guid.NewGuid())).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Only_another_tax_code_is_told_and_the_log_names_the_fields_without_their_content()
    {
        await _office.SetProfile(AsAda, Hers());
        await _office.SetProfile(AsAda, Hers());
        var moved = Hers();
        moved.Email = "other@engines.example";
        await _office.SetProfile(AsAda, moved);

        var told = (await _office.Told()).Where(fact => fact.Contains("taxCode", StringComparison.Ordinal)).ToList();
        told.ShouldHaveSingleItem().ShouldContain("\"DE\"");
        var rows = (await _office.AuditLog()).Where(row => row.Act == "profile changed").Select(row => row.DetailJson).ToList();
        rows.ShouldBe(
        [
            $$"""{"participant_id":"{{Ada}}","fields":["legal_name","email","address_lines","country","tax_number","tax_code"]}""",
            $$"""{"participant_id":"{{Ada}}","fields":["email"]}""",
        ]);
    }

    [Theory]
    [InlineData("email", "email", "nobody")]
    [InlineData("email", "email", "a@b@c.example")]
    [InlineData("country", "country", "Germany")]
    [InlineData("tax_code", "tax_code", "Germany")]
    [InlineData("tax_code", "tax_code", "US-CA")]
    [InlineData("tax_number", "tax_number", "<script>")]
    [InlineData("legal_name", "legal_name", "a\nb")]
    public async Task A_wrong_field_is_named_and_nothing_is_changed(string fault, string field, string value)
    {
        var request = Hers();
        var wrong = SetProfileRequest.Descriptor.FindFieldByName(field);
        wrong.Accessor.SetValue(request, value);
        await _office.SetProfile(AsAda, request).ShouldBeRefused(StatusCode.InvalidArgument, fault);
        (await _office.Door(door => door.GetProfile(new GetProfileRequest(), AsAda))).Profile.LegalName.ShouldBeEmpty();
    }

    [Fact]
    public async Task Too_much_of_everything_is_refused_field_by_field()
    {
        var request = new SetProfileRequest { LegalName = new string('a', 201), Email = $"{new string('a', 250)}@b.example", TaxCode = "DE" };
        request.AddressLines.AddRange(Enumerable.Repeat("line", 7));
        await _office.SetProfile(AsAda, request).ShouldBeRefused(StatusCode.InvalidArgument, "legal_name,email,address_lines,country");
    }

    [Fact]
    public async Task A_participant_of_an_earlier_version_keeps_its_name_through_the_migration()
    {
        await _office.InDb(async db =>
        {
            var cancel = TestContext.Current.CancellationToken;
            var migrator = db.GetService<IMigrator>();
            await migrator.MigrateAsync("Initial", cancel);
            (await db.Database.SqlQueryRaw<string>("SELECT name AS \"Value\" FROM participants.participants ORDER BY 1").ToListAsync(cancel)).ShouldBe(["Ada Lovelace", "Bob"]);
            await migrator.MigrateAsync(null, cancel);
        });
        (await _office.Door(door => door.GetProfile(new GetProfileRequest(), AsBob))).Profile.Name.ShouldBe("Bob");
    }

    private static SetProfileRequest Hers(Guid? of = null) => new()
    {
        ParticipantId = of?.ToString() ?? "",
        LegalName = " Analytical Engines GmbH ",
        Email = "bills@engines.example",
        AddressLines = { "Hauptstr. 1", "10115 Berlin", " " },
        Country = "de",
        TaxNumber = "DE 123/456",
        TaxCode = "de",
    };
}
