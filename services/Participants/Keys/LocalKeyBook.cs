using System.Collections.Concurrent;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Participants.Domain;

namespace ComputeExchange.Participants.Keys;

/// <summary>Whose a key is, for this service's own door: from the tables, remembered for a few seconds.</summary>
/// <remarks>The other services ask by gRPC and remember the answer themselves, so that answer is never out of this memory.</remarks>
public sealed class LocalKeyBook(IServiceScopeFactory scopes, KeyTerms terms) : IKeyBook
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(4);
    private const int MemorySize = 50_000;

    private readonly ConcurrentDictionary<string, (Caller? Caller, long At)> _known = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<Caller?> Find(string key, CancellationToken cancel)
    {
        var digest = Convert.ToHexString(ApiKeys.Hash(key));
        if (_known.TryGetValue(digest, out var known) && terms.RealTime.GetElapsedTime(known.At) < Memory) return known.Caller;

        if (_known.Count > MemorySize) _known.Clear();
        var asked = terms.RealTime.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var caller = (await scope.ServiceProvider.GetRequiredService<KeyCheck>().Find(key, cancel))?.Caller;
        _known[digest] = (caller, asked);
        return caller;
    }
}
