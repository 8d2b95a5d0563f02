using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ComputeExchange.Settlement.Domain;

/// <summary>What a participant names when paying in, so that the money is known for its own: <c>CX-7K3M-9QPA-X2WD-0F</c>.</summary>
/// <remarks>
/// The first 60 bits of the SHA-256 of the participant's id, and 10 bits by which a wrong or swapped character is found
/// (the remainder by a prime), in Crockford's base 32: no I, L, O or U, and what people write for them is understood.
/// </remarks>
public readonly record struct DepositReference(long Bits)
{
    private const string Prefix = "CX";
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int BodyLength = 12;
    private const int Length = BodyLength + 2;

    /// <summary>A prime below 2^10: no exchange of one character, or of two neighbours, keeps the remainder.</summary>
    private const long Modulus = 1021;

    /// <summary>A participant's.</summary>
    public static DepositReference Of(Guid participant)
    {
        Span<byte> id = stackalloc byte[16];
        participant.TryWriteBytes(id, bigEndian: true, out _);
        return OfHash(SHA256.HashData(id));
    }

    /// <summary>That of the participant whose id has this SHA-256, or the beginning of it.</summary>
    public static DepositReference OfHash(ReadOnlySpan<byte> hash) => new((long)(BinaryPrimitives.ReadUInt64BigEndian(hash) >> 4));

    /// <summary>Finds a reference in what a payer wrote; false if there is none whose check is right.</summary>
    public static bool TryFind(string text, [NotNullWhen(true)] out DepositReference? reference)
    {
        var plain = new string([.. text.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
        for (var at = plain.IndexOf(Prefix, StringComparison.Ordinal); at >= 0; at = plain.IndexOf(Prefix, at + 1, StringComparison.Ordinal))
        {
            if (!TryRead(plain.AsSpan(at + Prefix.Length), out var found)) continue;
            reference = found;
            return true;
        }
        reference = null;
        return false;
    }

    /// <inheritdoc />
    public override string ToString()
    {
        Span<char> written = stackalloc char[Length];
        Write(Bits, written[..BodyLength]);
        Write(Bits % Modulus, written[BodyLength..]);
        return $"{Prefix}-{written[..4]}-{written[4..8]}-{written[8..12]}-{written[12..]}";
    }

    private static bool TryRead(ReadOnlySpan<char> text, out DepositReference reference)
    {
        reference = default;
        if (text.Length < Length) return false;
        long bits = 0, check = 0;
        for (var i = 0; i < Length; i++)
        {
            var digit = Alphabet.IndexOf(text[i] switch { 'O' => '0', 'I' or 'L' => '1', var other => other }, StringComparison.Ordinal);
            if (digit < 0) return false;
            if (i < BodyLength) bits = (bits << 5) | (long)digit;
            else check = (check << 5) | (long)digit;
        }
        reference = new DepositReference(bits);
        return bits % Modulus == check;
    }

    private static void Write(long bits, Span<char> into)
    {
        for (var i = into.Length - 1; i >= 0; i--, bits >>= 5) into[i] = Alphabet[(int)(bits & 31)];
    }
}
