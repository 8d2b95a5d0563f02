using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Values.Delivery;

/// <summary>The seeded computation of a self-test and its digest: what a GPU that computes right and keeps what was written must answer.</summary>
/// <remarks>
/// Thread <c>t</c> begins with <c>x = seed + (t + 1) × Step</c> and mixes it <see cref="Rounds"/> times, <c>x = Mix(x + Step)</c>; its result
/// is the last <c>x</c>. Then the whole memory is filled with 64-bit words, word <c>i</c> being <c>a × i + b</c> with
/// <c>a = Mix(seed + 1) | 1</c> and <c>b = Mix(seed + 2)</c>, read back and summed. All arithmetic is modulo 2^64. The sum has a closed form, so that
/// 80 GB are checked here in no time; memory that is not there, or that lies over other memory, gives another sum.
/// The digest is the SHA-256 of: "cx-self-test-1", the seed (8 bytes), the threads' results (8 bytes each), the count of words (8), their sum (8),
/// all little endian. A right digest shows that it was computed right; that it was a GPU of the class shows in the time it took.
/// </remarks>
public static class ComputeCheck
{
    /// <summary>How many threads compute.</summary>
    public const int Threads = 65_536;

    /// <summary>How often each mixes.</summary>
    public const int Rounds = 64;

    /// <summary>The memory words' size, bytes.</summary>
    public const int WordLength = 8;

    /// <summary>What is added before each mixing.</summary>
    public const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>The first multiplier of <see cref="Mix"/>.</summary>
    public const ulong FirstFactor = 0xBF58476D1CE4E5B9;

    /// <summary>The second multiplier of <see cref="Mix"/>.</summary>
    public const ulong SecondFactor = 0x94D049BB133111EB;

    private static readonly byte[] Label = Encoding.ASCII.GetBytes("cx-self-test-1");

    /// <summary>The digest that must be answered for a seed and so much memory, hexadecimal.</summary>
    public static string Digest(ulong seed, long memoryBytes)
    {
        var results = new byte[Threads * sizeof(ulong)];
        for (var thread = 0; thread < Threads; thread++)
            BinaryPrimitives.WriteUInt64LittleEndian(results.AsSpan(thread * sizeof(ulong)), Result(seed, thread));
        return DigestOf(seed, results, memoryBytes, MemorySum(seed, memoryBytes));
    }

    /// <summary>The digest of what was computed and read back.</summary>
    public static string DigestOf(ulong seed, ReadOnlySpan<byte> results, long memoryBytes, ulong memorySum)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        hash.AppendData(Label);
        BinaryPrimitives.WriteUInt64LittleEndian(number, seed);
        hash.AppendData(number);
        hash.AppendData(results);
        BinaryPrimitives.WriteInt64LittleEndian(number, memoryBytes / WordLength);
        hash.AppendData(number);
        BinaryPrimitives.WriteUInt64LittleEndian(number, memorySum);
        hash.AppendData(number);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What one thread computes.</summary>
    public static ulong Result(ulong seed, int thread)
    {
        unchecked
        {
            var x = seed + ((ulong)thread + 1) * Step;
            for (var round = 0; round < Rounds; round++) x = Mix(x + Step);
            return x;
        }
    }

    /// <summary>The sum of the words that so much memory is filled with.</summary>
    public static ulong MemorySum(ulong seed, long memoryBytes)
    {
        var (factor, begin) = MemoryWords(seed);
        var words = (UInt128)(ulong)(memoryBytes / WordLength);
        if (words == 0) return 0;
        unchecked
        {
            return factor * (ulong)(words * (words - 1) / 2) + begin * (ulong)words;
        }
    }

    /// <summary>What memory is filled with: word <c>i</c> is <c>Factor × i + Begin</c>.</summary>
    public static (ulong Factor, ulong Begin) MemoryWords(ulong seed) => unchecked((Mix(seed + 1) | 1, Mix(seed + 2)));

    /// <summary>Mixes the bits of a number so that each depends on all.</summary>
    public static ulong Mix(ulong x)
    {
        unchecked
        {
            x = (x ^ (x >> 30)) * FirstFactor;
            x = (x ^ (x >> 27)) * SecondFactor;
            return x ^ (x >> 31);
        }
    }
}
