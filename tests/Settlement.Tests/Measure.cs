using System.Diagnostics;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
namespace ComputeExchange.Settlement.Tests;
public sealed class Measure(PostgresServer server)
{
    static TimeSpan _cpu; static Stopwatch _w = new();
    static void Begin() { _cpu = Process.GetCurrentProcess().TotalProcessorTime; _w.Restart(); }
    static void End(string what) => Console.WriteLine($"{what}: wall {_w.Elapsed.TotalSeconds:0.00} cpu {(Process.GetCurrentProcess().TotalProcessorTime - _cpu).TotalSeconds:0.00}");
    [Fact]
    public async Task Fifty_thousand()
    {
        var books = await Books.Open(server);
        var buyers = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToArray();
        var providers = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var p in buyers.Concat(providers)) await books.Deposit(p, 1_000_000_000_000);
        await books.AnswerCommands();
        const int leases = 6000;
        var all = Enumerable.Range(1, leases).Select(l => Happened.Sold(l, buyers[l % 50], providers[l % 20], Books.Start, 4, [.. Enumerable.Range(0, 3).Select(_ => Happened.Slot(1_000_000, 4_000_000, 6_000, 6_000, 800_000))])).ToArray();
        Begin();
        foreach (var batch in all.Chunk(300)) await books.Feed(batch);
        End("feed leases");
        var meters = Enumerable.Range(1, leases).SelectMany(l => Enumerable.Range(0, 3).Select(s => Happened.Metered(l, s, 14_400, 14_400))).ToArray();
        Begin();
        foreach (var batch in meters[..9000].Chunk(200)) await books.Meter(batch);
        End("meter 9000");
        Begin();
        foreach (var batch in meters[9000..].Chunk(200)) await books.Meter(batch);
        End("meter 9000 more");
        Begin();
        for (var b = 0; b < 100; b++)
            await books.Do(db => { db.Post(Enumerable.Range(0, 300).Select(i => new Domain.Transfer(Domain.Account.Collateral(buyers[i % 50]), Domain.Account.Collateral(providers[i % 20]), new Values.Money(1), "m", $"m{b} {i}", Books.Start, b + 100000))); return db.SaveChangesAsync(); });
        End("post 30000");
        Begin();
        for (var b = 0; b < 10; b++)
            await books.Do(db => { for (var i = 0; i < 300; i++) db.Command(Guid.NewGuid(), new EngineCommand { SettleBond = new SettleBond { LeaseId = i } }); return db.SaveChangesAsync(); });
        End("3000 commands");
        Begin();
        for (var b = 0; b < 10; b++)
            await books.Do(db => { for (var i = 0; i < 300; i++) db.Tell(new Facts.Settlement.V1.PayoutMade { PayoutId = Guid.NewGuid(), ProviderId = Guid.NewGuid(), AmountMicros = 5 }); return db.SaveChangesAsync(); });
        End("3000 facts");
    }
}
