using System.Text.Json;
using ComputeExchange.Participants.Domain;
using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Audit;

/// <summary>The append-only, hash-chained log of who did what.</summary>
/// <remarks>
/// An act locks the end of the log before it looks at anything, and adds to it in its own transaction: so acts come one
/// after the other, rows have no gap, and of two equal requests the second finds what the first did. One transaction a scope.
/// </remarks>
public sealed class AuditLog(ParticipantsDb db, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Locks the end of the log until the transaction that is open ends.</summary>
    public Task Lock(CancellationToken cancel) => Head(cancel);

    /// <summary>Adds a row for what happens now.</summary>
    /// <param name="actor">A participant's id or a service's name.</param>
    /// <param name="act">What was done.</param>
    /// <param name="detail">On what and with which parameters; no personal data.</param>
    public Task Add(string actor, string act, object detail, CancellationToken cancel) =>
        Add(clock.GetUtcNow(), actor, act, JsonSerializer.Serialize(detail, Json), cancel);

    /// <summary>Adds a row for what happened elsewhere.</summary>
    public Task AddHeard(DateTimeOffset happened, string actor, string act, object detail, CancellationToken cancel) =>
        Add(happened, actor, act, JsonSerializer.Serialize(detail, Json), cancel);

    /// <summary>Adds a row whose detail is JSON already.</summary>
    public async Task Add(DateTimeOffset happened, string actor, string act, string detailJson, CancellationToken cancel)
    {
        var head = await Head(cancel);
        var entry = AuditChain.Next(head.LastNumber, head.LastHash, happened, actor, act, detailJson);
        (head.LastNumber, head.LastHash) = (entry.Number, entry.Hash);
        Measures.Audited();
        db.AuditRows.Add(new AuditRow
        {
            Number = entry.Number,
            HappenedTime = entry.HappenedTime,
            Actor = entry.Actor,
            Act = entry.Act,
            DetailJson = entry.DetailJson,
            Hash = entry.Hash,
        });
    }

    /// <summary>The first row that is not as it was written; null: all of them are.</summary>
    public async Task<BrokenEntry?> FindBroken(CancellationToken cancel)
    {
        var head = await db.AuditHead.AsNoTracking().SingleAsync(cancel);
        var rows = db.AuditRows.AsNoTracking().Where(row => row.Number <= head.LastNumber).OrderBy(row => row.Number)
            .Select(row => new AuditEntry(row.Number, row.HappenedTime, row.Actor, row.Act, row.DetailJson, row.Hash));
        return AuditChain.FirstBroken(rows.AsEnumerable(), head.LastNumber, head.LastHash);
    }

    private async Task<AuditHeadRow> Head(CancellationToken cancel)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("The audit log is written in the transaction of the act.");
        return db.AuditHead.Local.SingleOrDefault()
            ?? await db.AuditHead.FromSql($"SELECT * FROM participants.audit_head FOR UPDATE").SingleAsync(cancel);
    }
}
