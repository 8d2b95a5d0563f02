using ComputeExchange.Client;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Participants.Admission;
using ComputeExchange.Participants.Audit;
using ComputeExchange.Participants.Destinations;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Keys;
using ComputeExchange.Participants.Privacy;
using ComputeExchange.Participants.Profiles;
using ComputeExchange.Participants.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ComputeExchange.Participants;

/// <summary>Who may come in: participants, their keys and roles, who they are, and the audit log.</summary>
public static class ParticipantsModule
{
    /// <summary>The service: what it stores, hears, does by the clock, and serves.</summary>
    /// <exception cref="ArgumentException">The first operator's key is not a key of this kind of exchange.</exception>
    public static WebApplication Build(ServiceOptions options)
    {
        if (options.FirstOperatorKey is { Length: > 0 } key && !ApiKeys.TryReadId(key, options.Simulated, out _))
            throw new ArgumentException(
                $"Exchange:FirstOperatorKey has not the form gpx_{(options.Simulated ? "sim" : "live")}_<id>_<secret>, "
                + "with 16 and 64 hexadecimal digits.");

        var service = ExchangeService.Create(ServiceNames.Participants, options)
            .AddStorage<ParticipantsDb>()
            .ReadFeed<RecordEngineActs>()
            .Hear<DepositBooked, RecordDeposit>(ServiceNames.Settlement)
            .Hear<PayoutMade, RecordPayout>(ServiceNames.Settlement)
            .Hear<OperatorActed, RecordMoneyAct>(ServiceNames.Settlement)
            .Hear<ComputeExchange.Facts.ProviderRegistry.V1.OperatorActed, RecordRegistryAct>(ServiceNames.ProviderRegistry)
            .Schedule<VerifyAuditLog>("verify audit log", "0 0 3 * * ?")
            .Schedule<ForgetWhatIsPast>("forget what is past", "0 30 3 * * ?")
            .Serve<ParticipantsGrpc>();

        var services = service.Builder.Services;
        services.Replace(ServiceDescriptor.Singleton<IKeyBook, LocalKeyBook>());
        services.AddSingleton(new KeyTerms(options.Simulated, TimeProvider.System)).AddScoped<KeyCheck>();
        services.AddScoped<AdmitParticipantHandler>().AddScoped<SetParticipantStateHandler>().AddScoped<ListParticipantsHandler>();
        services.AddScoped<CreateKeyHandler>().AddScoped<RevokeKeyHandler>().AddScoped<ListKeysHandler>();
        services.AddScoped<GetProfileHandler>().AddScoped<SetProfileHandler>();
        services.AddScoped<AddDestinationHandler>().AddScoped<RemoveDestinationHandler>().AddScoped<ReadDestinationsHandler>();
        services.AddScoped<ExportPersonalDataHandler>().AddScoped<ErasePersonalDataHandler>();
        services.AddScoped<AuditLog>().AddScoped<ListAuditRowsHandler>();
        services.AddScoped<AdmitFirstOperatorHandler>().AddHostedService<FirstOperator>();
        return service.Build();
    }

    /// <summary>A new API key, for <see cref="ServiceOptions.FirstOperatorKey"/>.</summary>
    public static string NewKey(bool simulated) => ApiKeys.Make(simulated).Text;
}
