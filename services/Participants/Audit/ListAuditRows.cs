using ComputeExchange.Participants.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Participants.Audit;

/// <summary>Reads the audit log, newest first.</summary>
public sealed class ListAuditRowsHandler(ParticipantsDb db)
{
    /// <summary>The rows of one page.</summary>
    public Task<List<AuditRow>> Handle(int size, int skip, CancellationToken cancel) =>
        db.AuditRows.AsNoTracking().OrderByDescending(row => row.Number).Skip(skip).Take(size).ToListAsync(cancel);
}
