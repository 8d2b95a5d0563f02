using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Random days of the exchange in which one transaction in four dies at its commit and is tried again.</summary>
public sealed class MoneyProperties(PostgresServer server) : IAsyncLifetime
{
    private readonly Guid[] _people = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
    private readonly List<(long Lease, int Slot)> _unmetered = [];
    private readonly List<(long Lease, int Slot)> _metered = [];
    private readonly List<DeliveryCorrected> _corrections = [];
    private Books _books = null!;
    private TinyEngine _engine = null!;
    private Random _random = null!;
    private long _applied;
    private long _leases;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        _engine = new TinyEngine(_books.Clock);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_happens_and_crashes_no_money_is_made_or_lost(int seed)
    {
        _random = new Random(seed);
        for (var step = 0; step < 50; step++)
        {
            await Crashing(RandomStep());
            await _books.ShouldBalance();
        }
        await Finish();

        var accounts = await _books.Ask(db => db.Accounts.ToListAsync());
        accounts.Where(account => account.Kind is AccountKinds.Transit or AccountKinds.Escrow).ShouldAllBe(account => account.BalanceMicros == 0);
        accounts.Where(account => account.Kind == AccountKinds.Collateral && account.BalanceMicros != 0)
            .ToDictionary(account => account.Name, account => account.BalanceMicros)
            .ShouldBe(_engine.Holdings("").Holdings.Where(held => held.CollateralMicros != 0)
                .ToDictionary(held => $"collateral:{held.ParticipantId}", held => held.CollateralMicros), ignoreOrder: true);
        (await _books.Ask(db => db.Withdrawals.CountAsync(w => w.State == WithdrawalRow.Pending))).ShouldBe(0);
        await _books.ShouldBalance();
    }

    private Func<Task> RandomStep() => _random.Next(11) switch
    {
        0 => Deposit(),
        1 => Withdrawal(),
        2 or 3 => Sale(),
        4 => Meter(),
        5 => PayOut(),
        6 => Commands,
        7 or 8 => Correct(),
        _ => Feed(),
    };

    /// <summary>The step runs until it is through, as its caller would see to.</summary>
    private async Task Crashing(Func<Task> step)
    {
        _books.CrashAtCommit = _random.Next(4) == 0;
        try
        {
            await step();
        }
        catch (CrashedException)
        {
            await _books.ShouldBalance();
            await step();
        }
        _books.CrashAtCommit = false;
    }

    private Func<Task> Deposit()
    {
        var (who, micros, request) = (Anyone(), _random.NextInt64(1, 3_000_000), Guid.NewGuid());
        return () => _books.Deposit(who, micros, request);
    }

    private Func<Task> Withdrawal()
    {
        var (who, micros, request) = (Anyone(), _random.NextInt64(1, 1_000_000), Guid.NewGuid());
        return () => _books.Withdraw(who, micros, request);
    }

    private Func<Task> Sale()
    {
        var slots = Enumerable.Range(0, _random.Next(1, 4)).Select(_ =>
        {
            var price = _random.NextInt64(0, 400_000);
            return Happened.Slot(price, price, price / 600, price / 500, _random.NextInt64(0, 100_000));
        }).ToArray();
        var run = _leases + 1;
        if (_engine.Sell(Happened.Sold(run, Anyone(), Anyone(), _books.Clock.Now, 1, slots)))
        {
            _leases = run;
            _unmetered.AddRange(slots.Select((_, index) => (run, index)));
            _engine.Say(Happened.Cleared(run + 1, (_books.Clock.Now, _random.NextInt64(0, 900_000))));
        }
        return () => Task.CompletedTask;
    }

    /// <summary>ProviderRegistry meters what it was told of; sometimes it says so twice.</summary>
    private Func<Task> Meter()
    {
        var meters = new List<LeaseMetered>();
        while (meters.Count < 3 && _unmetered.FindIndex(slot => IsApplied(slot.Lease)) is >= 0 and var next)
        {
            var (lease, slot) = _unmetered[next];
            _unmetered.RemoveAt(next);
            _metered.Add((lease, slot));
            meters.Add(Happened.Metered(lease, slot, 3_600, _random.Next(3) switch { 0 => 0, 1 => 3_600, _ => _random.Next(3_600) }));
            if (_random.Next(3) == 0) meters.Add(meters[^1]);
        }
        return () => _books.Meter([.. meters]);
    }

    /// <summary>Disputes are decided about what was metered; now and then a decision is heard again.</summary>
    private Func<Task> Correct()
    {
        var corrections = new List<DeliveryCorrected>();
        for (var count = _random.Next(1, 4); count > 0 && _metered.Count > 0; count--)
        {
            var (lease, slot) = _metered[_random.Next(_metered.Count)];
            if (_corrections.Count == 0 || _random.Next(4) > 0)
                _corrections.Add(Happened.Corrected(lease, slot, 3_600, _random.Next(3) switch { 0 => 0, 1 => 3_600, _ => _random.Next(3_600) }));
            corrections.Add(_corrections[_random.Next(4) > 0 ? _corrections.Count - 1 : _random.Next(_corrections.Count)]);
        }
        return () => _books.Correct([.. corrections]);
    }

    private Func<Task> PayOut()
    {
        _books.Clock.Now = _books.Clock.Now.AddHours(_random.Next(1, 30));
        var due = new DateTimeOffset(_books.Clock.Now.UtcDateTime.Date.AddHours(1), TimeSpan.Zero);
        return () => _books.PayOut(due);
    }

    /// <summary>What was asked is sent to the engine; the note that it was answered may be lost.</summary>
    private async Task Commands()
    {
        var pending = await _books.Pending();
        foreach (var row in pending) _engine.Submit(row.CommandId, EngineCommand.Parser.ParseFrom(row.Body));
        if (_random.Next(4) > 0) await _books.Answered(pending);
    }

    /// <summary>Some entries of the feed arrive, perhaps some that were there before.</summary>
    private Func<Task> Feed()
    {
        var from = Math.Max(0, _applied - _random.Next(3));
        var entries = _engine.Feed.Skip((int)from).Take(_random.Next(1, 8)).ToList();
        return async () =>
        {
            if (entries.Count > 0) _applied = Math.Max(_applied, await _books.Apply(entries));
        };
    }

    private async Task Finish()
    {
        while (_applied < _engine.Feed.Count || _unmetered.Count > 0 || (await _books.Pending()).Count > 0)
        {
            await Crashing(Feed());
            await Crashing(Meter());
            await Crashing(Commands);
        }
    }

    private bool IsApplied(long lease) => _engine.Feed.Take((int)_applied).Any(entry => entry.Event.LeaseSold?.LeaseId == lease);

    private Guid Anyone() => _people[_random.Next(_people.Length)];
}
