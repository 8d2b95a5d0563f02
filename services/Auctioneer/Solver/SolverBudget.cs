namespace ComputeExchange.Solver;

/// <summary>How much work a solve may do before it answers with the best it has.</summary>
/// <param name="MaxNodes">
/// Units of search work over all markets: a node of the exact search, an attempt to place a block or a round of the bound is
/// one or more of them, and takes a few microseconds each. Reading the problem and the first answer are not counted.
/// </param>
/// <param name="Deadline">A last resort in wall time from the call; an answer that it cut short may differ from run to run.</param>
/// <param name="Clock">Measures <paramref name="Deadline"/>; the system's when null.</param>
/// <param name="Seed">Starts the generator that the local search draws from; same input, nodes and seed, same answer.</param>
public sealed record SolverBudget(
    long MaxNodes = SolverBudget.Live, TimeSpan? Deadline = null, TimeProvider? Clock = null, ulong Seed = 1)
{
    /// <summary>About a second, if it takes all of it.</summary>
    public const long Live = 400_000;

    /// <summary>Told whenever the answer in hand or the bound got better; welfare and bound in micro-dollars.</summary>
    public Action<SolverProgress>? Progress { get; init; }

    /// <summary>Prices to start from, by market and slot, null where none is known: the last run's make the first answer better. Part of the input: other prices may lead to another answer.</summary>
    public IReadOnlyList<IReadOnlyList<long?>>? StartPrices { get; init; }
}

/// <summary>Where a solve stands: an answer of so much welfare is in hand, and none is above the bound; micro-dollars.</summary>
public readonly record struct SolverProgress(long Welfare, long Bound);

/// <summary>What is left of a budget: counted down by the searches.</summary>
internal sealed class Allowance
{
    const int LooksAtTheClockEvery = 64;

    readonly TimeProvider? _clock;
    readonly long _until;
    long _left;
    long _nextLook;
    bool _late;

    public Allowance(long nodes, TimeProvider? clock = null, long until = long.MaxValue)
    {
        (_left, _clock, _until) = (Math.Max(0, nodes), clock, until);
        _nextLook = _left;
        LookAtTheClock();
    }

    /// <summary>Units left; 0 when the deadline has passed.</summary>
    public long Left => _late ? 0 : _left;

    public bool Exhausted => Left <= 0;

    /// <summary>Whether it was the clock that ended it.</summary>
    public bool IsLate => _late;

    /// <summary>Takes units; false when nothing was left.</summary>
    public bool Spend(long units = 1)
    {
        if (Exhausted) return false;
        _left = Math.Max(0, _left - units);
        if (_left <= _nextLook) LookAtTheClock();
        return true;
    }

    /// <summary>A part of what is left, for one stage: what the stage does not use stays here.</summary>
    public Allowance Share(long numerator, long denominator) =>
        new((long)((Int128)Left * numerator / denominator), _clock, ShareOfTime(numerator, denominator));

    /// <summary>Takes what a stage used of its share.</summary>
    public void Settle(Allowance share, long given) => Spend(Math.Max(1, given - share._left));

    long ShareOfTime(long numerator, long denominator)
    {
        if (_clock is null || _until == long.MaxValue) return _until;
        var now = _clock.GetTimestamp();
        return now + (long)((Int128)Math.Max(0, _until - now) * numerator / denominator);
    }

    void LookAtTheClock()
    {
        _nextLook = _left - LooksAtTheClockEvery;
        if (_clock is not null && _until != long.MaxValue && _clock.GetTimestamp() >= _until) _late = true;
    }
}
