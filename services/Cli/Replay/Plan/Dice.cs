using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>Chance that repeats: SplitMix64 (Steele, Lea and Flood 2014), begun from a hash of the seed and a topic.</summary>
/// <remarks>Whole numbers only, and a stream of its own for each topic: a new topic changes no other.</remarks>
public sealed class Dice
{
    ulong _state;

    /// <summary>The stream of a topic.</summary>
    public Dice(string seed, string topic)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{topic}"), hash);
        _state = BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>A number from 0 up to but not including <paramref name="count"/>.</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(((UInt128)Next() * (uint)count) >> 64);
    }

    /// <summary>A number from one to another, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True in so many cases of a hundred.</summary>
    public bool Percent(int chance) => Below(100) < chance;

    /// <summary>A position in a list of weights, as likely as its weight.</summary>
    public int Weighted(IReadOnlyList<int> weights)
    {
        var drawn = Below(weights.Sum());
        var at = 0;
        while (drawn >= weights[at]) drawn -= weights[at++];
        return at;
    }

    /// <summary>Puts a list into another order.</summary>
    public void Shuffle<T>(IList<T> list)
    {
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
    }

    ulong Next()
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
