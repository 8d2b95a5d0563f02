using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Hosting;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Seals what must not stand in the tables as it is: AES-256-GCM under a key of its own, derived from the service key.</summary>
/// <remarks>
/// What is sealed begins with the number of its key, so that the service key can be changed while older things can still be
/// opened, and it is bound to what it is for: what was sealed for one row opens in no other.
/// </remarks>
public sealed class Secrets
{
    private const int KeyNumberLength = 8;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly Dictionary<long, byte[]> _keys = [];
    private readonly long _current;

    /// <summary>Seals by the key of the service.</summary>
    public Secrets(ServiceOptions options)
        : this(options.ServiceKey)
    {
    }

    /// <summary>Seals by the first key, and opens by all of them.</summary>
    public Secrets(byte[] serviceKey, params byte[][] earlierKeys)
    {
        foreach (var key in earlierKeys) Add(key);
        _current = Add(serviceKey);
    }

    /// <summary>Seals bytes for one thing.</summary>
    /// <param name="plain">The secret.</param>
    /// <param name="what">What it is for, for example "workload 5f…".</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, string what)
    {
        var box = new byte[KeyNumberLength + NonceLength + TagLength + plain.Length];
        BinaryPrimitives.WriteInt64BigEndian(box, _current);
        var nonce = box.AsSpan(KeyNumberLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_keys[_current], TagLength);
        cipher.Encrypt(
            nonce, plain, box.AsSpan(KeyNumberLength + NonceLength + TagLength), box.AsSpan(KeyNumberLength + NonceLength, TagLength), Encoding.UTF8.GetBytes(what));
        return box;
    }

    /// <summary>Opens what was sealed for the same thing.</summary>
    /// <exception cref="CryptographicException">It was not, it was changed, or its key is not known any more.</exception>
    public byte[] Unseal(byte[] box, string what)
    {
        if (box.Length < KeyNumberLength + NonceLength + TagLength || !_keys.TryGetValue(BinaryPrimitives.ReadInt64BigEndian(box), out var key))
            throw new CryptographicException("It was sealed under a service key that is not known any more.");
        var plain = new byte[box.Length - KeyNumberLength - NonceLength - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Decrypt(
            box.AsSpan(KeyNumberLength, NonceLength), box.AsSpan(KeyNumberLength + NonceLength + TagLength),
            box.AsSpan(KeyNumberLength + NonceLength, TagLength), plain, Encoding.UTF8.GetBytes(what));
        return plain;
    }

    private long Add(byte[] serviceKey)
    {
        var number = BinaryPrimitives.ReadInt64BigEndian(HKDF.DeriveKey(HashAlgorithmName.SHA256, serviceKey, KeyNumberLength, info: "cx deliveries key number"u8.ToArray()));
        _keys[number] = HKDF.DeriveKey(HashAlgorithmName.SHA256, serviceKey, 32, info: "cx deliveries sealing"u8.ToArray());
        return number;
    }
}
