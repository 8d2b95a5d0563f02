using System.Text.Json;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Participants.Admission;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Destinations;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Privacy;
using ComputeExchange.Participants.Profiles;
using ComputeExchange.Participants.Storage;
using ComputeExchange.Participants.V1;
using ComputeExchange.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.Participants.Tests;

/// <summary>Participants on a database of its own, driven by hand: its clocks, its feed, what it hears, its door.</summary>
public sealed class Office : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>An account that exists in textbooks only.</summary>
    public const string Iban = "DE89 3704 0044 0532 0130 00";

    private readonly ServiceProvider _services;
    private readonly Hearers _hearers = new();

    private Office(NpgsqlDataSource database)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(new KeyTerms(Simulated: false, RealTime));
        services.AddDbContext<ParticipantsDb>(db => Hosting.Storage.Configure(db, database, ServiceNames.Participants));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<ParticipantsDb>());
        services.AddScoped<IReadFeed, RecordEngineActs>().AddScoped<RecordDeposit>().AddScoped<RecordPayout>().AddScoped<RecordMoneyAct>();
        services.AddScoped<AdmitParticipantHandler>().AddScoped<SetParticipantStateHandler>().AddScoped<ListParticipantsHandler>();
        services.AddScoped<CreateKeyHandler>().AddScoped<RevokeKeyHandler>().AddScoped<ListKeysHandler>().AddScoped<KeyCheck>();
        services.AddScoped<GetProfileHandler>().AddScoped<SetProfileHandler>();
        services.AddScoped<AddDestinationHandler>().AddScoped<RemoveDestinationHandler>().AddScoped<ReadDestinationsHandler>();
        services.AddScoped<ExportPersonalDataHandler>().AddScoped<ErasePersonalDataHandler>().AddScoped<ForgetWhatIsPast>();
        services.AddScoped<AuditLog>().AddScoped<ListAuditRowsHandler>().AddScoped<AdmitFirstOperatorHandler>();
        services.AddSingleton<LocalKeyBook>().AddScoped<ParticipantsGrpc>();
        _hearers.Add<DepositBooked, RecordDeposit>(ServiceNames.Settlement);
        _hearers.Add<PayoutMade, RecordPayout>(ServiceNames.Settlement);
        _hearers.Add<OperatorActed, RecordMoneyAct>(ServiceNames.Settlement);
        _services = services.BuildServiceProvider();
    }

    /// <summary>The exchange's clock.</summary>
    public SetClock Clock { get; } = new(Noon);

    /// <summary>The clock on the wall, by which keys end.</summary>
    public SetClock RealTime { get; } = new(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public Guid Operator { get; } = Guid.Parse("00000000-0000-0000-0000-00000000000a");

    public LocalKeyBook KeyBook => _services.GetRequiredService<LocalKeyBook>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task Migrate(NpgsqlDataSource database)
    {
        await using var office = new Office(database);
        await office.InDb(db => db.Database.MigrateAsync(Cancel));
    }

    public static async Task<Office> Open(MigratedDatabase database)
    {
        await database.Clean();
        return new Office(database.Source);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public Task<T> InDb<T>(Func<ParticipantsDb, Task<T>> work) => In(work);

    public Task InDb(Func<ParticipantsDb, Task> work) => In<ParticipantsDb, int>(async db =>
    {
        await work(db);
        return 0;
    });

    /// <summary>Calls a service of the container in a scope of its own.</summary>
    public async Task<T> In<TService, T>(Func<TService, Task<T>> work)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public Task<T> Door<T>(Func<ParticipantsGrpc, Task<T>> call) => In(call);

    public DoorCall AsOperator() => DoorCall.Of(Operator, Role.Operator);

    public async Task<Participant> Admit(Guid id, Role[] roles, Guid? requestId = null, string name = "Ada Lovelace", Guid? by = null)
    {
        var request = new AdmitParticipantRequest
        {
            RequestId = (requestId ?? Guid.NewGuid()).ToString(), ParticipantId = id.ToString(), Name = name, Roles = { roles },
        };
        return (await Door(door => door.AdmitParticipant(request, DoorCall.Of(by ?? Operator, Role.Operator)))).Participant;
    }

    public async Task<Participant> SetState(Guid id, bool active, Guid? requestId = null, Guid? by = null)
    {
        var request = new SetParticipantStateRequest { RequestId = (requestId ?? Guid.NewGuid()).ToString(), ParticipantId = id.ToString(), Active = active };
        return (await Door(door => door.SetParticipantState(request, DoorCall.Of(by ?? Operator, Role.Operator)))).Participant;
    }

    public Task<CreateKeyResponse> CreateKey(
        DoorCall caller, Guid? participant = null, Guid? requestId = null, string label = "", int days = 0) => Door(door => door.CreateKey(
            new CreateKeyRequest
            {
                RequestId = (requestId ?? Guid.NewGuid()).ToString(), ParticipantId = participant?.ToString() ?? "", Label = label, DayCount = days,
            },
            caller));

    public Task<RevokeKeyResponse> RevokeKey(DoorCall caller, string keyId) =>
        Door(door => door.RevokeKey(new RevokeKeyRequest { KeyId = keyId }, caller));

    public async Task<Participants.V1.Profile> SetProfile(DoorCall caller, SetProfileRequest request) =>
        (await Door(door => door.SetProfile(request, caller))).Profile;

    public async Task<PaymentDestination> AddDestination(DoorCall caller, Guid? requestId = null, string iban = Iban, string label = "main", string holder = "Ada Lovelace") =>
        (await Door(door => door.AddPaymentDestination(
            new AddPaymentDestinationRequest
            {
                RequestId = (requestId ?? Guid.NewGuid()).ToString(), Label = label, Holder = holder, Scheme = Participants.V1.PaymentScheme.Iban, Iban = iban,
            },
            caller))).Destination;

    public Task<ErasePersonalDataResponse> Erase(DoorCall caller, Guid? participant = null) =>
        Door(door => door.ErasePersonalData(new ErasePersonalDataRequest { ParticipantId = participant?.ToString() ?? "" }, caller));

    public Task<GetPaymentDestinationResponse> PayTo(string destinationId) =>
        Door(door => door.GetPaymentDestination(new GetPaymentDestinationRequest { DestinationId = destinationId }, DoorCall.OfService(ServiceNames.Settlement)));

    /// <summary>The nightly job as it is due now.</summary>
    public Task ForgetWhatIsPast() => In<IServiceProvider, int>(async services =>
    {
        var db = services.GetRequiredService<ParticipantsDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await services.GetRequiredService<ForgetWhatIsPast>().Run(Clock.Now, Cancel);
        await db.SaveChangesAsync(Cancel);
        await transaction.CommitAsync(Cancel);
        return 0;
    });

    /// <summary>Whose a key is, as the other services are told.</summary>
    public Task<AuthenticateKeyResponse> Authenticate(string key) =>
        Door(door => door.AuthenticateKey(new AuthenticateKeyRequest { Key = key }, AsOperator()));

    public Task<long> Feed(params FeedEntry[] entries) => Inbox.Apply(
        _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Feed, entries, entry => entry.Number,
        (services, _, entry, cancel) => services.GetRequiredService<IReadFeed>().Apply(entry, cancel), Cancel);

    public static FeedEntry Entry(long number, EngineEvent happened) =>
        new() { Number = number, Sequence = number, HappenedTime = Noon.AddSeconds(number).ToTimestamp(), Event = happened };

    public Task<long> Hear(params FactMessage[] facts) => Inbox.Apply(
        _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Settlement, facts, fact => fact.Number,
        (services, _, fact, cancel) => _hearers.Hear(services, fact, cancel), Cancel);

    public static FactMessage Fact<T>(long number, T fact) => new()
    {
        Producer = ServiceNames.Settlement,
        Number = number,
        Type = Facts.FactTypes.NameOf(typeof(T)),
        Body = JsonSerializer.Serialize(fact, JsonSerializerOptions.Web),
        HappenedTime = Noon.AddMinutes(number),
    };

    /// <summary>The audit log from its first row on.</summary>
    public Task<List<AuditEntry>> AuditLog() => InDb(db => db.AuditRows.AsNoTracking().OrderBy(row => row.Number)
        .Select(row => new AuditEntry(row.Number, row.HappenedTime, row.Actor, row.Act, row.DetailJson, row.Hash)).ToListAsync(Cancel));

    /// <summary>The first row of the audit log that is not as it was written.</summary>
    public Task<BrokenEntry?> FindBroken() => In<AuditLog, BrokenEntry?>(log => log.FindBroken(Cancel));

    public Task<List<SetParticipant>> Asked() => InDb(async db =>
        (await db.EngineCommands.AsNoTracking().OrderBy(command => command.Id).ToListAsync(Cancel))
        .Select(command => EngineCommand.Parser.ParseFrom(command.Body).SetParticipant).ToList());

    public Task<List<string>> Told() => InDb(async db =>
        (await db.Facts.AsNoTracking().OrderBy(fact => fact.Number).ToListAsync(Cancel)).Select(fact => fact.Body).ToList());
}

/// <summary>How refusals are read in tests.</summary>
public static class Refusals
{
    public static async Task ShouldBeRefused<T>(this Task<T> call, StatusCode code, string reasonOrFields = "")
    {
        var failure = RpcFailure.From(await Should.ThrowAsync<RpcException>(call));
        failure.Code.ShouldBe(code);
        (failure.Fields.Count > 0 ? string.Join(',', failure.Fields.Select(field => field.Field)) : failure.Reason).ShouldBe(reasonOrFields);
    }
}
