using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Participants.V1;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Fees;

/// <summary>Keeps which tax each participant pays in its fees.</summary>
public sealed class KeepTaxCode(SettlementDb db) : IHear<TaxCodeChanged>       // Participants
{
    /// <inheritdoc />
    public async Task Hear(TaxCodeChanged happened, DateTimeOffset at, CancellationToken cancel)
    {
        var row = await db.TaxCodes.FindAsync([happened.ParticipantId], cancel);
        if (row is not null) row.TaxCode = happened.TaxCode;
        else db.TaxCodes.Add(new TaxCodeRow { ParticipantId = happened.ParticipantId, TaxCode = happened.TaxCode });
    }
}

/// <summary>What is known of taxes.</summary>
internal static class Taxes
{
    /// <summary>The taxes of some participants, with all the rates there were and are to come.</summary>
    public static async Task<TaxBook> TaxesOf(this SettlementDb db, IEnumerable<Guid> participants, CancellationToken cancel)
    {
        var ids = participants.Distinct().ToList();
        var codes = await db.TaxCodes.AsNoTracking()
            .Where(code => ids.Contains(code.ParticipantId) && code.TaxCode != "")
            .ToDictionaryAsync(code => code.ParticipantId, code => code.TaxCode, cancel);
        var known = codes.Values.Distinct().ToList();
        var rates = codes.Count == 0 ? [] : await db.TaxRates.AsNoTracking().Where(rate => known.Contains(rate.TaxCode)).ToListAsync(cancel);
        return new TaxBook(codes, rates.Select(rate => (rate.TaxCode, rate.FromDay, rate.RatePpm)));
    }

    /// <summary>A tax by its code and the rate of a UTC day; null where none is owed.</summary>
    public static async Task<FeeTax?> TaxOf(this SettlementDb db, string code, DateOnly day, CancellationToken cancel)
    {
        var rate = await db.TaxRates.AsNoTracking().Where(row => row.TaxCode == code && row.FromDay <= day)
            .OrderByDescending(row => row.FromDay).FirstOrDefaultAsync(cancel);
        return rate is { RatePpm: > 0 } ? new FeeTax(code, rate.RatePpm) : null;
    }
}
