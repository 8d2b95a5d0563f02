using System.Collections.Concurrent;
using ComputeExchange.Facts.Transport;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>How a bus behaves, in percent of its messages; and the longest delay, which is what puts them out of order.</summary>
public sealed record Mood(int Lost, int Repeated, int Refused, int DelayMilliseconds)
{
    /// <summary>It takes everything and delivers nothing.</summary>
    public static readonly Mood Silent = new(100, 0, 0, 0);

    public static readonly Mood Good = new(0, 0, 0, 0);
}

/// <summary>A bus that loses, repeats, refuses, delays and so reorders what it carries, at random.</summary>
public sealed class WildBus(int seed, Mood mood) : IBus
{
    private readonly ConcurrentDictionary<string, List<Func<FactMessage, Task>>> _listeners = new();
    private readonly Random _dice = new(seed);

    /// <summary>How many facts it handed to somebody.</summary>
    public int Delivered { get; private set; }

    public Task Publish(FactMessage fact, CancellationToken cancel)
    {
        if (Roll(mood.Refused)) throw new IOException("The bus does not take it.");
        foreach (var service in _listeners.Keys)
        {
            if (Roll(mood.Lost)) continue;
            _ = Deliver(service, fact);
            while (Roll(mood.Repeated)) _ = Deliver(service, fact);
        }
        return Task.CompletedTask;
    }

    public Task Listen(string service, Func<FactMessage, Task> arrived, CancellationToken cancel)
    {
        var listeners = _listeners.GetOrAdd(service, _ => []);
        lock (listeners) listeners.Add(arrived);
        cancel.Register(() =>
        {
            lock (listeners) listeners.Remove(arrived);
        });
        return Task.CompletedTask;
    }

    public Task Offer(WorkMessage work, CancellationToken cancel) => throw new NotSupportedException();

    public Task Work(string queue, Func<WorkMessage, CancellationToken, Task> arrived, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task Deliver(string service, FactMessage fact)
    {
        await Task.Delay(Next(mood.DelayMilliseconds + 1));
        var listeners = _listeners[service];
        Func<FactMessage, Task>? arrived;
        lock (listeners) arrived = listeners.Count == 0 ? null : listeners[Next(listeners.Count)];
        if (arrived is null) return;
        await arrived(fact);
        lock (_dice) Delivered++;
    }

    private bool Roll(int percent) => Next(100) < percent;

    private int Next(int below)
    {
        lock (_dice) return _dice.Next(below);
    }
}
