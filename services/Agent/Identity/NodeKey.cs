using System.Security.Cryptography;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Identity;

/// <summary>The node's own key, ECDSA over P-256: made on the host, and never leaves it.</summary>
public sealed class NodeKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _signing = new();

    private NodeKey(ECDsa key) => _key = key;

    /// <summary>The public half: SubjectPublicKeyInfo in DER.</summary>
    public byte[] Public => _key.ExportSubjectPublicKeyInfo();

    /// <summary>The key in a state folder, made if there is none.</summary>
    public static NodeKey OpenOrMake(StateFolder state)
    {
        if (File.Exists(state.KeyFile)) return Open(state);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        StateFolder.Write(state.KeyFile, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        return new NodeKey(key);
    }

    /// <summary>The key in a state folder.</summary>
    /// <exception cref="AgentTroubleException">There is none, or it cannot be read.</exception>
    public static NodeKey Open(StateFolder state)
    {
        if (!File.Exists(state.KeyFile)) throw new AgentTroubleException($"{state.KeyFile} is missing: this host is no node. Enrol it with `cx-agent enrol`.");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(state.KeyFile));
            return new NodeKey(key);
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new AgentTroubleException($"{state.KeyFile} is not a key. Restore it, or enrol this host anew with a new --state folder.", unreadable);
        }
    }

    /// <summary>A signature over the SHA-256 of bytes, IEEE P1363.</summary>
    public byte[] Sign(ReadOnlySpan<byte> bytes)
    {
        lock (_signing) return _key.SignData(bytes, HashAlgorithmName.SHA256);
    }

    public void Dispose() => _key.Dispose();
}
