using System.Buffers;
using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Export;

/// <summary>The whole ledger as lines that anyone can verify: one snapshot, however long the reading takes.</summary>
public sealed class LedgerExport(SettlementDb db)
{
    /// <summary>A piece goes out when it has so many bytes.</summary>
    private const int PieceLength = 256 * 1024;

    /// <param name="fromNumber">The first transfer; from 1.</param>
    /// <param name="cancel">When nobody reads any more.</param>
    /// <returns>Whole lines, in pieces.</returns>
    public async IAsyncEnumerable<string> From(long fromNumber, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var last = await db.LedgerHead.AsNoTracking().SingleAsync(cancel);
        if (fromNumber > last.LastNumber + 1)
            throw Refuse.Field("from_transfer_id", $"is {fromNumber}; the last transfer is {last.LastNumber}.");

        var before = await db.Transfers.Where(transfer => transfer.Number == fromNumber - 1).Select(transfer => transfer.Hash).SingleOrDefaultAsync(cancel);
        var piece = new ArrayBufferWriter<byte>(PieceLength + 4_096);
        var (transfers, accounts) = (0L, 0L);
        LedgerFile.Write(piece, new LedgerLine.Header(fromNumber, before ?? LedgerChain.Beginning));
        await foreach (var transfer in db.Transfers.AsNoTracking().Where(row => row.Number >= fromNumber).OrderBy(row => row.Number).AsAsyncEnumerable().WithCancellation(cancel))
        {
            LedgerFile.Write(piece, new LedgerLine.Moved(transfer.ToRecord()));
            transfers++;
            if (piece.WrittenCount >= PieceLength) yield return Take(piece);
        }
        await foreach (var held in db.Accounts
            .FromSqlRaw("SELECT * FROM settlement.accounts ORDER BY name COLLATE \"C\"").AsNoTracking().AsAsyncEnumerable().WithCancellation(cancel))
        {
            LedgerFile.Write(piece, new LedgerLine.Held(held.Name, held.BalanceMicros, held.PendingOutMicros, held.PendingInMicros));
            accounts++;
            if (piece.WrittenCount >= PieceLength) yield return Take(piece);
        }
        LedgerFile.Write(piece, new LedgerLine.Footer(transfers, accounts, last.LastNumber, last.LastHash));
        yield return Take(piece);
    }

    private static string Take(ArrayBufferWriter<byte> piece)
    {
        var lines = Encoding.UTF8.GetString(piece.WrittenSpan);
        piece.ResetWrittenCount();
        return lines;
    }
}
