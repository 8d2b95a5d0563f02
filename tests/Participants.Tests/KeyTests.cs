using ComputeExchange.Access.V1;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class KeyTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly Guid Ada = Guid.Parse("11111111-0000-0000-0000-000000000001");
    private static readonly Guid Bob = Guid.Parse("11111111-0000-0000-0000-000000000002");

    private Office _office = null!;

    private static DoorCall AsAda => DoorCall.Of(Ada, Role.Buyer, Role.Trader);

    private static DoorCall AsBob => DoorCall.Of(Bob, Role.Provider);

    public async ValueTask InitializeAsync()
    {
        _office = await Office.Open(database);
        await _office.Admit(Ada, [Role.Buyer, Role.Trader]);
        await _office.Admit(Bob, [Role.Provider]);
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task A_key_lets_its_owner_in_until_it_is_revoked()
    {
        var made = await _office.CreateKey(AsAda, label: "laptop");
        made.Key.ShouldMatch($"^gpx_live_{made.KeyId}_[0-9a-f]{{64}}$");

        var owner = await _office.Authenticate(made.Key);
        (owner.ParticipantId, owner.KeyId).ShouldBe((Ada.ToString(), made.KeyId));
        owner.Roles.ShouldBe([Role.Buyer, Role.Trader]);

        var revoked = await _office.RevokeKey(AsAda, made.KeyId);
        revoked.RevokedTime.ToDateTimeOffset().ShouldBe(_office.RealTime.Now);
        await _office.Authenticate(made.Key).ShouldBeRefused(StatusCode.Unauthenticated);

        _office.RealTime.Now += TimeSpan.FromDays(1);
        (await _office.RevokeKey(AsAda, made.KeyId)).ShouldBe(revoked);
    }

    [Fact]
    public async Task Only_the_console_is_told_the_name_of_a_keys_owner()
    {
        var request = new AuthenticateKeyRequest { Key = (await _office.CreateKey(AsAda)).Key };
        (await _office.Door(door => door.AuthenticateKey(request, DoorCall.OfService("web")))).Name.ShouldBe("Ada Lovelace");
        (await _office.Door(door => door.AuthenticateKey(request, DoorCall.OfService("settlement")))).Name.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_ends_by_the_clock_on_the_wall_and_not_by_the_exchanges()
    {
        var standard = (await _office.CreateKey(AsAda)).Key;
        var day = (await _office.CreateKey(AsAda, days: 1)).Key;
        _office.Clock.Now += TimeSpan.FromDays(400);
        await _office.Authenticate(day);

        _office.RealTime.Now += TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1);
        await _office.Authenticate(day);
        _office.RealTime.Now += TimeSpan.FromSeconds(1);
        await _office.Authenticate(day).ShouldBeRefused(StatusCode.Unauthenticated);
        await _office.Authenticate(standard);
        _office.RealTime.Now += TimeSpan.FromDays(89);
        await _office.Authenticate(standard).ShouldBeRefused(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_wrong_secret_another_kind_of_exchange_and_what_is_no_key_let_nobody_in()
    {
        var made = await _office.CreateKey(AsAda);
        var last = made.Key[^1] == '0' ? '1' : '0';
        foreach (var wrong in (string[])
        [
            made.Key[..^1] + last, made.Key.Replace("_live_", "_sim_", StringComparison.Ordinal), made.Key + "0", made.Key[..^1], made.Key.ToUpperInvariant(),
            $"gpx_live_{made.KeyId}_", $"gpx_live_{new string('0', 16)}_{made.Key[^64..]}", made.KeyId, "", "gpx_", made.Key + "\n", " " + made.Key, "gpx_live_\0",
        ])
            await _office.Authenticate(wrong).ShouldBeRefused(StatusCode.Unauthenticated);
        await _office.Authenticate(made.Key);
    }

    [Fact]
    public async Task Only_a_digest_of_a_key_is_stored()
    {
        var made = await _office.CreateKey(AsAda, label: "laptop");
        var stored = await _office.InDb(db => db.ApiKeys.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken));
        stored.Hash.ShouldBe(ApiKeys.Hash(made.Key));
        var rows = await _office.InDb(db => db.Database.SqlQuery<string>(
            $"SELECT k::text || r.detail_json AS \"Value\" FROM participants.api_keys k, participants.audit_rows r").ToListAsync(TestContext.Current.CancellationToken));
        var secret = made.Key[^64..];
        rows.ShouldNotBeEmpty();
        rows.ShouldAllBe(row => !row.Contains(secret, StringComparison.Ordinal));
        ApiKeys.Make(simulated: true).ToString().ShouldNotContain("gpx_sim_");
    }

    [Fact]
    public async Task A_repetition_returns_the_keys_id_and_never_the_key_again()
    {
        var request = Guid.NewGuid();
        var first = await _office.CreateKey(AsAda, requestId: request, label: "laptop", days: 90);
        var again = await _office.CreateKey(AsAda, requestId: request, label: "laptop");
        (again.KeyId, again.Key).ShouldBe((first.KeyId, ""));
        await _office.CreateKey(AsAda, requestId: request, label: "other").ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await _office.CreateKey(AsAda, requestId: request, label: "laptop", days: 91).ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        (await _office.CreateKey(AsBob, requestId: request, label: "laptop")).KeyId.ShouldNotBe(first.KeyId);
    }

    [Fact]
    public async Task Of_equal_requests_that_race_one_answer_has_the_key()
    {
        var request = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _office.CreateKey(AsAda, requestId: request)));
        answers.Select(answer => answer.KeyId).Distinct().ShouldHaveSingleItem();
        answers.Count(answer => answer.Key.Length > 0).ShouldBe(1);
    }

    [Fact]
    public async Task Participants_make_see_and_revoke_their_own_keys_and_operators_anyones()
    {
        var hers = await _office.CreateKey(AsAda);
        await _office.CreateKey(AsBob, participant: Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await _office.CreateKey(DoorCall.Of(Bob, Role.Auditor), participant: Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await _office.RevokeKey(AsBob, hers.KeyId).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await _office.RevokeKey(DoorCall.Of(Bob, Role.Auditor), hers.KeyId).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await List(AsBob, Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await _office.Authenticate(hers.Key);

        _office.RealTime.Now += TimeSpan.FromSeconds(1);
        var given = await _office.CreateKey(_office.AsOperator(), participant: Ada, label: "from the operator");
        (await _office.Authenticate(given.Key)).ParticipantId.ShouldBe(Ada.ToString());
        (await List(AsAda)).Select(key => key.KeyId).ShouldBe([given.KeyId, hers.KeyId]);
        (await List(DoorCall.Of(Bob, Role.Auditor), Ada)).Count.ShouldBe(2);

        await _office.RevokeKey(_office.AsOperator(), hers.KeyId);
        var keys = await List(_office.AsOperator(), Ada);
        keys.Select(key => key.RevokedTime is not null).ShouldBe([false, true]);
        (keys[0].Label, keys[0].ParticipantId, keys[0].ExpiresTime.ToDateTimeOffset() - keys[0].CreatedTime.ToDateTimeOffset())
            .ShouldBe(("from the operator", Ada.ToString(), TimeSpan.FromDays(90)));
        await _office.CreateKey(_office.AsOperator(), participant: Guid.NewGuid()).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Bad_input_is_named()
    {
        await _office.Door(door => door.CreateKey(
                new CreateKeyRequest { RequestId = "", ParticipantId = "x", Label = new string('l', 101), DayCount = 366 }, AsAda))
            .ShouldBeRefused(StatusCode.InvalidArgument, "request_id,participant_id,label,day_count");
        await _office.CreateKey(AsAda, days: -1).ShouldBeRefused(StatusCode.InvalidArgument, "day_count");
        await _office.RevokeKey(AsAda, "").ShouldBeRefused(StatusCode.InvalidArgument, "key_id");
        await _office.RevokeKey(AsAda, "0123\0").ShouldBeRefused(StatusCode.InvalidArgument, "key_id");
        await _office.RevokeKey(AsAda, new string('0', 16)).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task A_participant_has_fifty_usable_keys_at_most()
    {
        var keys = new List<CreateKeyResponse>();
        for (var made = 0; made < 50; made++) keys.Add(await _office.CreateKey(AsAda));
        await _office.CreateKey(AsAda).ShouldBeRefused(StatusCode.FailedPrecondition, "TOO_MANY_KEYS");
        await _office.RevokeKey(AsAda, keys[0].KeyId);
        await _office.CreateKey(AsAda);
    }

    [Fact]
    public async Task A_suspended_participant_still_comes_in_and_a_suspended_operator_does_not()
    {
        var (olga, amir) = (Guid.NewGuid(), Guid.NewGuid());
        await _office.Admit(olga, [Role.Operator]);
        await _office.Admit(amir, [Role.Auditor]);
        var ada = (await _office.CreateKey(AsAda)).Key;
        var ofOlga = (await _office.CreateKey(_office.AsOperator(), olga)).Key;
        var ofAmir = (await _office.CreateKey(_office.AsOperator(), amir)).Key;
        await _office.Authenticate(ofOlga);
        foreach (var participant in (Guid[])[Ada, olga, amir]) await _office.SetState(participant, active: false);

        await _office.Authenticate(ada);
        await _office.Authenticate(ofOlga).ShouldBeRefused(StatusCode.Unauthenticated);
        await _office.Authenticate(ofAmir).ShouldBeRefused(StatusCode.Unauthenticated);
        await _office.SetState(olga, active: true);
        await _office.Authenticate(ofOlga);
    }

    [Fact]
    public async Task This_services_own_door_forgets_a_revoked_key_within_five_seconds()
    {
        var made = await _office.CreateKey(AsAda);
        var found = await _office.KeyBook.Find(made.Key, TestContext.Current.CancellationToken);
        (found!.ParticipantId, found.Actor, found.Service).ShouldBe((Ada, made.KeyId, null));
        found.Roles.ShouldBe([Role.Buyer, Role.Trader], ignoreOrder: true);

        await _office.RevokeKey(AsAda, made.KeyId);
        (await _office.KeyBook.Find(made.Key, TestContext.Current.CancellationToken)).ShouldNotBeNull("it is remembered, and that is a choice");
        _office.RealTime.Now += TimeSpan.FromSeconds(4);
        (await _office.KeyBook.Find(made.Key, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    private async Task<IReadOnlyList<ApiKey>> List(DoorCall caller, Guid? of = null) =>
        (await _office.Door(door => door.ListKeys(new ListKeysRequest { ParticipantId = of?.ToString() ?? "" }, caller))).Keys;
}
