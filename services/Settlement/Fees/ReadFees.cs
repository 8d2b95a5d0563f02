using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Fees;

/// <summary>What a participant pays: its rates in the engine, what they come from, and what the next tier asks.</summary>
public sealed class ReadFees(SettlementDb db, ExchangeClient exchange, TimeProvider clock)
{
    public async Task<GetFeesResponse> Of(Guid participant, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var (buyer, seller) = await Rates(participant, cancel);
        var volume = await Volume(participant, today, cancel);
        var schedule = await db.ScheduleOn(today, cancel);
        var code = await db.TaxCodes.AsNoTracking().Where(row => row.ParticipantId == participant).Select(row => row.TaxCode).SingleOrDefaultAsync(cancel) ?? "";
        return new GetFeesResponse
        {
            BuyerPpm = buyer,
            SellerPpm = seller,
            VolumeMicros = volume,
            Schedule = schedule?.ToProto(),
            NextTierMicros = schedule?.ToNext(volume) ?? 0,
            TaxCode = code,
            TaxPpm = (await db.TaxesOf([participant], cancel)).Of(participant, today)?.RatePpm ?? 0,
        };
    }

    /// <summary>What the engine stamps the next bid and the next offer with; whom it does not know yet, with the market's.</summary>
    private async Task<(int Buyer, int Seller)> Rates(Guid participant, CancellationToken cancel)
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10);
        var held = await exchange.Engine.GetHoldingsAsync(new GetHoldingsRequest { ParticipantId = participant.ToString() }, deadline: deadline, cancellationToken: cancel);
        if (held.Holdings.SingleOrDefault() is { } known) return (known.AuctionBuyerPpm, known.AuctionSellerPpm);
        var engine = await exchange.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), deadline: deadline, cancellationToken: cancel);
        return (engine.Settings.BuyerFeePpm, engine.Settings.SellerFeePpm);
    }

    /// <summary>As the day's tiers were computed with, or, where they were not, computed now.</summary>
    private async Task<long> Volume(Guid participant, DateOnly today, CancellationToken cancel) =>
        await db.ParticipantFees.AsNoTracking().SingleOrDefaultAsync(fees => fees.ParticipantId == participant, cancel) is { } known && known.Day == today
            ? known.VolumeMicros
            : (await db.VolumesBefore(today, cancel)).GetValueOrDefault(participant);
}
