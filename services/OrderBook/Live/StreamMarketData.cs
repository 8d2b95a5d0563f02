using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.Futures.MarketData;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.OrderBook.Live;

/// <summary>The market as it happens, to one reader.</summary>
public sealed class StreamMarketData(MarketTape tape, OrderBookDb db)
{
    /// <summary>Sends until the reader goes away.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is no such market or instrument. INVALID_ARGUMENT: no slot begins at that time. RESOURCE_EXHAUSTED: the reader is too slow.</exception>
    public async Task Send(StreamMarketDataRequest request, Caller caller, IServerStreamWriter<StreamMarketDataResponse> reader, CancellationToken cancel)
    {
        var slot = request.SlotTime is null ? (DateTimeOffset?)null : Refuse.ParseTime("slot_time", request.SlotTime);
        var slots = (await db.SettingsInForce(cancel)).Slots;
        if (slot is { } given && !slots.Begins(given))
            throw Refuse.Field("slot_time", $"is {given:u}, inside a slot: it begins at {slots.StartOf(given):u}.");
        if (request.Market.Length > 0 && !await db.Markets.AnyAsync(market => market.Market == request.Market, cancel))
            throw Refuse.NotFound($"There is no market '{request.Market}'; ListMarkets has them.");

        var levels = ReadBook.Levels(request.LevelCount);
        if (request.Instrument.Length > 0 && !await db.Instruments.AnyAsync(instrument => instrument.Name == request.Instrument, cancel))
            throw Refuse.NotFound($"There is no instrument '{request.Instrument}'; ListInstruments has them.");

        using var mine = tape.Read(caller.ParticipantId, request.Market, slot, request.Instrument, levels);
        await mine.SendTo(reader, cancel);
    }
}
