namespace ComputeExchange.Facts.Transport;

/// <summary>A numbered fact on its way. It may arrive late, twice, out of order or not at all: the numbers heal that.</summary>
/// <remarks>What it holds is what stands in the producer's table.</remarks>
public sealed record FactMessage
{
    /// <summary>The service that says it.</summary>
    public required string Producer { get; init; }

    /// <summary>Its number, from 1 without gaps.</summary>
    public required long Number { get; init; }

    /// <summary>Its name with its version, for example <c>Settlement.V1.CapacityPaid</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The fact as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>When it happened, by the exchange's clock.</summary>
    public required DateTimeOffset HappenedTime { get; init; }

    /// <summary>The W3C trace context of its cause; may be empty.</summary>
    public string TraceParent { get; init; } = "";
}

/// <summary>Something to be done by any one worker. It has no number: whoever offers it offers it again if no answer comes.</summary>
public sealed record WorkMessage
{
    /// <summary>The queue of the workers.</summary>
    public required string Queue { get; init; }

    /// <summary>What to do, as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>The W3C trace context of its cause; may be empty.</summary>
    public string TraceParent { get; init; } = "";
}

/// <summary>What carries facts and work between services. It may lose, repeat and reorder; nothing depends on it but speed.</summary>
public interface IBus : IAsyncDisposable
{
    /// <summary>Sends a fact to every service that listens; returns when the transport has taken it.</summary>
    Task Publish(FactMessage fact, CancellationToken cancel);

    /// <summary>Hands every fact that arrives to <paramref name="arrived"/>, once for each service of that name, until it is cancelled.</summary>
    Task Listen(string service, Func<FactMessage, Task> arrived, CancellationToken cancel);

    /// <summary>Sends work to any one of its workers.</summary>
    Task Offer(WorkMessage work, CancellationToken cancel);

    /// <summary>Hands work of a queue to <paramref name="arrived"/>, one at a time, until it is cancelled.</summary>
    Task Work(string queue, Func<WorkMessage, CancellationToken, Task> arrived, CancellationToken cancel);
}
