using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class PrivacyTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly Guid Ada = Guid.Parse("11111111-0000-0000-0000-000000000001");
    private static readonly Guid Bob = Guid.Parse("22222222-0000-0000-0000-000000000002");
    private static readonly string[] Markers = ["Lovelace", "Analytical", "bills@engines.example", "DE893704", "DE 123/456", "Hauptstr", "laptop", "her bank"];

    private Office _office = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DoorCall AsAda => DoorCall.Of(Ada, Role.Buyer);

    private static DoorCall AsBob => DoorCall.Of(Bob, Role.Provider);

    public async ValueTask InitializeAsync()
    {
        _office = await Office.Open(database);
        await _office.Admit(Ada, [Role.Buyer]);
        await _office.Admit(Bob, [Role.Provider], name: "Bob");
        await _office.SetProfile(AsAda, new SetProfileRequest
        {
            LegalName = "Analytical Engines", Email = "bills@engines.example", AddressLines = { "Hauptstr. 1" }, Country = "DE", TaxNumber = "DE 123/456", TaxCode = "DE",
        });
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task Personal_data_is_in_the_identity_tables_and_nowhere_else()
    {
        await Live();
        (await TablesWith(Markers)).ShouldBe(["api_keys: laptop", "identity_bank_details: DE893704", "identity_bank_details: Lovelace", "identity_bank_details: her bank",
            "identity_profiles: Analytical", "identity_profiles: DE 123/456", "identity_profiles: Hauptstr", "identity_profiles: Lovelace", "identity_profiles: bills@engines.example"]);
    }

    [Fact]
    public async Task An_export_holds_everything_about_the_person_and_nothing_about_others()
    {
        var (key, destination) = await Live();
        await _office.AddDestination(AsBob, holder: "Bob the other");

        var document = JsonDocument.Parse(await Export(AsAda)).RootElement;
        document.GetProperty("participant").GetProperty("name").GetString().ShouldBe("Ada Lovelace");
        document.GetProperty("profile").GetProperty("email").GetString().ShouldBe("bills@engines.example");
        document.GetProperty("payment_destinations")[0].GetProperty("iban").GetString().ShouldBe("DE89370400440532013000");
        document.GetProperty("payment_destinations")[0].GetProperty("destination_id").GetString().ShouldBe(destination);
        document.GetProperty("api_keys")[0].GetProperty("key_id").GetString().ShouldBe(key.KeyId);
        document.GetProperty("audit_rows").EnumerateArray().Select(row => row.GetProperty("act").GetString())
            .ShouldBe(["participant admitted", "profile changed", "key created", "destination added"]);
        document.GetRawText().ShouldNotContain(key.Key.Split('_')[3], Case.Insensitive, "the secret of a key is nobody's to read");
        document.GetRawText().ShouldNotContain("Bob");
    }

    [Fact]
    public async Task Only_the_person_and_operators_export_and_an_operators_look_is_in_the_log()
    {
        await Export(_office.AsOperator(), Ada);
        (await _office.AuditLog())[^1].ShouldSatisfyAllConditions(
            row => row.Act.ShouldBe("personal data exported"), row => row.Actor.ShouldBe(_office.Operator.ToString()));
        await Export(AsBob, Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Export(DoorCall.Of(Guid.NewGuid(), Role.Auditor), Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await Export(_office.AsOperator(), Guid.NewGuid()).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Who_is_active_has_asked_and_is_erased_only_after_its_suspension()
    {
        await _office.Erase(_office.AsOperator(), Ada).ShouldBeRefused(StatusCode.FailedPrecondition, "ERASURE_NOT_ASKED");
        await _office.Erase(AsBob, Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        var asked = await _office.Erase(AsAda);
        (asked.State, asked.ErasedTime).ShouldBe((ErasureState.Asked, null));
        asked.NextStep.ShouldContain("Withdraw");
        (await _office.Erase(AsAda)).ShouldBe(asked);
        await _office.Erase(_office.AsOperator(), Ada).ShouldBeRefused(StatusCode.FailedPrecondition, "PARTICIPANT_IS_ACTIVE");
        (await Export(AsAda)).ShouldContain("Lovelace");

        await _office.SetState(Ada, active: false);
        _office.Clock.Now += TimeSpan.FromDays(1);
        var erased = await _office.Erase(_office.AsOperator(), Ada);
        (erased.State, erased.AskedTime.ToDateTimeOffset(), erased.ErasedTime.ToDateTimeOffset())
            .ShouldBe((ErasureState.Erased, Office.Noon, Office.Noon.AddDays(1)));
    }

    [Fact]
    public async Task After_an_erasure_nothing_of_the_person_is_left_and_the_audit_chain_is_whole()
    {
        var (key, destination) = await Live();
        var before = await _office.AuditLog();
        await _office.SetState(Ada, active: false);
        (await _office.Erase(AsAda)).State.ShouldBe(ErasureState.Erased);
        (await _office.Erase(AsAda)).State.ShouldBe(ErasureState.Erased);

        (await TablesWith(Markers)).ShouldBeEmpty();
        (await _office.FindBroken()).ShouldBeNull();
        (await _office.AuditLog()).Take(before.Count).ShouldBe(before);
        (await _office.AuditLog()).Count(row => row.Act == "personal data erased").ShouldBe(1);
        await _office.Authenticate(key.Key).ShouldBeRefused(StatusCode.Unauthenticated);
        var payTo = await _office.PayTo(destination);
        (payTo.State, payTo.Iban, payTo.Holder).ShouldBe((DestinationState.Removed, "", ""));
        (await _office.Told())[^1].ShouldContain(destination);
        var seen = (await _office.Door(door => door.ListParticipants(new ListParticipantsRequest(), _office.AsOperator()))).Participants;
        seen.Select(participant => participant.Name).ShouldBe(["erased-11111111", "Bob"], ignoreOrder: true);
        var party = await _office.Door(door => door.GetBillingParty(new GetBillingPartyRequest { ParticipantId = Ada.ToString() }, DoorCall.OfService("settlement")));
        (party.LegalName, party.Erased).ShouldBe(("erased-11111111", true));
    }

    [Fact]
    public async Task Who_was_erased_does_not_come_back_under_the_same_id()
    {
        await _office.SetState(Ada, active: false);
        await _office.Erase(AsAda);
        await _office.SetState(Ada, active: true).ShouldBeRefused(StatusCode.FailedPrecondition, "PARTICIPANT_ERASED");
        await _office.CreateKey(_office.AsOperator(), Ada).ShouldBeRefused(StatusCode.FailedPrecondition, "PARTICIPANT_ERASED");
        await _office.SetProfile(_office.AsOperator(), new SetProfileRequest { ParticipantId = Ada.ToString(), LegalName = "again" })
            .ShouldBeRefused(StatusCode.FailedPrecondition, "PARTICIPANT_ERASED");
        await _office.AddDestination(AsAda).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Bank_details_of_removed_destinations_and_labels_of_ended_keys_are_forgotten_when_their_time_is_over()
    {
        var (key, destination) = await Live();
        await _office.Door(door => door.RemovePaymentDestination(new RemovePaymentDestinationRequest { DestinationId = destination }, AsAda));
        await _office.RevokeKey(AsAda, key.KeyId);

        await Pass(TimeSpan.FromDays(180));
        (await TablesWith(["her bank"])).ShouldNotBeEmpty();
        await Pass(TimeSpan.FromSeconds(1));
        (await TablesWith(["her bank", "DE893704"])).ShouldBeEmpty();
        (await TablesWith(["laptop"])).ShouldNotBeEmpty();
        await Pass(TimeSpan.FromDays(186));
        (await TablesWith(["laptop"])).ShouldBeEmpty();
        await _office.Authenticate(key.Key).ShouldBeRefused(StatusCode.Unauthenticated);

        var rows = (await _office.AuditLog()).Count;
        await Pass(TimeSpan.FromDays(1));
        (await _office.AuditLog()).Count.ShouldBe(rows, "a night with nothing to forget leaves no row");
        (await _office.FindBroken()).ShouldBeNull();
    }

    private async Task<(CreateKeyResponse Key, string DestinationId)> Live()
    {
        var key = await _office.CreateKey(AsAda, label: "laptop");
        return (key, (await _office.AddDestination(AsAda, label: "her bank")).DestinationId);
    }

    private async Task Pass(TimeSpan time)
    {
        (_office.Clock.Now, _office.RealTime.Now) = (_office.Clock.Now + time, _office.RealTime.Now + time);
        await _office.ForgetWhatIsPast();
    }

    private Task<string> Export(DoorCall caller, Guid? of = null) => _office.Door(async door =>
        (await door.ExportPersonalData(new ExportPersonalDataRequest { ParticipantId = of?.ToString() ?? "" }, caller)).DocumentJson);

    /// <summary>Which table of the schema has a row with which of these words, in text or in bytes.</summary>
    private async Task<List<string>> TablesWith(IReadOnlyList<string> words)
    {
        var found = new List<string>();
        var tables = new List<string>();
        await using (var list = database.Source.CreateCommand("SELECT table_name FROM information_schema.tables WHERE table_schema = 'participants'"))
        await using (var reader = await list.ExecuteReaderAsync(Cancel))
            while (await reader.ReadAsync(Cancel)) tables.Add(reader.GetString(0));
        foreach (var table in tables.Order(StringComparer.Ordinal))
        foreach (var word in words.Order(StringComparer.Ordinal))
        {
            await using var look = database.Source.CreateCommand(
                $"SELECT EXISTS (SELECT FROM participants.\"{table}\" t WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || $2 || '%')");
            look.Parameters.AddWithValue(word);
            look.Parameters.AddWithValue(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(word)));
            if (await look.ExecuteScalarAsync(Cancel) is true) found.Add($"{table}: {word}");
        }
        return found;
    }
}
