using ComputeExchange.Settlement.Deposits;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.Withdrawals;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>A bank that says things late, twice and out of order, while one transaction in five dies at its commit.</summary>
public sealed class RailProperties(PostgresServer server) : IAsyncLifetime
{
    private const long Start = 2_000_000;

    private readonly Guid[] _people = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
    private readonly List<RailTelling> _toSay = [];
    private readonly HashSet<Guid> _given = [];
    private readonly Dictionary<string, (Guid Whose, long Micros)> _incoming = [];
    private Books _books = null!;
    private TinyEngine _engine = null!;
    private Random _random = null!;
    private long _applied;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        _books.Rail = TestRail.RailName;
        _engine = new TinyEngine(_books.Clock);
        await _books.Do(async db =>
        {
            db.Open(_people.Select(Account.Transit));
            await db.SaveChangesAsync();
        });
        foreach (var person in _people) await _books.Deposit(person, Start);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 4)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_the_bank_says_every_payment_and_deposit_counts_once(int seed)
    {
        _random = new Random(seed);
        for (var step = 0; step < 60; step++)
        {
            _books.Clock.Now = _books.Clock.Now.AddMinutes(_random.Next(8 * 60));
            await Crashing(Step(seed));
            await Listen(seed);
        }
        await Finish(seed);

        var withdrawals = await _books.Ask(db => db.Withdrawals.AsNoTracking().ToListAsync());
        withdrawals.ShouldContain(w => w.State == WithdrawalRow.Paid);
        withdrawals.ShouldAllBe(w => w.State == WithdrawalRow.Paid || w.State == WithdrawalRow.Failed || w.State == WithdrawalRow.Reversed || w.State == WithdrawalRow.Refused);
        var transfers = await _books.Ask(db => db.Transfers.AsNoTracking().ToListAsync());
        transfers.GroupBy(t => (t.Cause, t.Kind)).ShouldAllBe(same => same.Count() == 1);

        // What each has is what the bank's own story says, from beginning to end.
        var accounts = await _books.Ask(db => db.Accounts.AsNoTracking().ToDictionaryAsync(account => account.Name));
        accounts.Values.ShouldAllBe(account => account.PendingInMicros == 0 && account.PendingOutMicros == 0);
        foreach (var person in _people)
        {
            var paid = withdrawals.Where(w => w.ParticipantId == person && w.State == WithdrawalRow.Paid).Sum(w => w.AmountMicros);
            var came = _incoming.Where(one => one.Value.Whose == person && Came(seed, one.Key, one.Value)).Sum(one => one.Value.Micros);
            Held(accounts, person).ShouldBe(Start + came - paid, $"{person}");

            // What was asked of the engine is done: what can be traded with is in trading.
            accounts[Account.Transit(person).Name].BalanceMicros.ShouldBe(0);
        }
        await _books.ShouldBalance();
    }

    private static long Held(Dictionary<string, AccountRow> accounts, Guid person) =>
        new[] { Account.Collateral(person), Account.Transit(person), Account.Receivable(person) }
            .Sum(account => accounts.GetValueOrDefault(account.Name)?.BalanceMicros ?? 0);

    private static bool Came(int seed, string name, (Guid Whose, long Micros) deposit) =>
        Mischief.OfDeposit(seed, name, "", new Money(deposit.Micros), Books.Start).Select(telling => telling.Event.Says).ToHashSet()
            is var said && said.Contains(RailSays.DepositSettled) && !said.Contains(RailSays.DepositReversed);

    private Func<Task> Step(int seed) => _random.Next(8) switch
    {
        0 or 1 => Withdraw(),
        2 => Incoming(seed),
        3 => () => _books.HandOver(),
        4 => Commands,
        5 => RecoverDebts,
        6 => () => _books.Run<ExpireDeposits>(_books.Clock.Now),
        _ => Feed(),
    };

    /// <summary>The step runs until it is through, as its caller would see to.</summary>
    private async Task Crashing(Func<Task> step)
    {
        _books.CrashAtCommit = _random.Next(5) == 0;
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

    private Func<Task> Withdraw()
    {
        var (who, micros, request) = (_people[_random.Next(_people.Length)], _random.NextInt64(1, 400_000), Guid.NewGuid());
        return () => _books.Withdraw(who, micros, request);
    }

    private Func<Task> Incoming(int seed)
    {
        var (who, micros, name) = (_people[_random.Next(_people.Length)], _random.NextInt64(1, 500_000), $"in {_incoming.Count} of {seed}");
        _incoming.Add(name, (who, micros));
        _toSay.AddRange(Mischief.OfDeposit(seed, name, DepositReference.Of(who).ToString(), new Money(micros), _books.Clock.Now));
        return () => Task.CompletedTask;
    }

    /// <summary>The bank says what it is time to say.</summary>
    private async Task Listen(int seed)
    {
        foreach (var payment in await _books.Ask(db => db.Payments.AsNoTracking().Where(p => p.SentTime != null).ToListAsync()))
            if (_given.Add(payment.Id)) _toSay.AddRange(Mischief.OfPayment(seed, payment.Id, new Money(payment.AmountMicros), payment.SentTime!.Value));
        var due = _toSay.Where(telling => telling.Told <= _books.Clock.Now).OrderBy(telling => telling.Told).ToList();
        _toSay.RemoveAll(due.Contains);
        for (var at = 0; at < due.Count;)
        {
            var batch = due.Skip(at).Take(_random.Next(1, 4)).Select(telling => telling.Event).ToArray();
            at += batch.Length;
            await Crashing(async () => (await _books.Tell(batch)).Conflicts.ShouldBeEmpty());
        }
    }

    private async Task Commands()
    {
        var pending = await _books.Pending();
        foreach (var row in pending) _engine.Submit(row.CommandId, MatchingEngine.V1.EngineCommand.Parser.ParseFrom(row.Body));
        if (_random.Next(4) > 0) await _books.Answered(pending);
    }

    private Func<Task> Feed()
    {
        var from = Math.Max(0, _applied - _random.Next(3));
        var entries = _engine.Feed.Skip((int)from).Take(_random.Next(1, 8)).ToList();
        return async () =>
        {
            if (entries.Count > 0) _applied = Math.Max(_applied, await _books.Apply(entries));
        };
    }

    private Task RecoverDebts() => _books.Do(async db =>
    {
        foreach (var person in _people)
        {
            var owed = -await db.Accounts.Where(a => a.Name == Account.Receivable(person).Name).Select(a => a.BalanceMicros).SingleOrDefaultAsync();
            var free = _engine.Holdings(person.ToString()).Holdings.Sum(held => held.FreeMicros);
            if (owed > 0) await db.AskForDebt(person, new Money(Math.Min(owed, free)), $"{_books.Clock.Now:O}", default);
        }
        await db.SaveChangesAsync();
    });

    /// <summary>The bank has said all, and everything that was asked is done.</summary>
    private async Task Finish(int seed)
    {
        for (var quiet = 0; quiet < 3;)
        {
            _books.Clock.Now = _books.Clock.Now.AddDays(3);
            await Crashing(Commands);
            await Crashing(Feed());
            await Crashing(() => _books.HandOver());
            await Listen(seed);
            quiet = _toSay.Count == 0 && _applied == _engine.Feed.Count && (await _books.Pending()).Count == 0 ? quiet + 1 : 0;
        }
    }
}
