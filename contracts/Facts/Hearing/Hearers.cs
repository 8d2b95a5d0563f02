using System.Diagnostics;
using System.Text.Json;
using ComputeExchange.Facts.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeExchange.Facts.Hearing;

/// <summary>Which facts a service hears, of whom, and what it does.</summary>
public sealed class Hearers
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Dictionary<(string Producer, string Type), Func<IServiceProvider, FactMessage, CancellationToken, Task>> _byType = [];

    /// <summary>The producers that are heard.</summary>
    public IReadOnlyCollection<string> Producers => [.. _byType.Keys.Select(key => key.Producer).Distinct()];

    /// <summary>From now on <typeparamref name="THandler"/> is called for every <typeparamref name="TFact"/> of the producer.</summary>
    public void Add<TFact, THandler>(string producer)
        where THandler : IHear<TFact>
        where TFact : notnull =>
        _byType.Add((producer, FactTypes.NameOf(typeof(TFact))), async (services, message, cancel) =>
        {
            var fact = JsonSerializer.Deserialize<TFact>(message.Body, Json)
                ?? throw new JsonException($"{message.Producer} {message.Number} is empty.");
            await services.GetRequiredService<THandler>().Hear(fact, message.HappenedTime, cancel);
        });

    /// <summary>Does what is to be done for a fact; nothing if nobody here hears it.</summary>
    public async Task Hear(IServiceProvider services, FactMessage message, CancellationToken cancel)
    {
        if (!_byType.TryGetValue((message.Producer, message.Type), out var hear)) return;
        using var span = message.TraceParent.Length > 0
            ? Tracing.Of(services.GetRequiredService<ServiceName>().Name).Continue($"hear {message.Type}", ActivityKind.Consumer, message.TraceParent)
            : null;
        span?.SetTag("cx.producer", message.Producer).SetTag("cx.fact.number", message.Number);
        await hear(services, message, cancel);
    }
}
