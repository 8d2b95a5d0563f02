using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Reconciliation;

/// <summary>Keeps what did not agree, stops money from leaving at a new break, and notes what agrees again.</summary>
public sealed class KeepBreaks(SettlementDb db, TimeProvider clock)
{
    /// <param name="through">The comparisons that were made whole: what they no longer find is cleared.</param>
    /// <param name="findings">What was found.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What was not known before, and all that stands now.</returns>
    public async Task<(IReadOnlyList<Break> News, IReadOnlyList<Break> Open)> Keep(IReadOnlyCollection<string> through, Findings findings, CancellationToken cancel)
    {
        var open = await db.Breaks.Where(known => known.ClearedTime == null).ToListAsync(cancel);
        if (open.Count == 0 && findings.Breaks.Count == 0) return ([], []);

        var now = clock.GetUtcNow();
        var news = new List<Break>();
        foreach (var found in findings.Breaks.DistinctBy(found => (found.Check, found.Subject)))
        {
            if (open.SingleOrDefault(known => known.Check == found.Check && known.Subject == found.Subject) is { } known)
            {
                if (known.Text != found.Text) known.Text = found.Text;
                continue;
            }
            news.Add(found);
            db.Breaks.Add(new BreakRow { Check = found.Check, Subject = found.Subject, Text = found.Text, FoundTime = now });
        }
        foreach (var known in open.Where(known => through.Contains(known.Check)))
            if (!findings.Breaks.Any(found => found.Check == known.Check && found.Subject == known.Subject)) known.ClearedTime = now;

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (news.Count > 0)
            await db.PaymentRules.Where(rules => rules.HaltedTime == null).ExecuteUpdateAsync(
                rules => rules.SetProperty(row => row.HaltedTime, now).SetProperty(row => row.HaltReason, "The ledger does not agree."), cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return (news, [.. news, .. open.Where(known => known.ClearedTime is null).Select(known => new Break(known.Check, known.Subject, known.Text))]);
    }
}
