using System.Globalization;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Words;

/// <summary>Futures prices as people write them: whole ticks, or with a dollar sign dollars for one lot.</summary>
public static class TickWords
{
    /// <summary>Reads a price of an instrument.</summary>
    public static long Ticks(string field, string text, Instrument instrument)
    {
        var tick = instrument.Terms.TickValueMicros;
        if (!text.StartsWith('$'))
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks > 0
                ? ticks
                : throw new InputException($"{field}: \"{text}\" is not a price: write whole ticks, for example {instrument.ReferenceTicks}, or dollars for one lot with a dollar sign, for example '{new Money(instrument.ReferenceTicks * tick)}'.");
        }
        if (!Money.TryParse(text, out var money) || money.Micros <= 0) throw new InputException($"{field}: \"{text}\" is not an amount of dollars above 0.");
        return money.Micros % tick == 0
            ? money.Micros / tick
            : throw new InputException($"{field}: {text} is no whole number of ticks of {new Money(tick)}: the nearest are {new Money(money.Micros / tick * tick)} and {new Money(((money.Micros / tick) + 1) * tick)}.");
    }
}
