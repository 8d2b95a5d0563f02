namespace ComputeExchange.Simulation.Time;

/// <summary>Chance that follows from a seed: the same throws on every machine and in every version of .NET.</summary>
internal sealed class Dice(ulong seed)
{
    private readonly ulong _origin = seed;
    private ulong _state = seed;

    /// <summary>Dice of their own, so that what one part throws does not change what another gets.</summary>
    public Dice Fork(string name)
    {
        unchecked
        {
            var hash = 14695981039346656037UL;
            foreach (var letter in name) hash = (hash ^ letter) * 1099511628211UL;
            return new Dice(Mixed(_origin) ^ hash);
        }
    }

    /// <summary>Any 64 bits.</summary>
    public ulong Bits()
    {
        unchecked
        {
            return Mixed(_state += 0x9E3779B97F4A7C15UL);
        }
    }

    /// <summary>From 0 to one below a bound.</summary>
    public int Below(int bound) => (int)(Bits() % (ulong)bound);

    /// <summary>From one number to another, both possible.</summary>
    public long Between(long least, long most) => least + (long)(Bits() % (ulong)(most - least + 1));

    /// <summary>A time from one to another.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => new(Between(least.Ticks, most.Ticks));

    /// <summary>A time that is mostly short and now and then long, up to a most.</summary>
    public TimeSpan Skewed(TimeSpan most)
    {
        var part = (Bits() >> 11) / (double)(1UL << 53);
        return new TimeSpan((long)(most.Ticks * part * part * part));
    }

    /// <summary>True once in so many times.</summary>
    public bool OnceIn(int times) => Below(times) == 0;

    /// <summary>True with a chance in parts of a million.</summary>
    public bool Millionths(int chance) => Below(1_000_000) < chance;

    /// <summary>One of several.</summary>
    public T OneOf<T>(IReadOnlyList<T> several) => several[Below(several.Count)];

    private static ulong Mixed(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
