using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>Reads the ledger's chain from the first transfer to the last, a piece at a time, and begins again at its end.</summary>
public sealed class ChainSweep
{
    private long _number;
    private ReadOnlyMemory<byte> _hash = LedgerChain.Beginning;

    /// <summary>The last transfer that was checked; 0 at the beginning of a round.</summary>
    public long Number => _number;

    /// <summary>Whether the last piece ended at the ledger's end.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Checks at most so many transfers more. After a break the rest is checked as if the broken transfer stood.</summary>
    public async Task<Findings> Go(SettlementDb db, long most, CancellationToken cancel)
    {
        if (AtEnd) (_number, _hash, AtEnd) = (0, LedgerChain.Beginning, false);
        var breaks = new List<Break>();
        var began = _number;

        // The head first: what is posted meanwhile is for the next piece.
        var head = await db.LedgerHead.AsNoTracking().SingleAsync(cancel);
        var until = head.LastNumber - _number > most ? _number + most : head.LastNumber;
        var (from, last) = (_number, until);
        await foreach (var row in db.Transfers.AsNoTracking()
            .Where(transfer => transfer.Number > from && transfer.Number <= last).OrderBy(transfer => transfer.Number).AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (row.Number != _number + 1) breaks.Add(Missing(_number + 1, row.Number - 1));
            else if (!LedgerChain.HashOf(_hash.Span, row.ToRecord()).AsSpan().SequenceEqual(row.Hash))
                breaks.Add(new Break(Checks.Chain, $"transfer {row.Number}", $"Transfer {row.Number} is not as it was written: it, its hash or the hash before it was changed."));
            (_number, _hash) = (row.Number, row.Hash);
            if (breaks.Count >= 100) break;
        }
        if (breaks.Count < 100)
        {
            if (_number < until) breaks.Add(Missing(_number + 1, until));
            else if (until == head.LastNumber && !_hash.Span.SequenceEqual(head.LastHash))
                breaks.Add(new Break(Checks.Chain, $"transfer {until}", $"Transfer {until} is not the one that was written last."));
        }
        AtEnd = until == head.LastNumber || breaks.Count >= 100;
        return new Findings(Math.Max(until - began, 0), breaks);
    }

    private static Break Missing(long from, long to) => new(
        Checks.Chain, $"transfer {from}", from == to ? $"Transfer {from} is missing." : $"Transfers {from} to {to} are missing.");
}
