using ComputeExchange.Access.V1;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class AdmissionTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly Guid Ada = Guid.Parse("11111111-0000-0000-0000-000000000001");
    private static readonly Guid Bob = Guid.Parse("11111111-0000-0000-0000-000000000002");

    private Office _office = null!;

    public async ValueTask InitializeAsync() => _office = await Office.Open(database);

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task The_model_is_what_the_migrations_make() =>
        (await _office.InDb(db => Task.FromResult(Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.HasPendingModelChanges(db.Database)))).ShouldBeFalse();

    [Fact]
    public async Task A_participant_who_is_admitted_is_told_to_the_engine_and_the_services_without_its_name()
    {
        var participant = await _office.Admit(Ada, [Role.Buyer, Role.Provider]);

        (participant.Name, participant.Active, participant.AdmittedTime.ToDateTimeOffset()).ShouldBe(("Ada Lovelace", true, Office.Noon));
        participant.Roles.ShouldBe([Role.Provider, Role.Buyer]);
        var told = (await _office.Asked()).ShouldHaveSingleItem();
        (told.ParticipantId, told.MayBuy, told.MaySell, told.Active).ShouldBe((Ada.ToString(), true, true, true));
        var fact = (await _office.Told()).ShouldHaveSingleItem();
        fact.ShouldContain("PROVIDER");
        fact.ShouldContain("BUYER");
        fact.ShouldNotContain("Lovelace");
        (await _office.AuditLog()).ShouldHaveSingleItem().DetailJson.ShouldNotContain("Lovelace");
    }

    [Theory]
    [InlineData(true, Role.Provider)]
    [InlineData(true, Role.Buyer)]
    [InlineData(true, Role.Trader)]
    [InlineData(true, Role.Provider, Role.Buyer)]
    [InlineData(true, Role.Provider, Role.Buyer, Role.Trader)]
    [InlineData(true, Role.Buyer, Role.Buyer)]
    [InlineData(true, Role.Operator)]
    [InlineData(true, Role.Auditor)]
    [InlineData(false)]
    [InlineData(false, Role.Operator, Role.Auditor)]
    [InlineData(false, Role.Operator, Role.Buyer)]
    [InlineData(false, Role.Auditor, Role.Provider)]
    [InlineData(false, Role.Auditor, Role.Trader)]
    [InlineData(false, Role.Unspecified)]
    [InlineData(false, Role.Public)]
    [InlineData(false, Role.Authenticated)]
    [InlineData(false, Role.Service)]
    [InlineData(false, Role.Buyer, Role.Service)]
    [InlineData(false, (Role)77)]
    public async Task Roles_of_the_market_go_together_and_roles_of_the_house_stand_alone(bool admitted, params Role[] roles)
    {
        if (admitted) (await _office.Admit(Ada, roles)).Roles.ShouldBe(roles.Distinct());
        else await _office.Admit(Ada, roles).ShouldBeRefused(StatusCode.InvalidArgument, "roles");
        (await _office.Asked()).Count.ShouldBe(admitted ? 1 : 0);
    }

    [Theory]
    [InlineData(false, false, Role.Trader)]
    [InlineData(true, false, Role.Buyer)]
    [InlineData(false, true, Role.Provider, Role.Trader)]
    [InlineData(false, false, Role.Operator)]
    [InlineData(false, false, Role.Auditor)]
    public async Task The_engine_hears_what_the_roles_allow(bool mayBuy, bool maySell, params Role[] roles)
    {
        await _office.Admit(Ada, roles);
        var told = (await _office.Asked()).ShouldHaveSingleItem();
        (told.MayBuy, told.MaySell).ShouldBe((mayBuy, maySell));
    }

    [Fact]
    public async Task A_repetition_returns_the_first_outcome()
    {
        var request = Guid.NewGuid();
        var first = await _office.Admit(Ada, [Role.Buyer, Role.Trader], request);
        await _office.SetState(Ada, active: false);
        (await _office.Admit(Ada, [Role.Trader, Role.Buyer], request)).ShouldBe(first);

        (await _office.Told()).ShouldHaveSingleItem();
        (await _office.Asked()).Count.ShouldBe(2);
        (await _office.AuditLog()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_request_id_is_not_used_twice_for_different_things()
    {
        var request = Guid.NewGuid();
        await _office.Admit(Ada, [Role.Buyer], request);
        await _office.Admit(Ada, [Role.Provider], request).ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await _office.Admit(Bob, [Role.Buyer], request).ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await _office.Admit(Ada, [Role.Buyer], request, name: "Someone else").ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        await _office.Admit(Bob, [Role.Buyer], request, by: Bob);

        await _office.SetState(Ada, active: false, request);
        await _office.SetState(Ada, active: true, request).ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task A_participant_is_admitted_once()
    {
        await _office.Admit(Ada, [Role.Buyer]);
        await _office.Admit(Ada, [Role.Buyer]).ShouldBeRefused(StatusCode.AlreadyExists, "PARTICIPANT_EXISTS");
    }

    [Fact]
    public async Task Equal_requests_that_race_admit_one_participant()
    {
        var request = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _office.Admit(Ada, [Role.Buyer], request)));
        answers.Distinct().ShouldHaveSingleItem();
        (await _office.Told()).ShouldHaveSingleItem();
        (await _office.AuditLog()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        var request = new AdmitParticipantRequest { RequestId = "x", ParticipantId = "", Name = " " };
        await _office.Door(door => door.AdmitParticipant(request, _office.AsOperator()))
            .ShouldBeRefused(StatusCode.InvalidArgument, "request_id,participant_id,name,roles");
        await _office.Admit(Ada, [Role.Buyer], name: new string('a', 101)).ShouldBeRefused(StatusCode.InvalidArgument, "name");
        await _office.Admit(Ada, [Role.Buyer], name: "a\0b").ShouldBeRefused(StatusCode.InvalidArgument, "name");
        await _office.Door(door => door.SetParticipantState(new SetParticipantStateRequest(), _office.AsOperator()))
            .ShouldBeRefused(StatusCode.InvalidArgument, "request_id,participant_id");
    }

    [Fact]
    public async Task A_participant_is_suspended_and_reinstated_and_repeats_change_nothing()
    {
        var (suspend, reinstate) = (Guid.NewGuid(), Guid.NewGuid());
        await _office.Admit(Ada, [Role.Buyer]);
        (await _office.SetState(Ada, active: false, suspend)).Active.ShouldBeFalse();
        (await _office.SetState(Ada, active: true, reinstate)).Active.ShouldBeTrue();
        (await _office.SetState(Ada, active: false, suspend)).Active.ShouldBeTrue("a repetition tells how it is now");

        (await _office.Asked()).Select(told => told.Active).ShouldBe([true, false, true]);
        (await _office.AuditLog()).Select(row => row.Act).ShouldBe(["participant admitted", "participant suspended", "participant reinstated"]);
    }

    [Fact]
    public async Task Who_is_not_there_is_not_suspended_and_operators_do_not_suspend_themselves()
    {
        await _office.SetState(Ada, active: false).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        await _office.Admit(Ada, [Role.Operator]);
        await _office.SetState(Ada, active: false, by: Ada).ShouldBeRefused(StatusCode.FailedPrecondition, "OPERATOR_SUSPENDS_ITSELF");
    }

    [Fact]
    public async Task Participants_see_themselves_and_operators_and_auditors_everyone_page_by_page()
    {
        var ada = await _office.Admit(Ada, [Role.Buyer]);
        _office.Clock.Now += TimeSpan.FromMinutes(1);
        var bob = await _office.Admit(Bob, [Role.Provider]);

        (await List(DoorCall.Of(Ada, Role.Buyer))).ShouldBe([ada]);
        (await List(DoorCall.Of(Bob, Role.Provider))).ShouldBe([bob]);
        (await List(_office.AsOperator())).ShouldBe([ada, bob]);
        (await List(DoorCall.Of(Guid.NewGuid(), Role.Auditor))).ShouldBe([ada, bob]);

        var first = await _office.Door(door => door.ListParticipants(new ListParticipantsRequest { PageSize = 1 }, _office.AsOperator()));
        var second = await _office.Door(door => door.ListParticipants(
            new ListParticipantsRequest { PageSize = 1, PageToken = first.NextPageToken }, _office.AsOperator()));
        first.Participants.Concat(second.Participants).ShouldBe([ada, bob]);
        await _office.Door(door => door.ListParticipants(new ListParticipantsRequest { PageSize = 1001 }, _office.AsOperator()))
            .ShouldBeRefused(StatusCode.InvalidArgument, "page_size");
    }

    private async Task<IReadOnlyList<Participant>> List(DoorCall caller) =>
        (await _office.Door(door => door.ListParticipants(new ListParticipantsRequest(), caller))).Participants;
}
