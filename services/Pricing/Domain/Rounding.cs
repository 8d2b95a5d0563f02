namespace ComputeExchange.Pricing.Domain;

/// <summary>The one way in which prices are rounded here: to the nearest, and half to even.</summary>
public static class Rounding
{
    /// <summary>$0.0001: what indexes are published in, in micro-dollars (rulebook section 4.1).</summary>
    public const long IndexStep = 100;

    /// <summary>The quotient of two numbers that are not negative, the divisor above 0.</summary>
    public static long HalfEven(Int128 dividend, Int128 divisor)
    {
        var (quotient, rest) = Int128.DivRem(dividend, divisor);
        var twice = rest * 2;
        return (long)(twice > divisor || (twice == divisor && !Int128.IsEvenInteger(quotient)) ? quotient + 1 : quotient);
    }

    /// <summary>The quotient at the step of the indexes.</summary>
    public static long ToIndexStep(Int128 dividend, Int128 divisor) => HalfEven(dividend, divisor * IndexStep) * IndexStep;
}
