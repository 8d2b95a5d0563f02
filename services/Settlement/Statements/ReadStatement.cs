using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Domain.Documents;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Statements;

/// <summary>Reads a statement of any period. One of a period that is over is the same for ever.</summary>
public sealed class ReadStatement(LedgerExtracts ledger, TimeProvider clock)
{
    /// <summary>How many transfers one statement shows at most.</summary>
    private const int LineMost = 50_000;

    private static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="participant">Whose.</param>
    /// <param name="from">The period's start; null: the beginning.</param>
    /// <param name="to">Its end, not in the future; null: all that is there.</param>
    /// <param name="cancel">When nobody waits for it any more.</param>
    public async Task<Statement> Read(Guid participant, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (to > now) throw Refuse.Field("to_time", $"is {to:O}, which is not over: the exchange's clock shows {now:O}.");
        await ledger.Settle(cancel);

        // While the clock stands, transfers are recorded at the moment that it shows: they count unless an end was named.
        var start = LedgerChain.ToMicrosecond(from ?? Beginning);
        var end = LedgerChain.ToMicrosecond(to ?? Later(now, (await ledger.LastRecorded(cancel)).AddMicroseconds(1)));
        if (start > end) throw Refuse.Field("from_time", $"is {start:O}, after the period's end {end:O}.");

        var stretch = await ledger.Recorded(start, end, cancel);
        var count = await ledger.Count(participant, stretch, cancel);
        if (count > LineMost)
            throw Refuse.Rule("TOO_MANY_TRANSFERS", $"The period has {count} transfers and a statement shows {LineMost} at most: ask for a shorter one.", "from_time");
        return Statement.Of(
            new DocumentHead("", participant, start, end, end, stretch.Through, stretch.Hash),
            await ledger.Held(participant, stretch.After, cancel),
            await ledger.Movements(participant, stretch, cancel));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
