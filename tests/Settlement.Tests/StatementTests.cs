using ComputeExchange.Settlement.Documents;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Settlement.Statements;
using ComputeExchange.Testing;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class StatementTests(PostgresServer server) : IAsyncLifetime
{
    private const long Hour = 3_600;

    private readonly Guid _buyer = Guid.NewGuid();
    private readonly Guid _provider = Guid.NewGuid();
    private Books _books = null!;
    private long _lease;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _books = await Books.Open(server);
        await _books.Fund(_buyer, 100_000_000);
    }

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task A_statement_as_of_a_past_moment_is_the_same_to_the_byte_after_more_has_happened()
    {
        await Deliver();
        _books.Clock.Now = Books.Start.AddHours(3);
        await Deliver();
        _books.Clock.Now = Books.Start.AddHours(5);
        var asOf = Books.Start.AddHours(2);
        var (first, provider) = (DocumentJson.Write(await Read(_buyer, null, asOf)), DocumentJson.Write(await Read(_provider, null, asOf)));

        for (var day = 1; day <= 3; day++)
        {
            _books.Clock.Now = Books.Start.AddDays(day);
            await Deliver();
            await _books.PayOut(new DateTimeOffset(_books.Clock.Now.Date, TimeSpan.Zero).AddHours(1));
        }

        DocumentJson.Write(await Read(_buyer, null, asOf)).ShouldBe(first);
        DocumentJson.Write(await Read(_provider, null, asOf)).ShouldBe(provider);
        (await Read(_buyer, null, asOf)).ComesToMicros.ShouldBe(100_000_000 - 2_002_000);
        (await Read(_buyer, null, null)).ComesToMicros.ShouldBe(100_000_000 - (5 * 2_002_000));
    }

    [Fact]
    public async Task What_one_period_ends_with_the_next_begins_with_and_the_last_is_what_the_accounts_hold()
    {
        for (var hour = 0; hour < 4; hour++)
        {
            _books.Clock.Now = Books.Start.AddHours(hour);
            await Deliver(delivered: hour * Hour / 3);
        }
        _books.Clock.Now = Books.Start.AddHours(9);
        DateTimeOffset?[] ends = [null, Books.Start.AddHours(1), Books.Start.AddHours(2.5), null];
        var held = new Dictionary<string, long>();
        var lines = new List<long>();
        for (var i = 1; i < ends.Length; i++)
        {
            var statement = await Read(_buyer, ends[i - 1], ends[i]);
            foreach (var balance in statement.Balances) balance.OpeningMicros.ShouldBe(held.GetValueOrDefault(balance.AccountKind));
            foreach (var balance in statement.Balances) held[balance.AccountKind] = balance.ClosingMicros;
            lines.AddRange(statement.Lines.Select(line => line.Transfer));
        }

        foreach (var (kind, micros) in held)
            (await _books.Ask(db => db.Accounts.Where(a => a.OwnerId == _buyer && a.Kind == kind).SumAsync(a => a.BalanceMicros, Cancel))).ShouldBe(micros);
        lines.ShouldBe(await _books.Ask(db => db.Transfers.Where(t => t.DebitOwnerId == _buyer || t.CreditOwnerId == _buyer)
            .OrderBy(t => t.Number).Select(t => t.Number).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_statement_says_how_far_the_ledger_went_and_its_hash_there()
    {
        await Deliver();
        var last = await _books.Ask(db => db.Transfers.OrderByDescending(t => t.Number).FirstAsync(Cancel));
        var statement = await Read(_buyer, null, null);
        (statement.Head.ThroughTransfer, statement.Head.ThroughHash).ShouldBe((last.Number, Convert.ToHexStringLower(last.Hash)));

        var before = await Read(_buyer, null, Books.Start);
        (before.Head.ThroughTransfer, before.Head.ThroughHash, before.Lines.Count).ShouldBe((0, new string('0', 64), 0));
    }

    [Fact]
    public async Task A_period_that_is_not_over_is_refused_with_its_field()
    {
        var refused = await Should.ThrowAsync<RpcException>(() => Read(_buyer, null, Books.Start.AddSeconds(1)));
        refused.Status.Detail.ShouldContain("to_time");
        (await Should.ThrowAsync<RpcException>(() => Read(_buyer, Books.Start.AddHours(1), null))).Status.Detail.ShouldContain("from_time");
    }

    private Task<Statement> Read(Guid whose, DateTimeOffset? from, DateTimeOffset? to) =>
        _books.Ask(db => new ReadStatement(new LedgerExtracts(db), _books.Clock).Read(whose, from, to, Cancel));

    /// <summary>A lease of one GPU-hour is sold and metered.</summary>
    private async Task Deliver(long delivered = Hour)
    {
        _lease++;
        await _books.Feed(Happened.Sold(_lease, _buyer, _provider, _books.Clock.Now, 1, Happened.Slot(2_000_000, 2_000_000, 2_000, 4_000)));
        await _books.Meter(Happened.Metered(_lease, 0, Hour, delivered));
        if (delivered < Hour) await _books.Feed(Happened.BondSettled(_lease, 0, _provider, 0));
    }
}
