using ComputeExchange.Cli.Output;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands.Futures;

/// <summary>How the things of the futures market are shown.</summary>
public static class FuturesRows
{
    /// <summary>Instruments.</summary>
    public static Sheet<Instrument> Instruments => new Sheet<Instrument>("instruments", "No instruments yet: an operator lists them with cx instrument define.")
        .Text("Instrument", "instrument", row => row.Terms.Name)
        .Number("Index", "instrument_index", row => row.InstrumentIndex)
        .Word("Phase", "phase", row => row.Phase)
        .Time("Until", "phase_until_time", row => row.PhaseUntilTime)
        .Count("Last", "last_price_ticks", row => row.LastPriceTicks == 0 ? null : row.LastPriceTicks)
        .Count("Reference", "reference_ticks", row => row.ReferenceTicks)
        .Money("Tick", "tick_value_micros", row => row.Terms.TickValueMicros)
        .Money("Reference, 1 lot", "reference_micros_per_lot", row => row.ReferenceTicks * row.Terms.TickValueMicros)
        .Count("Auction price", "indicative_price_ticks", row => row.IndicativePriceTicks == 0 ? null : row.IndicativePriceTicks)
        .Count("Auction lots", "indicative_lot_count", row => row.IndicativeLotCount == 0 ? null : row.IndicativeLotCount)
        .Money("Margin, 1 lot", "margin_micros_per_lot", row => row.Terms.MarginMicrosPerLot)
        .Ppm("Band", "band_ppm", row => row.Terms.BandPpm)
        .Count("Open lots", "open_interest_lot_count", row => row.OpenInterestLotCount);

    /// <summary>Orders.</summary>
    public static Sheet<FuturesOrder> Orders => new Sheet<FuturesOrder>("futures_orders", "No futures orders.")
        .Number("Order", "order_id", row => row.OrderId)
        .Number("Your id", "client_order_id", row => row.ClientOrderId)
        .Text("Instrument", "instrument", row => row.Instrument)
        .Word("Side", "side", row => row.Side)
        .Word("Type", "type", row => row.Type)
        .Word("Stands", "time_in_force", row => row.TimeInForce)
        .Count("Lots", "lot_count", row => row.LotCount)
        .Count("Filled", "filled_lot_count", row => row.FilledLotCount)
        .Count("Open", "open_lot_count", row => row.OpenLotCount)
        .Count("Price", "price_ticks", row => row.PriceTicks == 0 ? null : row.PriceTicks)
        .Money("Price, 1 lot", "price_micros_per_lot", row => row.PriceTicks == 0 ? null : row.PriceMicrosPerLot)
        .Count("Stop", "stop_price_ticks", row => row.StopPriceTicks == 0 ? null : row.StopPriceTicks)
        .Word("State", "state", row => row.State)
        .Text("Because", "cancel_reason", row => row.CancelReason == 0 ? null : Show.Word(row.CancelReason))
        .Money("Filled at", "mean_price_micros_per_lot", row => row.FilledLotCount == 0 ? null : row.MeanPriceMicrosPerLot)
        .Time("Placed", "placed_time", row => row.PlacedTime);

    /// <summary>Positions.</summary>
    public static Sheet<FuturesPosition> Positions => new Sheet<FuturesPosition>("positions", "No positions.")
        .Text("Instrument", "instrument", row => row.Instrument)
        .Count("Lots", "lot_count", row => row.LotCount)
        .Money("Entered at", "entry_price_micros_per_lot", row => row.LotCount == 0 ? null : row.EntryPriceMicrosPerLot)
        .Money("Now at", "mark_price_micros_per_lot", row => row.MarkPriceMicrosPerLot)
        .Money("Open gain", "open_gain_micros", row => row.OpenGainMicros)
        .Money("Closed gain", "closed_gain_micros", row => row.ClosedGainMicros)
        .Count("Bought", "bought_lot_count", row => row.BoughtLotCount)
        .Count("Sold", "sold_lot_count", row => row.SoldLotCount)
        .Text("Participant", "participant_id", row => row.ParticipantId);

    /// <summary>Trades.</summary>
    public static Sheet<FuturesTrade> Trades => new Sheet<FuturesTrade>("trades", "Nothing traded yet.")
        .Number("Trade", "trade_id", row => row.TradeId)
        .Text("Instrument", "instrument", row => row.Instrument)
        .Word("Side", "side", row => row.Side)
        .Count("Lots", "lot_count", row => row.LotCount)
        .Count("Price", "price_ticks", row => row.PriceTicks)
        .Money("Price, 1 lot", "price_micros_per_lot", row => row.PriceMicrosPerLot)
        .Money("Value", "value_micros", row => row.ValueMicros)
        .Flag("Busted", "busted", row => row.Busted)
        .Time("When", "happened_time", row => row.HappenedTime)
        .Add("Order", "order_id", row => row.OrderId == 0 ? "" : row.OrderId.ToString(System.Globalization.CultureInfo.InvariantCulture), row => row.OrderId, isNumber: true);

    /// <summary>One side of a book.</summary>
    public static Sheet<BookLevel> Levels(string name, string whenEmpty, string side) => new Sheet<BookLevel>(name, whenEmpty)
        .Count(side, "price_ticks", level => level.PriceTicks)
        .Money("1 lot", "price_micros_per_lot", level => level.PriceMicrosPerLot)
        .Count("Lots", "lot_count", level => level.LotCount)
        .Count("Orders", "order_count", level => level.OrderCount);
}
