using System.Collections.Concurrent;
using System.Data.Common;
using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.Hosting.Jobs;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Accounts;
using ComputeExchange.Settlement.Delivery;
using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Feed;
using ComputeExchange.Settlement.Fees;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Payouts;
using ComputeExchange.Settlement.Proposals;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Reconciliation;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace ComputeExchange.Settlement.Tests;

/// <summary>Settlement on a real database, with the test in the place of the engine and the other services.</summary>
public sealed class Books : IAsyncDisposable
{
    /// <summary>When the tests begin, by the exchange's clock.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    /// <summary>A destination that nobody has until a test says so.</summary>
    public static readonly Guid Account = Guid.Parse("00000000-0000-7000-8000-0000000000d1");

    /// <summary>Those that no test uses now: a database costs more than all that a test does with it.</summary>
    private static readonly ConcurrentBag<Books> Idle = [];

    private readonly ServiceProvider _services;
    private readonly NpgsqlDataSource _source;
    private readonly Crash _crash = new();
    private long _fact;

    private Books(string connection)
    {
        _source = NpgsqlDataSource.Create(connection);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Clock)
            .AddDbContext<SettlementDb>(db => Hosting.Storage.Configure(db, _source, ServiceNames.Settlement).AddInterceptors(_crash))
            .AddScoped<ServiceDb>(provider => provider.GetRequiredService<SettlementDb>())
            .AddScoped<IReadFeed, PostFeed>()
            .AddScoped<ReleaseEscrow>().AddScoped<CorrectDelivery>().AddScoped<OpenAccounts>().AddScoped<PayOut>()
            .AddScoped<BookDepositHandler>().AddScoped<RequestWithdrawalHandler>()
            .AddScoped(_ => Rails).AddScoped<PaymentDesk>().AddScoped<KnowDestinations>()
            .AddScoped<ApproveWithdrawalHandler>().AddScoped<RejectWithdrawalHandler>().AddScoped<HaltPaymentsHandler>()
            .AddScoped<RailDeposits>().AddScoped<ApplyRailEventsHandler>().AddScoped<ImportBankStatementHandler>().AddScoped<ExpireDeposits>()
            .AddScoped<FeeRules>().AddScoped<MoveTiers>().AddScoped<CarryOut>().AddScoped<ProposeHandler>().AddScoped<ApproveProposalHandler>()
            .BuildServiceProvider();
    }

    public TestClock Clock { get; } = new() { Now = Start };

    /// <summary>The rail that money leaves by.</summary>
    public string Rail { get; set; } = ManualRail.RailName;

    /// <summary>All rails, the one in use first.</summary>
    public RailBook Rails => new(Rail, new ManualRail(), new CsvRail(), new TestRail());

    /// <summary>Where services are made that make their own scopes.</summary>
    public IServiceScopeFactory Scopes => _services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>The last number of the feed.</summary>
    public long FeedNumber { get; private set; }

    /// <summary>The next transaction is rolled back at its commit, as if the process had died there.</summary>
    public bool CrashAtCommit { set => _crash.Armed = value; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Empty books.</summary>
    public static async Task<Books> Open(PostgresServer server)
    {
        if (!Idle.TryTake(out var books))
        {
            books = new Books(await server.CreateDatabase());
            await books.Do(db => db.Database.MigrateAsync(Cancel));
            return books;
        }
        await books.Do(db => db.Database.ExecuteSqlRawAsync(
            """
            ALTER TABLE settlement.accounts DISABLE TRIGGER USER;
            ALTER TABLE settlement.transfers DISABLE TRIGGER USER;
            ALTER TABLE settlement.ledger_head DISABLE TRIGGER USER;
            ALTER TABLE settlement.documents DISABLE TRIGGER USER;
            DELETE FROM settlement.transfers; DELETE FROM settlement.accounts WHERE name NOT IN ('bank', 'fees', 'suspense');
            UPDATE settlement.accounts SET balance_micros = 0, pending_out_micros = 0, pending_in_micros = 0;
            UPDATE settlement.ledger_head SET last_number = 0, last_hash = decode(repeat('00', 32), 'hex'), recorded_time = '2000-01-01';
            DELETE FROM settlement.documents; DELETE FROM settlement.payments; DELETE FROM settlement.rail_events; DELETE FROM settlement.destinations;
            DELETE FROM settlement.approvals; DELETE FROM settlement.proposals; DELETE FROM settlement.breaks; DELETE FROM settlement.fee_schedules;
            DELETE FROM settlement.participant_fees; DELETE FROM settlement.tax_rates; DELETE FROM settlement.tax_codes; DELETE FROM settlement.jobs;
            UPDATE settlement.ledger_watch SET compared_time = NULL, feed_number = 0, checked_number = 0;
            UPDATE settlement.payment_rules SET halted_time = NULL, halt_reason = '', single_micros = 1000000000000, daily_micros = 5000000000000,
                approval_micros = 100000000000, cooling_minutes = 1440, last_file_number = 0;
            ALTER TABLE settlement.ledger_head ENABLE TRIGGER USER;
            ALTER TABLE settlement.documents ENABLE TRIGGER USER;
            DELETE FROM settlement.delivery_corrections; DELETE FROM settlement.lease_slots; DELETE FROM settlement.leases; DELETE FROM settlement.reference_prices;
            DELETE FROM settlement.deposits; DELETE FROM settlement.withdrawals; DELETE FROM settlement.payouts;
            DELETE FROM settlement.facts; DELETE FROM settlement.engine_commands; DELETE FROM settlement.cursors;
            UPDATE settlement.fact_head SET last_number = 0;
            ALTER TABLE settlement.accounts ENABLE TRIGGER USER;
            ALTER TABLE settlement.transfers ENABLE TRIGGER USER;
            """, Cancel));
        (books.Clock.Now, books.FeedNumber, books._fact, books.CrashAtCommit, books.Rail) = (Start, 0, 0, false, ManualRail.RailName);
        return books;
    }

    public async Task Do(Func<SettlementDb, Task> work)
    {
        await using var scope = _services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<SettlementDb>());
    }

    public async Task<T> Ask<T>(Func<SettlementDb, Task<T>> question)
    {
        await using var scope = _services.CreateAsyncScope();
        return await question(scope.ServiceProvider.GetRequiredService<SettlementDb>());
    }

    /// <summary>The engine's feed goes on by these events, all in one batch.</summary>
    public async Task Feed(params EngineEvent[] events)
    {
        var entries = events.Select((happened, index) => new FeedEntry
        {
            Number = FeedNumber + 1 + index,
            HappenedTime = Clock.GetUtcNow().ToTimestamp(),
            Event = happened,
        }).ToList();
        await Apply(entries);
        FeedNumber += events.Length;
    }

    /// <summary>Entries of the feed arrive, perhaps again.</summary>
    public Task<long> Apply(IReadOnlyList<FeedEntry> entries) => Inbox.Apply(
        _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.Feed, entries, entry => entry.Number,
        (services, _, entry, cancel) => services.GetRequiredService<IReadFeed>().Apply(entry, cancel), Cancel);

    /// <summary>ProviderRegistry says what was delivered, each a fact of its own, all in one batch.</summary>
    public Task Meter(params LeaseMetered[] meters) => Say(meters);

    /// <summary>ProviderRegistry says that other figures count, likewise.</summary>
    public Task Correct(params DeliveryCorrected[] corrections) => Say(corrections);

    /// <summary>ProviderRegistry says what was delivered, and that other figures count, all in one batch.</summary>
    public async Task Say(IReadOnlyList<object> facts)
    {
        var numbered = facts.Select((fact, index) => (Number: _fact + 1 + index, Fact: fact)).ToList();
        await Inbox.Apply(
            _services.GetRequiredService<IServiceScopeFactory>(), ServiceNames.ProviderRegistry, numbered, fact => fact.Number,
            (services, _, one, cancel) => one.Fact is LeaseMetered meter
                ? services.GetRequiredService<ReleaseEscrow>().Hear(meter, Clock.GetUtcNow(), cancel)
                : services.GetRequiredService<CorrectDelivery>().Hear((DeliveryCorrected)one.Fact, Clock.GetUtcNow(), cancel),
            Cancel);
        _fact += facts.Count;
    }

    public async Task<DepositOutcome> Deposit(Guid participant, long micros, Guid? requestId = null)
    {
        await using var scope = _services.CreateAsyncScope();
        var command = new BookDeposit(Guid.NewGuid(), requestId ?? Guid.NewGuid(), participant, new Money(micros));
        return await scope.ServiceProvider.GetRequiredService<BookDepositHandler>().Handle(command, Cancel);
    }

    /// <summary>A handler does something, in a scope of its own.</summary>
    public async Task<T> With<THandler, T>(Func<THandler, Task<T>> work)
        where THandler : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<THandler>());
    }

    /// <summary>The destination that a participant has had for long.</summary>
    public static Guid DestinationOf(Guid participant) => DerivedId.From("destination", participant);

    /// <summary>A participant has a destination, since long unless it is said since when.</summary>
    public async Task<Guid> AddDestination(Guid participant, DateTimeOffset? added = null)
    {
        var (id, since) = (DestinationOf(participant), added ?? Start.AddDays(-30));
        await Do(db => db.Database.ExecuteSqlAsync(
            $"INSERT INTO settlement.destinations (destination_id, participant_id, added_time) VALUES ({id}, {participant}, {since}) ON CONFLICT DO NOTHING", Cancel));
        return id;
    }

    /// <summary>What is ready is handed to the rail, as the worker does it.</summary>
    public Task<int> HandOver() => new RailWorker(Scopes, Rails, Clock, NullLogger<RailWorker>.Instance).HandOver(Cancel);

    /// <summary>The rail says something.</summary>
    public Task<RailEventsOutcome> Tell(params RailEvent[] events) => With<ApplyRailEventsHandler, RailEventsOutcome>(handler => handler.Handle(events, Cancel));

    /// <summary>A job of the clock, with its transaction.</summary>
    public async Task Run<TJob>(DateTimeOffset due)
        where TJob : IClockJob
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SettlementDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await scope.ServiceProvider.GetRequiredService<TJob>().Run(due, Cancel);
        await db.SaveChangesAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    /// <summary>Asks for a participant's money; where no destination is named, to the one it has had for long.</summary>
    public async Task<WithdrawalOutcome> Withdraw(Guid participant, long micros, Guid? requestId = null, Guid? destination = null)
    {
        destination ??= await AddDestination(participant);
        await using var scope = _services.CreateAsyncScope();
        var command = new RequestWithdrawal(participant, requestId ?? Guid.NewGuid(), new Money(micros), destination.Value);
        return await scope.ServiceProvider.GetRequiredService<RequestWithdrawalHandler>().Handle(command, Cancel);
    }

    /// <summary>The daily payouts of a moment, as the clock runs them.</summary>
    public Task PayOut(DateTimeOffset due) => Run<PayOut>(due);

    /// <summary>A participant has this much to trade with: deposited, credited by the engine, and posted.</summary>
    public async Task Fund(Guid participant, long micros)
    {
        await Deposit(participant, micros);
        await AnswerCommands();
    }

    /// <summary>The engine does what it was asked, and its feed is applied, until nothing is left to do.</summary>
    public async Task AnswerCommands(Func<EngineCommand, CommandRefused?>? refuse = null)
    {
        while (await Pending() is { Count: > 0 } pending)
        {
            await Feed([.. pending.Select(row => Answer(row, refuse))]);
            await Answered(pending);
        }
    }

    /// <summary>What the engine was asked and did not answer yet, in order.</summary>
    public Task<List<EngineCommandRow>> Pending() =>
        Ask(db => db.EngineCommands.AsNoTracking().Where(row => row.Sequence == null).OrderBy(row => row.Id).ToListAsync(Cancel));

    public Task Answered(IEnumerable<EngineCommandRow> rows)
    {
        var ids = rows.Select(row => row.Id).ToList();
        return Do(db => db.EngineCommands.Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(row => row.SetProperty(r => r.Sequence, r => r.Id), Cancel));
    }

    public Task<long> Balance(string account) =>
        Ask(db => db.Accounts.Where(a => a.Name == account).Select(a => a.BalanceMicros).SingleOrDefaultAsync(Cancel));

    public Task<List<string>> Said<T>() =>
        Ask(db => db.Facts.Where(fact => fact.Type == Facts.FactTypes.NameOf(typeof(T))).OrderBy(fact => fact.Number).Select(fact => fact.Body).ToListAsync(Cancel));

    /// <summary>Every account that holds something, in lines such as <c>bank -10</c>.</summary>
    public async Task<string> Balances() => string.Join("; ", (await Ask(db => db.Accounts
        .Where(account => account.BalanceMicros != 0).OrderBy(account => account.Name).ToListAsync(Cancel)))
        .Select(account => $"{account.Name} {account.BalanceMicros}"));

    /// <summary>The ledger agrees with itself.</summary>
    public async Task ShouldBalance() => (await Ask(db => SelfChecks.Full(db, Cancel))).Breaks.Select(found => found.Text).ShouldBeEmpty();

    public async Task<PostgresException> ShouldBeRefused(string sql) =>
        await Should.ThrowAsync<PostgresException>(() => Do(db => db.Database.ExecuteSqlRawAsync(sql, Cancel)));

    public ValueTask DisposeAsync()
    {
        Idle.Add(this);
        return ValueTask.CompletedTask;
    }

    private static EngineEvent Answer(EngineCommandRow row, Func<EngineCommand, CommandRefused?>? refuse)
    {
        var command = EngineCommand.Parser.ParseFrom(row.Body);
        if (refuse?.Invoke(command) is { } refused)
        {
            refused.CommandId = row.CommandId.ToString();
            return new EngineEvent { CommandRefused = refused };
        }
        return command.CommandCase switch
        {
            EngineCommand.CommandOneofCase.CreditCollateral => Happened.Credited(command.CreditCollateral, row.CommandId),
            EngineCommand.CommandOneofCase.DebitCollateral => Happened.Debited(command.DebitCollateral, row.CommandId),

            // The lease's provider is not in the command; tests that take a bond feed the event themselves.
            EngineCommand.CommandOneofCase.SettleBond when command.SettleBond.TakenMicros == 0 => Happened.BondSettled(
                command.SettleBond.LeaseId, command.SettleBond.SlotIndex, Guid.Empty, 0),
            var other => throw new InvalidOperationException($"The test must answer {other} itself."),
        };
    }

    private sealed class Crash : DbTransactionInterceptor
    {
        public bool Armed { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (!Armed) return new(result);
            Armed = false;
            throw new CrashedException();
        }
    }
}

/// <summary>The exchange's clock, in the test's hand.</summary>
public sealed class TestClock : TimeProvider
{
    public required DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>The process died just before a commit.</summary>
public sealed class CrashedException : Exception;
