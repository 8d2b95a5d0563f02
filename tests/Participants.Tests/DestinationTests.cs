using ComputeExchange.Access.V1;
using ComputeExchange.Participants.V1;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

public sealed class DestinationTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly Guid Ada = Guid.Parse("11111111-0000-0000-0000-000000000001");
    private static readonly Guid Bob = Guid.Parse("22222222-0000-0000-0000-000000000002");

    private Office _office = null!;

    private static DoorCall AsAda => DoorCall.Of(Ada, Role.Provider);

    private static DoorCall AsBob => DoorCall.Of(Bob, Role.Provider);

    public async ValueTask InitializeAsync()
    {
        _office = await Office.Open(database);
        await _office.Admit(Ada, [Role.Provider]);
        await _office.Admit(Bob, [Role.Provider], name: "Bob");
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    [Fact]
    public async Task A_destination_is_listed_masked_and_Settlement_alone_gets_the_account()
    {
        var added = await _office.AddDestination(AsAda);
        (added.Label, added.Holder, added.Account, added.State).ShouldBe(("main", "Ada Lovelace", "DE…3000", DestinationState.Active));
        (await List(AsAda)).ShouldBe([added]);
        (await List(_office.AsOperator(), Ada)).ShouldBe([added]);

        var payTo = await _office.PayTo(added.DestinationId);
        (payTo.ParticipantId, payTo.Holder, payTo.Iban, payTo.State).ShouldBe((Ada.ToString(), "Ada Lovelace", "DE89370400440532013000", DestinationState.Active));
        await _office.PayTo(Guid.NewGuid().ToString()).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        (await _office.Told())[^1].ShouldBe($$"""{"destinationId": "{{added.DestinationId}}", "participantId": "{{Ada}}"}""");
    }

    [Fact]
    public async Task A_repetition_returns_the_first_destination_and_a_request_id_is_not_used_twice()
    {
        var request = Guid.NewGuid();
        var first = await _office.AddDestination(AsAda, request);
        (await _office.AddDestination(AsAda, request)).ShouldBe(first);
        await _office.AddDestination(AsAda, request, holder: "Somebody else").ShouldBeRefused(StatusCode.AlreadyExists, "REQUEST_ID_REUSED");
        (await _office.AddDestination(AsBob, request)).DestinationId.ShouldNotBe(first.DestinationId);
        (await _office.AuditLog()).Count(row => row.Act == "destination added").ShouldBe(2);

        var raced = Guid.NewGuid();
        (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _office.AddDestination(AsAda, raced)))).Distinct().ShouldHaveSingleItem();
        (await List(AsAda)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_destination_is_removed_for_ever_by_its_owner_or_an_operator_and_by_nobody_else()
    {
        var (one, two) = (await _office.AddDestination(AsAda), await _office.AddDestination(AsAda, label: "second"));
        await Remove(AsBob, one).ShouldBeRefused(StatusCode.NotFound, "NOT_FOUND");
        _office.Clock.Now += TimeSpan.FromMinutes(1);
        var removed = await Remove(AsAda, one);
        (removed.State, removed.RemovedTime.ToDateTimeOffset()).ShouldBe((DestinationState.Removed, Office.Noon.AddMinutes(1)));
        _office.Clock.Now += TimeSpan.FromMinutes(1);
        (await Remove(AsAda, one)).ShouldBe(removed);
        (await Remove(_office.AsOperator(), two)).State.ShouldBe(DestinationState.Removed);

        (await _office.PayTo(one.DestinationId)).State.ShouldBe(DestinationState.Removed);
        (await _office.Told()).Count.ShouldBe(6, "two admissions, two additions, two removals");
    }

    [Fact]
    public async Task The_destinations_of_others_are_not_listed()
    {
        await _office.AddDestination(AsAda);
        await List(AsBob, Ada).ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        (await List(AsBob)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_wrong_field_is_named()
    {
        await Add(new AddPaymentDestinationRequest()).ShouldBeRefused(StatusCode.InvalidArgument, "request_id,holder,scheme");
        await Add(new AddPaymentDestinationRequest { RequestId = "x", Holder = "Ada", Label = new string('a', 101), Scheme = PaymentScheme.UsAch, Iban = Office.Iban })
            .ShouldBeRefused(StatusCode.InvalidArgument, "request_id,label,iban,routing_number,account_number");
        (await List(AsAda)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_participant_has_at_most_twenty_in_use()
    {
        var first = await _office.AddDestination(AsAda);
        for (var i = 1; i < 20; i++) await _office.AddDestination(AsAda);
        await _office.AddDestination(AsAda).ShouldBeRefused(StatusCode.FailedPrecondition, "TOO_MANY_DESTINATIONS");
        await Remove(AsAda, first);
        await _office.AddDestination(AsAda);
    }

    private Task<PaymentDestination> Add(AddPaymentDestinationRequest request) =>
        _office.Door(async door => (await door.AddPaymentDestination(request, AsAda)).Destination);

    private Task<PaymentDestination> Remove(DoorCall caller, PaymentDestination destination) => _office.Door(async door =>
        (await door.RemovePaymentDestination(new RemovePaymentDestinationRequest { DestinationId = destination.DestinationId }, caller)).Destination);

    private async Task<IReadOnlyList<PaymentDestination>> List(DoorCall caller, Guid? of = null) => (await _office.Door(door =>
        door.ListPaymentDestinations(new ListPaymentDestinationsRequest { ParticipantId = of?.ToString() ?? "" }, caller))).Destinations;
}
