using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Facts.Hearing;

/// <summary>What a service does once for a fact of another.</summary>
/// <remarks>
/// It is called in the producer's order, inside the transaction that also moves the cursor; the caller saves. Several
/// facts may share one transaction and one DbContext: look rows up with <c>Find</c>, which sees what is not saved yet.
/// </remarks>
/// <typeparam name="T">The fact.</typeparam>
public interface IHear<in T>
{
    /// <summary>Does it. <paramref name="at"/> is when the fact happened, by the exchange's clock.</summary>
    Task Hear(T happened, DateTimeOffset at, CancellationToken cancel);
}

/// <summary>What a service does once for each entry of the engine's feed, in order; the same rules as <see cref="IHear{T}"/>.</summary>
public interface IReadFeed
{
    /// <summary>Whether an entry of this kind can cause anything here: others leave no span in the trace.</summary>
    bool Heeds(EngineEvent.EventOneofCase kind) => true;

    /// <summary>Applies one entry; the caller saves.</summary>
    Task Apply(FeedEntry entry, CancellationToken cancel);
}
