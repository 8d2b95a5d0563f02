using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>How the market cuts time and prices, as far as it decides what of a node can be offered.</summary>
/// <param name="GateMinutes">How long before its start a slot closes.</param>
/// <param name="PromptMinutesMin">The least that must be left of the slot in progress for it to trade.</param>
public sealed record MarketGrid(int SlotMinutes, int GateMinutes, int PromptMinutesMin, int HorizonSlotCount, long TickMicros, long HighestMicros)
{
    /// <summary>What holds before an operator set anything, which the feed does not tell: the rulebook's defaults, section 8.1.</summary>
    public static readonly MarketGrid Untold = new(60, 10, 5, 72, 1_000, 50_000_000);

    /// <summary>The length of a slot.</summary>
    public TimeSpan Slot => TimeSpan.FromMinutes(SlotMinutes);

    /// <summary>As the engine told its settings; empty: it has told none.</summary>
    public static MarketGrid Of(byte[] settings)
    {
        if (settings.Length == 0) return Untold;
        var told = ChangeSettings.Parser.ParseFrom(settings);
        return new MarketGrid(
            told.SlotMinutes, told.GateMinutes, told.PromptMinutesMin, told.HorizonSlotCount, Math.Max(1, told.TickMicros), told.HighestPriceMicrosPerGpuHour);
    }

    /// <summary>The start of the slot that a time lies in.</summary>
    public DateTimeOffset StartOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % Slot.Ticks), TimeSpan.Zero);

    /// <summary>The first slot that is worth offering: the one in progress while enough of it is left to be sold, else the next.</summary>
    public DateTimeOffset FirstOffered(DateTimeOffset now) => StartOf(now) + (StartOf(now) + Slot - now >= TimeSpan.FromMinutes(PromptMinutesMin) ? TimeSpan.Zero : Slot);

    /// <summary>The first slot to come whose gate is open.</summary>
    public DateTimeOffset NextOpen(DateTimeOffset now) => StartOf(now + TimeSpan.FromMinutes(GateMinutes)) + Slot;

    /// <summary>The lowest allowed price not below one.</summary>
    public long RoundUp(long micros) => Math.Min((micros + TickMicros - 1) / TickMicros * TickMicros, HighestMicros / TickMicros * TickMicros);
}
