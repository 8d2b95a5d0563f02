using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.OrderBook.Futures;

/// <summary>The phases of an instrument, in the records' numbers and in words.</summary>
public static class Phases
{
    /// <summary>A phase by its number in the records, which begin at closed.</summary>
    public static InstrumentPhase Of(uint number) => (InstrumentPhase)(number + 1);

    /// <summary>A phase in a sentence: the instrument is …</summary>
    public static string Words(InstrumentPhase phase) => phase switch
    {
        InstrumentPhase.Closed => "closed",
        InstrumentPhase.OpeningCall => "in its opening auction",
        InstrumentPhase.Continuous => "open",
        InstrumentPhase.ClosingCall => "in its closing auction",
        InstrumentPhase.VolatilityCall => "in an auction after a fast move of the price",
        InstrumentPhase.Halted => "halted",
        _ => "not there",
    };
}
