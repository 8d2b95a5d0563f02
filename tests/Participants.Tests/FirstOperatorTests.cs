using ComputeExchange.Access.V1;
using ComputeExchange.Participants.Admission;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class FirstOperatorTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private readonly string _key = ParticipantsModule.NewKey(simulated: false);

    private Office _office = null!;

    public async ValueTask InitializeAsync() => _office = await Office.Open(database);

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task The_first_operator_comes_in_with_the_key_that_was_given()
    {
        (await Start(_key)).ShouldBe(FirstOperatorOutcome.KeyAdded);

        var owner = await _office.Authenticate(_key);
        owner.Roles.ShouldBe([Role.Operator]);
        var participant = (await _office.Door(door => door.ListParticipants(new ListParticipantsRequest(), _office.AsOperator()))).Participants.ShouldHaveSingleItem();
        (participant.ParticipantId, participant.Name, participant.Active).ShouldBe((owner.ParticipantId, "operator", true));
        (await _office.AuditLog()).Select(row => (row.Actor, row.Act)).ShouldBe([("participants", "participant admitted"), ("participants", "key created")]);
        (await _office.Told()).ShouldHaveSingleItem().ShouldContain("OPERATOR");
    }

    [Fact]
    public async Task Processes_that_start_together_admit_one_operator()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Start(_key)));
        outcomes.Count(outcome => outcome == FirstOperatorOutcome.KeyAdded).ShouldBe(1);
        (await _office.InDb(db => db.Participants.CountAsync(TestContext.Current.CancellationToken))).ShouldBe(1);
        (await Start(_key)).ShouldBe(FirstOperatorOutcome.NotNeeded);
    }

    [Fact]
    public async Task Another_key_is_nobodys_while_an_operator_can_come_in()
    {
        await Start(_key);
        var another = ParticipantsModule.NewKey(simulated: false);
        (await Start(another)).ShouldBe(FirstOperatorOutcome.NotNeeded);
        await _office.Authenticate(another).ShouldBeRefused(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task Participants_who_are_no_operators_do_not_stand_in_the_way()
    {
        var ada = Guid.NewGuid();
        await _office.Admit(ada, [Role.Buyer]);
        await _office.CreateKey(DoorCall.Of(ada, Role.Buyer));
        (await Start(_key)).ShouldBe(FirstOperatorOutcome.KeyAdded);
    }

    [Fact]
    public async Task A_new_key_lets_the_same_operator_in_again_when_the_old_one_has_ended()
    {
        await Start(_key);
        var first = (await _office.Authenticate(_key)).ParticipantId;
        _office.RealTime.Now += TimeSpan.FromDays(365);
        await _office.Authenticate(_key).ShouldBeRefused(StatusCode.Unauthenticated);
        (await Start(_key)).ShouldBe(FirstOperatorOutcome.KeyIsOver);

        var another = ParticipantsModule.NewKey(simulated: false);
        (await Start(another)).ShouldBe(FirstOperatorOutcome.KeyAdded);
        (await _office.Authenticate(another)).ParticipantId.ShouldBe(first);
        (await _office.InDb(db => db.Participants.CountAsync(TestContext.Current.CancellationToken))).ShouldBe(1);
    }

    [Fact]
    public void Keys_are_made_of_the_kind_the_exchange_takes_and_never_twice()
    {
        ApiKeys.TryReadId(ParticipantsModule.NewKey(simulated: true), simulated: true, out _).ShouldBeTrue();
        ApiKeys.TryReadId(ParticipantsModule.NewKey(simulated: true), simulated: false, out _).ShouldBeFalse();
        Enumerable.Range(0, 1_000).Select(_ => ParticipantsModule.NewKey(simulated: false)).Distinct().Count().ShouldBe(1_000);
    }

    private Task<FirstOperatorOutcome> Start(string key) =>
        _office.In<AdmitFirstOperatorHandler, FirstOperatorOutcome>(first => first.Handle(key, TestContext.Current.CancellationToken));
}
