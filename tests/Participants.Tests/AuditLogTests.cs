using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class AuditLogTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private Office _office = null!;

    public async ValueTask InitializeAsync() => _office = await Office.Open(database);

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task Every_act_has_a_row_with_its_actor_and_its_parameters()
    {
        var ada = Guid.NewGuid();
        await _office.Admit(ada, [Role.Provider]);
        await _office.SetState(ada, active: false);
        _office.Clock.Now += TimeSpan.FromTicks(10_000_007);
        var key = await _office.CreateKey(DoorCall.Of(ada, Role.Provider));
        await _office.RevokeKey(DoorCall.Of(ada, Role.Provider), key.KeyId);

        var rows = await _office.AuditLog();
        rows.Select(row => (row.Number, row.Actor, row.Act)).ShouldBe(
        [
            (1, _office.Operator.ToString(), "participant admitted"), (2, _office.Operator.ToString(), "participant suspended"),
            (3, ada.ToString(), "key created"), (4, ada.ToString(), "key revoked"),
        ]);
        rows[0].DetailJson.ShouldBe($$"""{"participant_id":"{{ada}}","roles":["PROVIDER"]}""");
        rows[3].DetailJson.ShouldBe($$"""{"key_id":"{{key.KeyId}}","participant_id":"{{ada}}"}""");
        rows[2].HappenedTime.ShouldBe(Office.Noon.AddSeconds(1), "the microsecond is the finest there is");
        (await _office.FindBroken()).ShouldBeNull();
    }

    [Fact]
    public async Task What_the_engine_and_Settlement_did_for_operators_is_noted_once()
    {
        var settings = new ChangeSettings { SlotMinutes = 60, HighestPriceMicrosPerGpuHour = 50_000_000 };
        var market = new DefineMarket { Market = "H100-SXM-80GB.us-east", State = MarketState.Open };
        FeedEntry[] entries =
        [
            Office.Entry(1, new EngineEvent { SettingsChanged = settings }), Office.Entry(2, new EngineEvent { MarketDefined = market }),
            Office.Entry(3, new EngineEvent { ClockAdvanced = new AdvanceClock() }),
        ];
        var deposit = new DepositBooked { DepositId = Guid.NewGuid(), ParticipantId = Guid.NewGuid(), AmountMicros = 5_000_000, OperatorId = _office.Operator };
        var payout = new PayoutMade { PayoutId = Guid.NewGuid(), ProviderId = Guid.NewGuid(), AmountMicros = 7 };
        var approved = OperatorActed.Of(_office.Operator, "withdrawal approved", new { withdrawal_id = 7, amount_micros = 5 });
        for (var twice = 0; twice < 2; twice++)
        {
            await _office.Feed(entries);
            await _office.Hear(Office.Fact(1, deposit), Office.Fact(2, payout), Office.Fact(3, approved));
        }

        var rows = await _office.AuditLog();
        rows.Select(row => (row.Number, row.HappenedTime, row.Actor, row.Act)).ShouldBe(
        [
            (1, Office.Noon.AddSeconds(1), ServiceNames.MatchingEngine, "settings changed"),
            (2, Office.Noon.AddSeconds(2), ServiceNames.MatchingEngine, "market defined"),
            (3, Office.Noon.AddMinutes(1), _office.Operator.ToString(), "deposit booked"),
            (4, Office.Noon.AddMinutes(2), ServiceNames.Settlement, "payout made"),
            (5, Office.Noon.AddMinutes(3), _office.Operator.ToString(), "withdrawal approved"),
        ]);
        rows[0].DetailJson.ShouldContain("\"slot_minutes\": 60");
        rows[1].DetailJson.ShouldContain("MARKET_STATE_OPEN");
        rows[2].DetailJson.ShouldBe($$"""{"deposit_id":"{{deposit.DepositId}}","participant_id":"{{deposit.ParticipantId}}","amount_micros":5000000}""");
        rows[4].DetailJson.ShouldBe("""{"withdrawal_id":7,"amount_micros":5}""");
        (await _office.FindBroken()).ShouldBeNull();
    }

    [Fact]
    public async Task A_crash_before_the_commit_leaves_no_row_and_no_gap()
    {
        var market = Office.Entry(1, new EngineEvent { MarketDefined = new DefineMarket { Market = "m" } });
        var spoiled = Office.Entry(2, new EngineEvent { SettingsChanged = new ChangeSettings() });
        spoiled.HappenedTime = null;
        await Should.ThrowAsync<NullReferenceException>(() => _office.Feed(market, spoiled));
        (await _office.AuditLog()).ShouldBeEmpty();

        await _office.Feed(market);
        (await _office.AuditLog()).ShouldHaveSingleItem().Number.ShouldBe(1);
        (await _office.FindBroken()).ShouldBeNull();
    }

    [Fact]
    public async Task Acts_that_race_are_numbered_without_gaps_and_the_chain_holds()
    {
        var admissions = Enumerable.Range(0, 24).Select(_ => (Task)_office.Admit(Guid.NewGuid(), [Role.Buyer]));
        var deposits = Enumerable.Range(1, 8).Select(number => (Task)_office.Hear([.. Enumerable.Range(1, number).Select(n => Office.Fact(
            n, new PayoutMade { PayoutId = Guid.NewGuid(), ProviderId = Guid.NewGuid(), AmountMicros = n }))]));
        await Task.WhenAll([.. admissions, .. deposits]);

        (await _office.AuditLog()).Select(row => row.Number).ShouldBe(Enumerable.Range(1, 32).Select(number => (long)number));
        (await _office.FindBroken()).ShouldBeNull();
    }

    [Theory]
    [InlineData("UPDATE participants.audit_rows SET actor = 'nobody' WHERE number = 2")]
    [InlineData("DELETE FROM participants.audit_rows WHERE number = 3")]
    [InlineData("TRUNCATE participants.audit_rows")]
    public async Task The_database_refuses_to_change_the_log(string change)
    {
        await ActThrice();
        (await Should.ThrowAsync<PostgresException>(() => database.Execute(change))).MessageText.ShouldContain("append-only");
        (await _office.AuditLog()).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("UPDATE participants.audit_rows SET detail_json = replace(detail_json, 'BUYER', 'PROVIDER') WHERE number = 2", 2)]
    [InlineData("UPDATE participants.audit_rows SET actor = 'nobody' WHERE number = 1", 1)]
    [InlineData("UPDATE participants.audit_rows SET happened_time = happened_time + interval '1 microsecond' WHERE number = 3", 3)]
    [InlineData("UPDATE participants.audit_rows SET act = 'participant  admitted' WHERE number = 2", 2)]
    [InlineData("UPDATE participants.audit_rows SET hash = repeat('a', 64) WHERE number = 1", 1)]
    [InlineData("DELETE FROM participants.audit_rows WHERE number = 2", 2)]
    [InlineData("DELETE FROM participants.audit_rows WHERE number = 3", 3)]
    [InlineData("DELETE FROM participants.audit_rows", 1)]
    public async Task What_a_superuser_changed_is_found_by_the_verifier_and_named(string change, long broken)
    {
        await ActThrice();
        await database.Execute($"ALTER TABLE participants.audit_rows DISABLE TRIGGER USER; {change}; ALTER TABLE participants.audit_rows ENABLE TRIGGER USER");
        (await _office.FindBroken())!.Number.ShouldBe(broken);
    }

    [Fact]
    public async Task Anyone_who_reads_the_log_can_check_it_by_the_written_formula()
    {
        await ActThrice();
        var newestFirst = await _office.Door(door => door.ListAuditRows(new ListAuditRowsRequest(), DoorCall.Of(Guid.NewGuid(), Role.Auditor)));
        var hash = new string('0', 64);
        foreach (var row in newestFirst.Rows.Reverse())
        {
            var time = row.HappenedTime.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);
            var text = $"{hash}\n{row.Number}\n{time}\n{row.Actor}\n{row.Act}\n{row.DetailJson}";
            hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            row.Hash.ShouldBe(hash);
        }
        newestFirst.Rows.Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_log_comes_newest_first_page_by_page()
    {
        await ActThrice();
        var first = await _office.Door(door => door.ListAuditRows(new ListAuditRowsRequest { PageSize = 2 }, _office.AsOperator()));
        var second = await _office.Door(door => door.ListAuditRows(
            new ListAuditRowsRequest { PageSize = 2, PageToken = first.NextPageToken }, _office.AsOperator()));
        first.Rows.Concat(second.Rows).Select(row => row.Number).ShouldBe([3L, 2, 1]);
        second.NextPageToken.ShouldBe("");
        await _office.Door(door => door.ListAuditRows(new ListAuditRowsRequest { PageToken = "-1" }, _office.AsOperator()))
            .ShouldBeRefused(StatusCode.InvalidArgument, "page_token");
    }

    [Fact]
    public void Where_an_actor_ends_and_an_act_begins_cannot_be_blurred()
    {
        Should.Throw<ArgumentException>(() => AuditChain.Next(0, AuditChain.Beginning, Office.Noon, "a\nb", "c", "{}"));
        Should.Throw<ArgumentException>(() => AuditChain.Next(0, AuditChain.Beginning, Office.Noon, "a", "b\nc", "{}"));
    }

    private async Task ActThrice()
    {
        for (var act = 0; act < 3; act++) await _office.Admit(Guid.NewGuid(), [Role.Buyer]);
    }
}
