using System.Collections.Frozen;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Futures;

/// <summary>An instrument as far as order entry needs it: to know it by its name, and to say what would be right.</summary>
public sealed record KnownInstrument(int Index, string Name, int ReferenceTicks, InstrumentTerms Terms)
{
    /// <summary>The lowest and the highest price that orders may have.</summary>
    public (long Low, long High) Band
    {
        get
        {
            var width = Math.Max(Terms.BandTickCountMin, (long)ReferenceTicks * Terms.BandPpm / 1_000_000);
            return (Math.Max(1, ReferenceTicks - width), ReferenceTicks + width);
        }
    }
}

/// <summary>The instruments' names, indexes and tick values in memory, so that no order asks the database for them.</summary>
/// <remarks>They are read again when a name or an index is not known, or older than some seconds: terms change rarely.</remarks>
public sealed class InstrumentNames(IServiceScopeFactory scopes)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromMilliseconds(50);

    private FrozenDictionary<string, KnownInstrument> _byName = FrozenDictionary<string, KnownInstrument>.Empty;
    private KnownInstrument?[] _byIndex = [];
    private long _readAt;

    /// <summary>An instrument's index; null if none of that name is known.</summary>
    public int? IndexOf(string name) => _byName.TryGetValue(name, out var known) ? known.Index : null;

    /// <summary>The instrument of a name; null if none is known.</summary>
    public KnownInstrument? Named(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The instrument with an index; null if none is known.</summary>
    public KnownInstrument? At(int index) => (uint)index < (uint)_byIndex.Length ? _byIndex[index] : null;

    /// <summary>What a tick of a lot is worth in micro-dollars; 0 where the instrument is not known.</summary>
    public long TickValueOf(int index) => At(index)?.Terms.TickValueMicros ?? 0;

    /// <summary>Sees to it that what was read lately is there, and whatever these requests name, if there is such an instrument.</summary>
    public ValueTask Refresh(IReadOnlyList<OrderRequest> orders, CancellationToken cancel)
    {
        var age = _readAt == 0 ? TimeSpan.MaxValue : TimeProvider.System.GetElapsedTime(_readAt);
        return age < SoonestAgain || (age < GoodFor && KnowsAll(orders)) ? ValueTask.CompletedTask : new ValueTask(Read(cancel));
    }

    private bool KnowsAll(IReadOnlyList<OrderRequest> orders)
    {
        for (var index = 0; index < orders.Count; index++)
            if (orders[index].Instrument is { Length: > 0 } name && !_byName.ContainsKey(name)) return false;
        return true;
    }

    private async Task Read(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrderBookDb>();
        var rows = await db.Instruments.AsNoTracking().ToListAsync(cancel);
        var all = rows.ConvertAll(row => new KnownInstrument(row.InstrumentIndex, row.Name, row.ReferenceTicks, InstrumentTerms.Parser.ParseJson(row.Terms)));
        var byIndex = new KnownInstrument?[all.Count == 0 ? 0 : all.Max(known => known.Index) + 1];
        foreach (var known in all) byIndex[known.Index] = known;
        (_byName, _byIndex) = (all.ToFrozenDictionary(known => known.Name, StringComparer.Ordinal), byIndex);
        _readAt = TimeProvider.System.GetTimestamp();
    }
}
