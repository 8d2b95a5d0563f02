using ComputeExchange.Client;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.Transport;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace ComputeExchange.Hosting;

/// <summary>What every service does the same way. A service's Program says with it what is stored, heard, scheduled and served.</summary>
public sealed class ExchangeService
{
    private readonly List<Action<IEndpointRouteBuilder>> _doors = [];
    private readonly Hearers _hearers = new();
    private readonly List<JobSchedule> _jobs = [];
    private readonly string _name;
    private Func<IServiceProvider, CancellationToken, Task>? _migrate;

    private ExchangeService(string name, ServiceOptions options)
    {
        _name = name;
        Options = options;
        Builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(ExchangeService).Assembly.GetName().Name });
        Builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            Kestrel(kestrel, options.Listen);
            if (name == ServiceNames.ProviderRegistry && options.Door is null) AgentDoor.Open(kestrel, options);
        });
        if (options.Door is not null) Builder.Services.Replace(ServiceDescriptor.Singleton(options.Door));

        Logging(Builder.Logging, name);
        var services = Builder.Services;
        var tokens = new ServiceTokens(options.ServiceKey, name);
        services.AddSingleton(options);
        services.AddSingleton(new ServiceName(name));
        services.AddSingleton(tokens);
        services.AddSingleton(new ExchangeClient(options.Addresses, tokens.For));
        services.AddSingleton(new ExchangeClock(options.Simulated));
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<ExchangeClock>());
        services.AddSingleton<Signals>();
        services.AddSingleton<IBus>(provider => options.Bus is { } shared
            ? new BorrowedBus(shared)
            : MassTransitBus.RabbitMq(
                options.RabbitMq ?? throw new ArgumentException("Neither a bus nor RabbitMQ's address is given."),
                provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<IKeyBook, RemoteKeyBook>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<AccessInterceptor>();
            grpc.MaxReceiveMessageSize = 64 * 1024 * 1024;
            grpc.MaxSendMessageSize = 64 * 1024 * 1024;
        });
        Export.Add(services, name, options);
    }

    /// <summary>What the service was told at its start.</summary>
    public ServiceOptions Options { get; }

    /// <summary>For what is this service's alone.</summary>
    public WebApplicationBuilder Builder { get; }

    /// <summary>Begins a service of that name.</summary>
    public static ExchangeService Create(string name, ServiceOptions options) => new(name, options);

    /// <summary>The service keeps its data in its own schema, and can tell and hear facts.</summary>
    public ExchangeService AddStorage<TDb>()
        where TDb : ServiceDb
    {
        var services = Builder.Services;
        services.AddSingleton<WakeOnCommit>();
        services.AddSingleton<ConfirmedCommits>();
        services.AddSingleton(_ => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Options.Database)
        {
            ApplicationName = _name,
            MaxPoolSize = 20,
            IncludeErrorDetail = false,
        }));
        services.AddDbContext<TDb>((provider, db) => Storage.Configure(db, provider.GetRequiredService<NpgsqlDataSource>(), _name)
            .AddInterceptors(provider.GetRequiredService<WakeOnCommit>(), provider.GetRequiredService<ConfirmedCommits>()));
        services.AddScoped<ServiceDb>(provider => provider.GetRequiredService<TDb>());
        services.AddSingleton<IFactSource, ProducerFacts>();
        services.AddSingleton(_hearers);
        services.AddHostedService<FactListener>();
        services.AddHostedService<FactPublisher>();
        services.AddHostedService<FeedReader>();
        services.AddHostedService<EngineCommandSender>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<IDueWork>(provider => provider.GetRequiredService<JobRunner>());
        services.AddHostedService(provider => provider.GetRequiredService<JobRunner>());
        Serve<FactsGrpc>();
        _migrate = Storage.Migrate<TDb>;
        return this;
    }

    /// <summary>The service applies the engine's feed.</summary>
    public ExchangeService ReadFeed<TReader>()
        where TReader : class, IReadFeed
    {
        Builder.Services.AddScoped<IReadFeed, TReader>();
        return this;
    }

    /// <summary>The service hears a fact of another.</summary>
    public ExchangeService Hear<TFact, THandler>(string producer)
        where THandler : class, IHear<TFact>
        where TFact : notnull
    {
        Builder.Services.TryAddScoped<THandler>();
        _hearers.Add<TFact, THandler>(producer);
        return this;
    }

    /// <summary>The clock makes the service do something.</summary>
    /// <param name="name">Unique within the service.</param>
    /// <param name="cron">A Quartz cron expression, UTC.</param>
    public ExchangeService Schedule<TJob>(string name, string cron)
        where TJob : class, IClockJob
    {
        Builder.Services.TryAddScoped<TJob>();
        var schedule = new JobSchedule(name, cron, typeof(TJob));
        _jobs.Add(schedule);
        Builder.Services.AddSingleton(schedule);
        return this;
    }

    /// <summary>The service answers a gRPC service's calls.</summary>
    public ExchangeService Serve<TGrpc>()
        where TGrpc : class
    {
        _doors.Add(routes => routes.MapGrpcService<TGrpc>());
        return this;
    }

    /// <summary>The service, ready to be started: its tables are brought up to date first.</summary>
    public WebApplication Build()
    {
        if (_jobs.Count > 0 && !Options.Simulated) AddQuartz();
        if (_migrate is { } migrate)
            Builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new FirstOfAll(cancel => migrate(provider, cancel))));

        var app = Builder.Build();
        app.Use(new DoorWatch(_name).Answer);
        if (Options.AgentListen is not null && _name == ServiceNames.ProviderRegistry) app.Use(AgentDoor.AgentsOnly);
        app.UseRouting();
        foreach (var door in _doors) door(app);
        foreach (var path in (string[])["/health", $"/health/{_name}"]) app.MapGet(path, () => Results.Text("healthy\n"));
        return app;
    }

    /// <summary>How services of the exchange listen: HTTP/2 without TLS for gRPC on the loopback, HTTP/1.1 for the console.</summary>
    public static void Kestrel(KestrelServerOptions kestrel, Uri listen, HttpProtocols protocols = HttpProtocols.Http2)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1_000;
        kestrel.Limits.MaxRequestBodySize = null;
        var address = System.Net.IPAddress.TryParse(listen.Host, out var ip) ? ip : System.Net.IPAddress.Loopback;
        if (listen.Host is "0.0.0.0" or "*" or "+") address = System.Net.IPAddress.Any;
        kestrel.Listen(address, listen.Port, door => door.Protocols = protocols);
    }

    /// <summary>One line a message, with the service's name; what the frameworks say only from warnings on.</summary>
    public static void Logging(ILoggingBuilder logging, string name)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("ComputeExchange", LogLevel.Information);
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Error);
        logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        logging.AddFilter("MassTransit", LogLevel.Error);
        logging.AddFilter("Microsoft.Hosting.Lifetime", name == "host" ? LogLevel.Warning : LogLevel.None);
    }

    private void AddQuartz()
    {
        var store = new NpgsqlConnectionStringBuilder(Options.Database) { SearchPath = _name, ApplicationName = $"{_name} quartz", MaxPoolSize = 5 };
        Builder.Services.AddQuartz(quartz =>
        {
            quartz.UsePersistentStore(persistent =>
            {
                persistent.UsePostgres(store.ConnectionString);
                persistent.ProvisionSchema();
                persistent.UseClustering();
            });
            foreach (var schedule in _jobs)
            {
                quartz.AddJob<QuartzTick>(job => job.WithIdentity(schedule.Name));
                quartz.AddTrigger(trigger => trigger
                    .ForJob(schedule.Name).WithIdentity(schedule.Name)
                    .WithCronSchedule(schedule.Cron, cron => cron.InTimeZone(TimeZoneInfo.Utc)));
            }
        });
        Builder.Services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
    }

    /// <summary>Runs before every other background service of the container.</summary>
    private sealed class FirstOfAll(Func<CancellationToken, Task> run) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => run(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>A bus that another owner starts and stops.</summary>
    private sealed class BorrowedBus(IBus bus) : IBus
    {
        public Task Publish(FactMessage fact, CancellationToken cancel) => bus.Publish(fact, cancel);

        public Task Listen(string service, Func<FactMessage, Task> arrived, CancellationToken cancel) => bus.Listen(service, arrived, cancel);

        public Task Offer(WorkMessage work, CancellationToken cancel) => bus.Offer(work, cancel);

        public Task Work(string queue, Func<WorkMessage, CancellationToken, Task> arrived, CancellationToken cancel) => bus.Work(queue, arrived, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
