using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Participants.V1;
using ComputeExchange.Settlement.V1;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>What is known of persons is planted at the doors, and looked for in everything that any service keeps or prints.</summary>
[Collection(ToldStoryTests.Name)]
[Trait("Pace", "any")]
public sealed class PersonalDataTests(ToldStory told)
{
    private const string Legal = "Marker Compute Limited";
    private const string Email = "marker@persons.example";
    private const string Iban = "DE89370400440532013000";
    private const string Holder = "Marker Holder";

    /// <summary>The names under which the story admitted its people are markers too: nothing else is called so.</summary>
    private static readonly string[] Markers = ["rack owner", "trainer", Legal, Email, Iban, Iban[4..], Holder, "Marker Street", "MK 77/88"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Personal_data_is_in_no_table_fact_audit_row_or_log_but_where_it_belongs()
    {
        foreach (var name in (string[])["rack owner", "trainer"]) await Plant(name);
        await ReadStatement("trainer");
        await told.Story.EveryFactIsApplied();

        var found = await Found();
        found.Where(table => !table.StartsWith("participants.identity_", StringComparison.Ordinal)).ShouldBeEmpty();
        found.ShouldContain("participants.identity_profiles: trainer", "the search finds what is there");
        found.ShouldContain($"participants.identity_bank_details: {Iban}", "the search finds what is there");
        Printed().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_is_erased_and_the_ledger_and_the_audit_log_are_what_they_were()
    {
        var story = told.Story;
        var id = (await story.Admit("passer-by", Role.Buyer)).ToString();
        var key = await story.Key("passer-by");
        using var passerBy = told.Host.Client(key);
        await passerBy.Participants.SetProfileAsync(new SetProfileRequest { LegalName = "Vanishing Ltd" }, cancellationToken: Cancel);
        await passerBy.Participants.ErasePersonalDataAsync(new ErasePersonalDataRequest(), cancellationToken: Cancel);
        await story.Operator.Participants.SetParticipantStateAsync(
            new SetParticipantStateRequest { RequestId = Story.Id("suspend", "passer-by"), ParticipantId = id, Active = false }, cancellationToken: Cancel);
        var erased = await story.Operator.Participants.ErasePersonalDataAsync(new ErasePersonalDataRequest { ParticipantId = id }, cancellationToken: Cancel);
        erased.State.ShouldBe(ErasureState.Erased);

        (await Found("passer-by", "Vanishing Ltd")).ShouldBeEmpty();
        await story.BooksAreExact();
        var everyone = (await story.Operator.Participants.ListParticipantsAsync(new ListParticipantsRequest(), cancellationToken: Cancel)).Participants;
        everyone.Single(participant => participant.ParticipantId == id).Name.ShouldBe($"erased-{id[..8]}");
    }

    private async Task Plant(string name)
    {
        using var client = told.Host.Client(await told.Story.Key(name, "personal data key"));
        await client.Participants.SetProfileAsync(
            new SetProfileRequest { LegalName = Legal, Email = Email, AddressLines = { "Marker Street 1" }, Country = "DE", TaxNumber = "MK 77/88", TaxCode = "DE" },
            cancellationToken: Cancel);
        await client.Participants.AddPaymentDestinationAsync(
            new AddPaymentDestinationRequest
            {
                RequestId = Story.Id("destination", name), Label = "bank", Holder = Holder, Scheme = PaymentScheme.Iban, Iban = Iban,
            },
            cancellationToken: Cancel);
        await client.Participants.ExportPersonalDataAsync(new ExportPersonalDataRequest(), cancellationToken: Cancel);
    }

    /// <summary>Has a document of the first day made and reads it, with the person's name on it, in every format.</summary>
    private async Task ReadStatement(string name)
    {
        using var client = told.Host.Client(await told.Story.Key(name, "statement key"));
        var day = Story.Start.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var after = Story.Start.AddDays(1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var made = await client.Documents.CreateDocumentAsync(
            new CreateDocumentRequest { Kind = DocumentKind.Statement, FromDay = day, ToDay = after }, cancellationToken: Cancel);
        foreach (var format in (string[])["pdf", "csv", "json"])
        {
            var file = await client.Documents.GetDocumentAsync(
                new GetDocumentRequest { DocumentId = made.Document.DocumentId, Format = format }, cancellationToken: Cancel);
            file.Content.Length.ShouldBeGreaterThan(100);
        }
    }

    private IEnumerable<string> Printed() =>
        Markers.Where(marker => told.Host.Printed.Contains(marker, StringComparison.Ordinal) || told.Host.Logs().Contains(marker, StringComparison.Ordinal));

    /// <summary>Every table of every schema with a row that has such words, as text or within bytes.</summary>
    private async Task<List<string>> Found(params string[] words)
    {
        if (words.Length == 0) words = Markers;
        var server = await PrivatePostgres.Start(Path.Combine(told.Host.Folder, "postgres"), Cancel);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("exchange"));
        var tables = new List<string>();
        await using (var list = source.CreateCommand("""
            SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
            WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
            """))
        await using (var reader = await list.ExecuteReaderAsync(Cancel))
            while (await reader.ReadAsync(Cancel)) tables.Add(reader.GetString(0));
        tables.Count.ShouldBeGreaterThan(50);

        var found = new List<string>();
        foreach (var table in tables)
        foreach (var word in words)
        {
            await using var look = source.CreateCommand($"SELECT EXISTS (SELECT FROM {table} t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0)");
            look.Parameters.AddWithValue(word);
            look.Parameters.AddWithValue(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word)));
            if (await look.ExecuteScalarAsync(Cancel) is true) found.Add($"{table}: {word}");
        }
        return found;
    }
}
