using ComputeExchange.Values;

namespace ComputeExchange.Cli.Words;

/// <summary>Dollars as people write them, with up to six decimals, to whole micro-dollars.</summary>
public static class MoneyWords
{
    /// <summary>Reads a price for one GPU for one hour.</summary>
    public static Price Price(string field, string text)
    {
        if (!Money.TryParse(text, out var money))
            throw new InputException($"{field}: \"{text}\" is not a price: write dollars per GPU-hour with at most six decimals, for example 2.50.");
        return money.Micros >= 0
            ? new Price(money.Micros)
            : throw new InputException($"{field}: {text} is below 0: a price is 0 or more dollars per GPU-hour.");
    }

    /// <summary>Reads an amount above 0.</summary>
    public static Money Amount(string field, string text) => Money.TryParse(text, out var money) && money.Micros > 0
        ? money
        : throw new InputException($"{field}: \"{text}\" is not an amount above 0: write dollars with at most six decimals, for example 250.00.");
}
