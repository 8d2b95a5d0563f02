using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting;
using ComputeExchange.Participants.V1;
using ComputeExchange.Testing;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

/// <summary>The whole service, through its door.</summary>
public sealed class ServiceTests(PostgresServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_operator_admits_a_buyer_who_sees_only_herself_and_nobody_comes_in_without_a_key()
    {
        await using var bus = await MassTransitBus.InMemory(null, Cancel);
        var options = await Options(bus, simulated: true);
        await using var service = ParticipantsModule.Build(options);
        await service.StartAsync(Cancel);
        var address = new ExchangeAddresses(new Uri(service.Urls.Single()));

        using var first = new ExchangeClient(address, options.FirstOperatorKey);
        var ada = Guid.NewGuid().ToString();
        var admission = new AdmitParticipantRequest { RequestId = Guid.NewGuid().ToString(), ParticipantId = ada, Name = "Ada", Roles = { Role.Buyer } };
        await first.Participants.AdmitParticipantAsync(admission, cancellationToken: Cancel);
        var made = await first.Participants.CreateKeyAsync(
            new CreateKeyRequest { RequestId = Guid.NewGuid().ToString(), ParticipantId = ada }, cancellationToken: Cancel);
        made.Key.ShouldStartWith("gpx_sim_");

        using var hers = new ExchangeClient(address, made.Key);
        var seen = await hers.Participants.ListParticipantsAsync(new ListParticipantsRequest(), cancellationToken: Cancel);
        seen.Participants.ShouldHaveSingleItem().Name.ShouldBe("Ada");
        await hers.Participants.AdmitParticipantAsync(admission, cancellationToken: Cancel).ResponseAsync.ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await hers.Participants.ListAuditRowsAsync(new ListAuditRowsRequest(), cancellationToken: Cancel).ResponseAsync
            .ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");
        await hers.Participants.AuthenticateKeyAsync(new AuthenticateKeyRequest { Key = made.Key }, cancellationToken: Cancel).ResponseAsync
            .ShouldBeRefused(StatusCode.PermissionDenied, "ACCESS_DENIED");

        using var nobody = new ExchangeClient(address, apiKey: null);
        await nobody.Participants.ListParticipantsAsync(new ListParticipantsRequest(), cancellationToken: Cancel).ResponseAsync.ShouldBeRefused(StatusCode.Unauthenticated);
        using var stranger = new ExchangeClient(address, ParticipantsModule.NewKey(simulated: true));
        await stranger.Participants.ListParticipantsAsync(new ListParticipantsRequest(), cancellationToken: Cancel).ResponseAsync.ShouldBeRefused(StatusCode.Unauthenticated);
        await service.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_first_key_of_the_wrong_kind_stops_the_start_with_a_sentence()
    {
        var options = await Options(bus: null, simulated: false) with { FirstOperatorKey = ParticipantsModule.NewKey(simulated: true) };
        Should.Throw<ArgumentException>(() => ParticipantsModule.Build(options)).Message.ShouldContain("Exchange:FirstOperatorKey");
    }

    private async Task<ServiceOptions> Options(IBus? bus, bool simulated) => new()
    {
        Database = await server.CreateDatabase(),
        Listen = new Uri("http://127.0.0.1:0"),
        Addresses = new ExchangeAddresses(new Uri("http://127.0.0.1:1")),
        ServiceKey = new byte[32],
        Simulated = simulated,
        Bus = bus,
        FirstOperatorKey = ParticipantsModule.NewKey(simulated),
    };
}
