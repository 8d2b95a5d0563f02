using System.Collections.Concurrent;
using System.Diagnostics;

namespace ComputeExchange.Facts;

/// <summary>Where the spans of each service begin, and how a trace goes on from where it was written down.</summary>
/// <remarks>
/// A trace crosses the feed, the bus and an hour of waiting as text (W3C <c>traceparent</c>) beside what it caused. Where
/// nobody listens no span is made, and all of this costs one look at a field.
/// </remarks>
public static class Tracing
{
    /// <summary>What the name of every service's source begins with.</summary>
    public const string Prefix = "ComputeExchange.";

    private static readonly ConcurrentDictionary<string, ActivitySource> Sources = new();

    /// <summary>The trace that what happens now belongs to, to be written down; empty where none is recorded.</summary>
    public static string Current => Activity.Current is { Recorded: true, Id: { } id } ? id : "";

    /// <summary>The source of one service's spans: in one process there may be many services, and each span says whose it is.</summary>
    public static ActivitySource Of(string service) => Sources.GetOrAdd(service, name => new ActivitySource(Prefix + name));

    /// <summary>A trace as it was written down; the default where there is none.</summary>
    public static ActivityContext ContextOf(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : default;

    /// <summary>Starts a span that goes on where a trace was written down; null where there is no trace or nobody listens.</summary>
    /// <param name="source">Whose span it is.</param>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Its part in the conversation.</param>
    /// <param name="traceParent">The cause; null or empty: none.</param>
    /// <param name="beside">Another trace in which this happens too.</param>
    public static Activity? Continue(
        this ActivitySource source, string name, ActivityKind kind, string? traceParent, ActivityContext beside = default)
    {
        if (string.IsNullOrEmpty(traceParent) || !source.HasListeners()) return null;
        var cause = ContextOf(traceParent);
        return cause == default ? null : source.StartActivity(name, kind, cause, links: Links(beside));
    }

    /// <summary>Starts a span that begins a trace of its own, whatever runs around it; null where nobody listens.</summary>
    public static Activity? Begin(this ActivitySource source, string name, ActivityKind kind, IEnumerable<ActivityLink>? links = null)
    {
        if (!source.HasListeners()) return null;
        Activity.Current = null;
        return source.StartActivity(name, kind, default(ActivityContext), links: links);
    }

    private static ActivityLink[]? Links(ActivityContext beside) => beside == default ? null : [new ActivityLink(beside)];
}
