using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ComputeExchange.Facts.Transport;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

public class MassTransitBusTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_memory_a_fact_comes_to_each_service_once_and_work_to_one_worker()
    {
        await using var bus = await MassTransitBus.InMemory(null, Cancel);
        var heard = new ConcurrentQueue<(string Service, long Number)>();
        var done = new ConcurrentQueue<(int Worker, string Work)>();
        var busy = 0;
        foreach (var service in (string[])["settlement", "settlement", "pricing"])
        {
            await bus.Listen(service, fact =>
            {
                heard.Enqueue((service, fact.Number));
                return Task.CompletedTask;
            }, Cancel);
        }
        foreach (var worker in (int[])[1, 2])
        {
            await bus.Work("auctions", async (work, cancel) =>
            {
                if (Interlocked.Increment(ref busy) > 1) done.Enqueue((worker, "two at a time"));
                await Task.Delay(5, cancel);
                Interlocked.Decrement(ref busy);
                done.Enqueue((worker, work.Body));
            }, Cancel);
        }
        await Ready(bus, heard);

        for (var number = 1; number <= 50; number++) await bus.Publish(Fact(number), Cancel);
        for (var number = 1; number <= 20; number++) await bus.Offer(new WorkMessage { Queue = "auctions", Body = $"run {number}" }, Cancel);
        await Until(() => heard.Count(fact => fact.Number > 0) >= 100 && done.Count >= 20);
        await Task.Delay(200, Cancel);

        var once = Enumerable.Range(1, 50).Select(number => (long)number).ToList();
        foreach (var service in (string[])["settlement", "pricing"])
            heard.Where(fact => fact.Service == service && fact.Number > 0).Select(fact => fact.Number).Order().ShouldBe(once);
        done.Select(item => item.Work).Order().ShouldBe(Enumerable.Range(1, 20).Select(number => $"run {number}").Order());
        done.Select(item => item.Worker).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Who_leaves_hears_no_more_and_may_come_back_at_once()
    {
        await using var bus = await MassTransitBus.InMemory(null, Cancel);
        var heard = new ConcurrentQueue<(string Service, long Number)>();
        Func<FactMessage, Task> Into(string name) => fact =>
        {
            heard.Enqueue((name, fact.Number));
            return Task.CompletedTask;
        };
        for (var life = 1; life <= 5; life++)
        {
            using var leave = new CancellationTokenSource();
            await bus.Listen("settlement", Into($"{life}"), leave.Token);
            await Ready(bus, heard);
            await bus.Publish(Fact(life), Cancel);
            await Until(() => heard.Any(fact => fact.Number == life));
            await leave.CancelAsync();
        }
        heard.Where(fact => fact.Number > 0).ShouldBe(Enumerable.Range(1, 5).Select(life => ($"{life}", (long)life)));
    }

    [Fact]
    public async Task What_fails_is_not_delivered_for_ever()
    {
        await using var bus = await MassTransitBus.InMemory(null, Cancel);
        var tries = 0;
        var heard = new ConcurrentQueue<(string Service, long Number)>();
        await bus.Listen("settlement", fact =>
        {
            heard.Enqueue(("settlement", fact.Number));
            if (fact.Number != 7) return Task.CompletedTask;
            Interlocked.Increment(ref tries);
            throw new InvalidOperationException("This fact cannot be heard.");
        }, Cancel);
        await Ready(bus, heard);
        await bus.Publish(Fact(7), Cancel);
        await bus.Publish(Fact(8), Cancel);
        await Until(() => heard.Any(fact => fact.Number == 8));
        await Task.Delay(300, Cancel);

        tries.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_broker_a_publication_ends_when_it_is_cancelled_and_the_bus_when_it_is_told_to()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var address = new Uri($"rabbitmq://guest:guest@127.0.0.1:{((IPEndPoint)nobody.LocalEndpoint).Port}/");
        nobody.Stop();

        var bus = MassTransitBus.RabbitMq(address, null);
        await bus.Listen("settlement", _ => Task.CompletedTask, Cancel);
        using (var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
            await Should.ThrowAsync<OperationCanceledException>(() => bus.Publish(Fact(1), impatience.Token).WaitAsync(TimeSpan.FromSeconds(20), Cancel));

        await bus.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    private static FactMessage Fact(long number) =>
        new() { Producer = "teller", Number = number, Type = "ProviderRegistry.V1.LeaseEnded", Body = "{}", HappenedTime = DateTimeOffset.UnixEpoch };

    /// <summary>What is told before a queue is bound is lost, as on any bus: waits until something comes through.</summary>
    private static async Task Ready(MassTransitBus bus, ConcurrentQueue<(string Service, long Number)> heard)
    {
        var before = heard.Count;
        await Until(() => heard.Count > before, () => bus.Publish(Fact(0), Cancel));
        await Task.Delay(200, Cancel);
    }

    private static async Task Until(Func<bool> holds, Func<Task>? meanwhile = null)
    {
        for (var tries = 0; !holds(); tries++)
        {
            tries.ShouldBeLessThan(1_500, "it does not come");
            if (meanwhile is not null) await meanwhile();
            await Task.Delay(20, Cancel);
        }
    }
}
